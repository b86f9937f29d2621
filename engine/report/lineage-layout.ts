import { layered, type Layering, type Link, type Slot } from './lineage-layers.ts';

/** Where an asset is drawn, in pixels from the upper left corner. */
export interface PlacedNode {
  readonly name: string;
  /** Number of its layer, from 0. */
  readonly layer: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** In topological order. */
  readonly nodes: readonly PlacedNode[];
  /** The path of each edge as SVG has it, by the edge's place in the list. */
  readonly paths: readonly string[];
}

const NODE_HEIGHT = 40;
const PASSAGE_HEIGHT = 4;
const BETWEEN_SLOTS = 14;
const BETWEEN_LAYERS = 64;
const MARGIN = 12;
const ROUNDS = 24;

/** Draws layers from left to right; an asset is as wide as `widthOf` says, at a height close to its neighbours. */
export function layOut(
  names: readonly string[],
  edges: readonly Link[],
  widthOf: (name: string) => number,
): Layout {
  const layering = layered(names, edges);
  const middles = middlesOf(layering);
  const columns = columnsOf(layering, widthOf);
  const placed = new Map<string, PlacedNode>();
  for (const [layer, slots] of layering.layers.entries()) {
    for (const { key, isPassage } of slots) {
      if (isPassage) continue;
      const y = Math.round((middles.get(key) ?? 0) - NODE_HEIGHT / 2);
      const x = columns[layer]?.left ?? 0;
      placed.set(key, { name: key, layer, x, y, width: widthOf(key), height: NODE_HEIGHT });
    }
  }
  const lowest = Math.max(0, ...middles.values()) + NODE_HEIGHT / 2;
  return {
    width: (columns.at(-1)?.right ?? 0) + MARGIN,
    height: Math.ceil(lowest + MARGIN),
    nodes: names.flatMap((name) => placed.get(name) ?? []),
    paths: layering.routes.map((route) => pathOf(route, { placed, middles, columns })),
  };
}

/** The left and right end of a layer. */
interface Span {
  readonly left: number;
  readonly right: number;
}

function columnsOf({ layers }: Layering, widthOf: (name: string) => number): readonly Span[] {
  let left = MARGIN;
  return layers.map((slots) => {
    const widths = slots.map(({ owner, isPassage }) => (isPassage ? 0 : widthOf(owner)));
    const right = left + Math.max(0, ...widths);
    const span = { left, right };
    left = right + BETWEEN_LAYERS;
    return span;
  });
}

/**
 * The middle of every slot: by turns each layer moves to where its neighbours are, as far as order and distances
 * allow. The topmost node touches the margin.
 */
function middlesOf({ layers, links }: Layering): ReadonlyMap<string, number> {
  const middles = new Map<string, number>();
  for (const layer of layers) {
    const offsets = offsetsOf(layer);
    const half = (offsets.at(-1) ?? 0) / 2;
    for (const [at, { key }] of layer.entries()) middles.set(key, (offsets[at] ?? 0) - half);
  }
  const both = links.flatMap(([from, to]): Link[] => [
    [from, to],
    [to, from],
  ]);
  const around = Map.groupBy(both, ([key]) => key);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const layer of round % 2 === 0 ? layers : layers.toReversed()) {
      const wanted = layer.map(({ key }) => {
        const found = (around.get(key) ?? []).flatMap(([, other]) => middles.get(other) ?? []);
        return found.length === 0 ? undefined : meanOf(found);
      });
      const offsets = offsetsOf(layer);
      const moved = nearestInOrder(shifted(wanted, offsets));
      for (const [at, { key }] of layer.entries()) {
        middles.set(key, (moved[at] ?? 0) + (offsets[at] ?? 0));
      }
    }
  }
  const top = Math.min(...middles.values()) - NODE_HEIGHT / 2 - MARGIN;
  return new Map([...middles].map(([key, middle]) => [key, middle - top]));
}

/** The wanted places without the distances; who wants none stays close to the one above. */
function shifted(
  wanted: readonly (number | undefined)[],
  offsets: readonly number[],
): readonly number[] {
  const places = wanted.map((value, at) =>
    value === undefined ? undefined : value - (offsets[at] ?? 0),
  );
  let last = places.find((place) => place !== undefined) ?? 0;
  return places.map((place) => {
    last = place ?? last;
    return last;
  });
}

/** How far below the first slot of a layer each is at least. */
function offsetsOf(layer: readonly Slot[]): readonly number[] {
  let end = 0;
  return layer.map(({ isPassage }, at) => {
    const half = (isPassage ? PASSAGE_HEIGHT : NODE_HEIGHT) / 2;
    const middle = at === 0 ? 0 : end + BETWEEN_SLOTS + half;
    end = middle + half;
    return middle;
  });
}

/** The values that never fall and are closest to the given ones: neighbours in the wrong order take their mean. */
export function nearestInOrder(values: readonly number[]): readonly number[] {
  const blocks: { sum: number; count: number }[] = [];
  for (const value of values) {
    let block = { sum: value, count: 1 };
    for (let last = blocks.at(-1); last !== undefined; last = blocks.at(-1)) {
      if (last.sum / last.count <= block.sum / block.count) break;
      block = { sum: last.sum + block.sum, count: last.count + block.count };
      blocks.pop();
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count));
}

interface Places {
  readonly placed: ReadonlyMap<string, PlacedNode>;
  readonly middles: ReadonlyMap<string, number>;
  readonly columns: readonly Span[];
}

/** From the right side of what is read to the left side of what reads it, straight through passages. */
function pathOf(route: readonly string[], { placed, middles, columns }: Places): string {
  const [first = ''] = route;
  const start = placed.get(first);
  if (start === undefined) return '';
  let x = start.x + start.width;
  let y = Math.round(middles.get(first) ?? 0);
  let path = `M${x} ${y}`;
  for (const [at, key] of route.entries()) {
    if (at === 0) continue;
    const span = columns[start.layer + at];
    if (span === undefined) continue;
    const down = Math.round(middles.get(key) ?? 0);
    // Nodes of a layer differ in width: the curve begins where the layer ends.
    const from = columns[start.layer + at - 1]?.right ?? x;
    const bend = Math.round((span.left - from) / 2);
    if (from > x) path += `H${from}`;
    path += `C${from + bend} ${y} ${span.left - bend} ${down} ${span.left} ${down}`;
    x = span.left;
    y = down;
  }
  return path;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
