import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layered, type Link } from '../../engine/report/lineage-layers.ts';
import { layOut, nearestInOrder } from '../../engine/report/lineage-layout.ts';

interface Graph {
  readonly names: readonly string[];
  readonly edges: readonly Link[];
}

/** Graphs whose edges lead from earlier names to later ones, as topological orders have it. */
const GRAPHS = fc
  .integer({ min: 1, max: 40 })
  .chain((size) =>
    fc.tuple(
      fc.constant(size),
      fc.uniqueArray(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), {
        maxLength: 120,
        selector: ([a, b]) => `${a} ${b}`,
      }),
    ),
  )
  .map(([size, pairs]): Graph => ({
    names: Array.from({ length: size }, (_, at) => `n${at}`),
    edges: pairs.filter(([a, b]) => a < b).map(([a, b]) => [`n${a}`, `n${b}`]),
  }));

const wide = (name: string) => 60 + 10 * name.length;

/** Pairs of links between neighbouring layers that cross, counted the slow way. */
function crossingsOf({ layers, links }: ReturnType<typeof layered>): number {
  const place = new Map(
    layers.flatMap((layer, number) => layer.map(({ key }, at) => [key, [number, at]] as const)),
  );
  const drawn = links.map(([from, to]) => [place.get(from) ?? [], place.get(to) ?? []] as const);
  return drawn.filter(([a, b], at) =>
    drawn.some(
      ([c, d], other) => other > at && a[0] === c[0] && (a[1]! - c[1]!) * (b[1]! - d[1]!) < 0,
    ),
  ).length;
}

describe('layers', () => {
  test('an asset stands one layer behind the last of those that it reads', () => {
    const { layers } = layered(
      ['a', 'b', 'c', 'd'],
      [
        ['a', 'b'],
        ['b', 'c'],
        ['a', 'd'],
        ['c', 'd'],
      ],
    );
    const assets = layers.map((layer) =>
      layer.filter(({ isPassage }) => !isPassage).map(({ key }) => key),
    );
    expect(assets).toEqual([['a'], ['b'], ['c'], ['d']]);
  });

  test('edges of one asset share the passages through the layers that they skip', () => {
    const { layers, routes } = layered(
      ['a', 'b', 'c', 'd', 'e'],
      [
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'd'],
        ['c', 'e'],
        ['a', 'd'],
        ['a', 'e'],
      ],
    );
    const passages = layers.map((layer) => layer.filter(({ isPassage }) => isPassage).length);
    expect(passages).toEqual([0, 1, 1, 0]);
    expect(routes[4]?.slice(0, 3)).toEqual(routes[5]?.slice(0, 3));
    expect(routes[4]?.at(-1)).toBe('d');
  });

  test('are ordered so that what can be drawn without a crossing is', () => {
    const edges: Link[] = [
      ['a', 'z'],
      ['b', 'y'],
      ['c', 'x'],
    ];
    const ordered = layered(['a', 'b', 'c', 'x', 'y', 'z'], edges);
    expect(crossingsOf(ordered)).toBe(0);
    expect(ordered.layers[1]?.map(({ key }) => key)).toEqual(['z', 'y', 'x']);
  });

  test('every edge goes through each layer from its start to its end', () => {
    fc.assert(
      fc.property(GRAPHS, ({ names, edges }) => {
        const { layers, routes } = layered(names, edges);
        const layerOf = new Map(layers.flatMap((layer, at) => layer.map(({ key }) => [key, at])));
        for (const [at, [from, to]] of edges.entries()) {
          const route = routes[at] ?? [];
          expect([route[0], route.at(-1)]).toEqual([from, to]);
          const first = layerOf.get(from) ?? -1;
          expect(route.map((key) => layerOf.get(key))).toEqual(route.map((_, n) => first + n));
        }
        const assets = layers.flat().filter(({ isPassage }) => !isPassage);
        expect(assets.map(({ key }) => key).sort()).toEqual(names.toSorted());
      }),
      { seed: 7, numRuns: 60 },
    );
  });
});

describe('the layout', () => {
  test('nothing overlaps, everything is on the page, and edges lead to the right', () => {
    fc.assert(
      fc.property(GRAPHS, ({ names, edges }) => {
        const { width, height, nodes, paths } = layOut(names, edges, wide);
        expect(nodes.map(({ name }) => name)).toEqual(names);
        for (const [at, a] of nodes.entries()) {
          expect(
            Math.min(a.x, a.y, width - a.x - a.width, height - a.y - a.height),
          ).toBeGreaterThan(0);
          for (const b of nodes.slice(at + 1)) {
            const apart =
              a.x + a.width < b.x ||
              b.x + b.width < a.x ||
              a.y + a.height < b.y ||
              b.y + b.height < a.y;
            expect(apart, `${a.name} and ${b.name}`).toBe(true);
          }
        }
        const byName = new Map(nodes.map((node) => [node.name, node]));
        for (const [at, [from, to]] of edges.entries()) {
          const [a, b] = [byName.get(from), byName.get(to)];
          expect(a!.x + a!.width).toBeLessThan(b!.x);
          expect(paths[at]).toMatch(new RegExp(`^M${a!.x + a!.width} ${a!.y + 20}[HC]`));
          expect(paths[at]).toMatch(new RegExp(` ${b!.x} ${b!.y + 20}$`));
        }
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  test('an edge that skips a layer runs beside the assets there, not through them', () => {
    const { nodes, paths } = layOut(
      ['a', 'b', 'c'],
      [
        ['a', 'b'],
        ['b', 'c'],
        ['a', 'c'],
      ],
      wide,
    );
    const b = nodes[1]!;
    const level = Number(/H(\d+)C\d+ (\d+)/.exec(paths[2]?.slice(1) ?? '')?.[2]);
    expect(level < b.y || level > b.y + b.height).toBe(true);
  });

  test('a graph comes out the same every time', () => {
    const [graph] = fc.sample(GRAPHS, { seed: 3, numRuns: 1 });
    const draw = () => layOut(graph!.names, graph!.edges, wide);
    expect(draw()).toEqual(draw());
  });

  test('a chain is drawn at one height, and lone assets close together', () => {
    const chain = layOut(
      ['a', 'b', 'c'],
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
      wide,
    );
    expect(new Set(chain.nodes.map(({ y }) => y)).size).toBe(1);
    const lone = layOut(['a', 'b', 'c'], [], wide);
    expect(lone.nodes.map(({ y }) => y)).toEqual([12, 66, 120]);
  });

  test('chains beside each other stay straight and close, and a reader stands amid what it reads', () => {
    const edges: Link[] = [
      ['a', 'b'],
      ['c', 'd'],
      ['b', 'e'],
      ['d', 'e'],
    ];
    const { nodes } = layOut(['a', 'c', 'b', 'd', 'e'], edges, wide);
    const y = Object.fromEntries(nodes.map((node) => [node.name, node.y]));
    expect(y).toEqual({ a: 12, b: 12, c: 66, d: 66, e: 39 });
  });

  test('no assets need no room', () => {
    expect(layOut([], [], wide)).toMatchObject({ nodes: [], paths: [] });
    expect(Number.isFinite(layOut([], [], wide).height)).toBe(true);
  });
});

test('values in the wrong order take their mean', () => {
  expect(nearestInOrder([1, 2, 3])).toEqual([1, 2, 3]);
  expect(nearestInOrder([3, 1, 5])).toEqual([2, 2, 5]);
  expect(nearestInOrder([4, 3, 2, 9])).toEqual([3, 3, 3, 9]);
});
