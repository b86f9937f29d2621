import { expect, test } from 'vitest';
import { unsafeAssetName } from '../../engine/ids.ts';
import { graphOf } from './graph-of.ts';

const name = unsafeAssetName;

const GRAPH = graphOf({
  raw: { kind: 'source' },
  left: { upstream: ['raw'] },
  right: { upstream: ['raw'] },
  end: { upstream: ['left', 'right'] },
  alone: {},
});

test('edges are known from both ends', () => {
  expect(GRAPH.upstream(name('end')).map((edge) => edge.asset)).toEqual(['left', 'right']);
  expect(GRAPH.downstream(name('raw')).map(({ asset, edge }) => [asset.name, edge.asset])).toEqual([
    ['left', 'raw'],
    ['right', 'raw'],
  ]);
  expect(GRAPH.downstream(name('end'))).toEqual([]);
});

test('ancestors and descendants leave out the asset itself, and stop at a depth', () => {
  expect([...GRAPH.ancestors(name('end'))].sort()).toEqual(['left', 'raw', 'right']);
  expect([...GRAPH.ancestors(name('end'), 1)].sort()).toEqual(['left', 'right']);
  expect([...GRAPH.descendants(name('raw'))].sort()).toEqual(['end', 'left', 'right']);
  expect([...GRAPH.descendants(name('alone'))]).toEqual([]);
});

test('an unknown asset is an error of the user that names the nearest', () => {
  expect(() => GRAPH.asset('rihgt')).toThrow('unknown asset "rihgt", did you mean "right"?');
});

test('the exported graph has an edge per upstream, pointing downstream', () => {
  const graph = GRAPH.graphology;
  expect(graph.order).toBe(5);
  expect(graph.outNeighbors('raw')).toEqual(['left', 'right']);
  expect(graph.getNodeAttributes('raw')).toMatchObject({ kind: 'source', group: 'main' });
  expect(graph.getEdgeAttributes('left', 'end')).toEqual({
    window: 'same',
    optional: false,
    relation: 'left',
  });
});

test('the upstream of the last of a thousand assets is all the others', () => {
  const shapes = Object.fromEntries(
    Array.from({ length: 1000 }, (_, index) => [
      `asset_${index}`,
      { upstream: [1, 2, 3].filter((n) => index >= n).map((n) => `asset_${index - n}`) },
    ]),
  );
  const graph = graphOf(shapes);
  expect(graph.ancestors(name('asset_999')).size).toBe(999);
});
