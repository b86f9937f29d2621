/** A directed graph of named nodes; knows nothing of assets. Edges point from what is read to what reads it. */
export class Dag {
  readonly #parents = new Map<string, string[]>();
  readonly #children = new Map<string, string[]>();

  addNode(name: string): void {
    if (this.#parents.has(name)) return;
    this.#parents.set(name, []);
    this.#children.set(name, []);
  }

  /** Adds the edge once, and its ends when they are new. */
  addEdge(parent: string, child: string): void {
    this.addNode(parent);
    this.addNode(child);
    const parents = this.#parents.get(child);
    if (parents === undefined || parents.includes(parent)) return;
    parents.push(parent);
    this.#children.get(parent)?.push(child);
  }

  get nodes(): readonly string[] {
    return [...this.#parents.keys()];
  }

  has(name: string): boolean {
    return this.#parents.has(name);
  }

  parents(name: string): readonly string[] {
    return this.#parents.get(name) ?? [];
  }

  children(name: string): readonly string[] {
    return this.#children.get(name) ?? [];
  }

  /** Everything that leads to a node within a number of steps, without the node itself. */
  ancestors(name: string, depth = Infinity): ReadonlySet<string> {
    return reach(name, depth, (node) => this.parents(node));
  }

  /** Everything that a node leads to within a number of steps, without the node itself. */
  descendants(name: string, depth = Infinity): ReadonlySet<string> {
    return reach(name, depth, (node) => this.children(node));
  }
}

function reach(
  start: string,
  depth: number,
  next: (node: string) => readonly string[],
): ReadonlySet<string> {
  const found = new Set<string>();
  let frontier: readonly string[] = [start];
  for (let step = 0; step < depth && frontier.length > 0; step++) {
    const following: string[] = [];
    for (const node of frontier) {
      for (const other of next(node)) {
        if (other === start || found.has(other)) continue;
        found.add(other);
        following.push(other);
      }
    }
    frontier = following;
  }
  return found;
}
