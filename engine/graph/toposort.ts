import type { Dag } from './dag.ts';

export type Toposort =
  | { readonly type: 'sorted'; readonly order: readonly string[] }
  /** The nodes of one cycle in edge order; the first is repeated at the end. */
  | { readonly type: 'cycle'; readonly trail: readonly string[] };

/** Parents before children; among the nodes that are ready the alphabetically first comes first. */
export function toposort(dag: Dag): Toposort {
  const waiting = new Map(dag.nodes.map((node) => [node, dag.parents(node).length]));
  const ready = new ReadyQueue(dag.nodes.filter((node) => waiting.get(node) === 0));
  const order: string[] = [];
  for (let node = ready.take(); node !== undefined; node = ready.take()) {
    order.push(node);
    for (const child of dag.children(node)) {
      const left = (waiting.get(child) ?? 0) - 1;
      waiting.set(child, left);
      if (left === 0) ready.add(child);
    }
  }
  if (order.length === waiting.size) return { type: 'sorted', order };
  const stuck = new Set(dag.nodes);
  for (const node of order) stuck.delete(node);
  return { type: 'cycle', trail: findCycle(dag, stuck) };
}

/** Names in ascending order, one at a time (a binary heap). */
class ReadyQueue {
  readonly #heap: string[] = [];

  constructor(names: readonly string[]) {
    for (const name of names) this.add(name);
  }

  add(name: string): void {
    const heap = this.#heap;
    let index = heap.push(name) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (this.#at(above) <= name) break;
      heap[index] = this.#at(above);
      index = above;
    }
    heap[index] = name;
  }

  take(): string | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && this.#at(below + 1) < this.#at(below)) below++;
      if (this.#at(below) >= last) break;
      heap[index] = this.#at(below);
      index = below;
    }
    heap[index] = last;
    return first;
  }

  #at(index: number): string {
    return this.#heap[index] ?? '';
  }
}

/** Every stuck node has a stuck parent, so walking up from any of them must meet itself. */
function findCycle(dag: Dag, stuck: ReadonlySet<string>): string[] {
  const walked: string[] = [];
  let node = [...stuck].sort()[0];
  while (node !== undefined && !walked.includes(node)) {
    walked.push(node);
    node = dag
      .parents(node)
      .filter((parent) => stuck.has(parent))
      .sort()[0];
  }
  if (node === undefined) throw new Error('Internal error: no cycle in a graph without an order');
  const cycle = walked.slice(walked.indexOf(node)).reverse();
  const smallest = cycle.indexOf([...cycle].sort()[0] ?? '');
  const rotated = [...cycle.slice(smallest), ...cycle.slice(0, smallest)];
  return [...rotated, ...rotated.slice(0, 1)];
}
