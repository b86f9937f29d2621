/** From one key to another. */
export type Link = readonly [from: string, to: string];

/** A place in a layer: an asset, or where the edges of an asset pass by on their way to a later layer. */
export interface Slot {
  readonly key: string;
  /** The asset that stands here, or whose edges pass. */
  readonly owner: string;
  readonly isPassage: boolean;
}

/** Assets by how many others lie before them, in an order with few crossings. */
export interface Layering {
  readonly layers: readonly (readonly Slot[])[];
  /** Between slots of neighbouring layers. */
  readonly links: readonly Link[];
  /** Of each edge, by its place in the list: the slots from its first layer to its last. */
  readonly routes: readonly (readonly string[])[];
}

const SWEEPS = 24;

/**
 * Puts every asset one layer behind the last of those that it reads, and orders the layers so that few edges cross.
 * Edges that skip layers go through passages; all edges of one asset share theirs. The same graph comes out the same.
 * @param names in topological order
 */
export function layered(names: readonly string[], edges: readonly Link[]): Layering {
  const layerByName = longestPaths(names, edges);
  const layers: Slot[][] = [];
  for (const owner of names) {
    (layers[layerByName.get(owner) ?? 0] ??= []).push({ key: owner, owner, isPassage: false });
  }
  const links = new Map<string, Link>();
  const passages = new Set<string>();
  const routes = edges.map(([from, to]) => {
    const first = layerByName.get(from) ?? 0;
    const last = layerByName.get(to) ?? 0;
    const route = [from];
    for (let layer = first + 1; layer < last; layer += 1) {
      const key = passageKey(from, layer);
      route.push(key);
      if (passages.has(key)) continue;
      passages.add(key);
      layers[layer]?.push({ key, owner: from, isPassage: true });
    }
    route.push(to);
    for (const [at, key] of route.slice(1).entries()) {
      const before = route[at] ?? from;
      links.set(`${before} > ${key}`, [before, key]);
    }
    return route;
  });
  return {
    layers: withFewCrossings(layers, [...links.values()]),
    links: [...links.values()],
    routes,
  };
}

/** Names of assets hold no blank, so that nothing is called like a passage. */
function passageKey(owner: string, layer: number): string {
  return `${owner} ${layer}`;
}

function longestPaths(names: readonly string[], edges: readonly Link[]): Map<string, number> {
  const incoming = Map.groupBy(edges, ([, to]) => to);
  const layerByName = new Map<string, number>();
  for (const name of names) {
    const before = (incoming.get(name) ?? []).map(([from]) => layerByName.get(from) ?? 0);
    layerByName.set(name, before.length === 0 ? 0 : Math.max(...before) + 1);
  }
  return layerByName;
}

/** Barycentre heuristic: forwards and backwards by turns, each slot to the mean place of its neighbours. */
function withFewCrossings(start: readonly Slot[][], links: readonly Link[]): readonly Slot[][] {
  const before = neighbours(links.map(([from, to]) => [to, from]));
  const after = neighbours(links);
  let best = start;
  let fewest = crossings(start, after);
  let now = start;
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep += 1) {
    now = sweep % 2 === 0 ? swept(now, before) : swept(now.toReversed(), after).toReversed();
    const count = crossings(now, after);
    if (count >= fewest) continue;
    best = now;
    fewest = count;
  }
  return best;
}

function neighbours(links: readonly Link[]): ReadonlyMap<string, readonly string[]> {
  const byKey = Map.groupBy(links, ([key]) => key);
  return new Map([...byKey].map(([key, of]) => [key, of.map(([, other]) => other)]));
}

/** The layers in the order given, each sorted by its neighbours in the one before it. */
function swept(
  layers: readonly Slot[][],
  fixed: ReadonlyMap<string, readonly string[]>,
): readonly Slot[][] {
  let places = new Map<string, number>();
  return layers.map((layer) => {
    const wanted = layer.map((slot, at) => {
      const found = (fixed.get(slot.key) ?? []).flatMap((key) => places.get(key) ?? []);
      return { slot, at: found.length === 0 ? at : mean(found) };
    });
    const sorted = wanted.sort((a, b) => a.at - b.at).map(({ slot }) => slot);
    places = placesOf(sorted);
    return sorted;
  });
}

function placesOf(layer: readonly Slot[]): Map<string, number> {
  return new Map(layer.map((slot, at) => [slot.key, at]));
}

/** How many pairs of links cross. */
export function crossings(
  layers: readonly (readonly Slot[])[],
  after: ReadonlyMap<string, readonly string[]>,
): number {
  let count = 0;
  for (const [at, layer] of layers.entries()) {
    const places = placesOf(layers[at + 1] ?? []);
    const ends: number[] = [];
    for (const { key } of layer) {
      const own = (after.get(key) ?? []).flatMap((other) => places.get(other) ?? []);
      // Links of one slot do not cross each other: counted before any of them is added.
      for (const end of own) count += ends.filter((other) => other > end).length;
      ends.push(...own);
    }
  }
  return count;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
