import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PipelineError } from '../../engine/errors.ts';
import { AssetGraph } from '../../engine/graph/asset-graph.ts';
import { selectAssets } from '../../engine/graph/selection.ts';
import { unsafeAssetName } from '../../engine/ids.ts';
import { graphOf } from './graph-of.ts';

const GRAPH = graphOf({
  schedule: { kind: 'source', group: 'raw' },
  box: { kind: 'source', group: 'raw', tags: ['daily'] },
  summary: { upstream: ['schedule', 'box'], group: 'analytics', tags: ['daily'] },
  cache: { upstream: ['summary'], group: 'precompute', kind: 'module' },
  prediction: { upstream: ['cache'], group: 'predictions', tags: ['daily', 'model_one'] },
});

function select(expressions: readonly string[], exclude: readonly string[] = []): string {
  return [...selectAssets(GRAPH, expressions, exclude)].sort().join(' ');
}

describe('a selection', () => {
  test.each([
    [[], 'box cache prediction schedule summary'],
    [['*'], 'box cache prediction schedule summary'],
    [['summary'], 'summary'],
    [['asset:summary'], 'summary'],
    [['+summary'], 'box schedule summary'],
    [['summary+'], 'cache prediction summary'],
    [['+cache+'], 'box cache prediction schedule summary'],
    [['1+cache'], 'cache summary'],
    [['2+cache'], 'box cache schedule summary'],
    [['summary+1'], 'cache summary'],
    [['1+cache+1'], 'cache prediction summary'],
    [['0+cache'], 'cache'],
    [['group:raw'], 'box schedule'],
    [['group:raw+1'], 'box schedule summary'],
    [['tag:daily'], 'box prediction summary'],
    [['kind:source'], 'box schedule'],
    [['kind:module', 'box'], 'box cache'],
    [['cache,box'], 'box cache'],
    [['cache, box'], 'box cache'],
    [['tag:daily&kind:sql'], 'prediction summary'],
    [['tag:daily & kind:sql & +summary'], 'summary'],
    [['tag:daily&kind:source,cache'], 'box cache'],
    [['box&cache'], ''],
  ])('%j names %s', (expressions, expected) => {
    expect(select(expressions)).toBe(expected);
  });

  test('leaves out what is excluded', () => {
    expect(select(['+cache'], ['group:raw'])).toBe('cache summary');
    expect(select([], ['+summary', 'prediction'])).toBe('cache');
    expect(select(['box'], [])).toBe('box');
  });
});

describe('a selection that names nothing is an error with a way out', () => {
  test.each([
    ['sumary', 'UNKNOWN_ASSET', 'unknown asset "sumary", did you mean "summary"?'],
    ['+sumary+2', 'UNKNOWN_ASSET', 'unknown asset "sumary", did you mean "summary"?'],
    ['group:rw', 'UNKNOWN_GROUP', 'no asset has group "rw", did you mean "raw"?'],
    ['tag:dayly', 'UNKNOWN_TAG', 'no asset has tag "dayly", did you mean "daily"?'],
    ['kind:modul', 'UNKNOWN_KIND', 'no asset has kind "modul", did you mean "module"?'],
    ['grop:raw', 'INVALID_SELECTION', 'unknown selection method "grop:", did you mean "group"?'],
    ['', 'INVALID_SELECTION', '"" is not a selection'],
    ['box,', 'INVALID_SELECTION', '"" is not a selection'],
    ['++box', 'INVALID_SELECTION', '"++box" is not a selection'],
    ['x+box', 'INVALID_SELECTION', '"x+box" is not a selection'],
  ])('%s', (expression, code, message) => {
    expect(() => select([expression])).toThrow(PipelineError);
    try {
      select([expression]);
    } catch (error) {
      expect(error).toMatchObject({ code, message, exitCode: 2 });
    }
  });
});

const term = fc
  .tuple(
    fc.constantFrom('', '+', '1+', '2+'),
    fc.constantFrom(
      '*',
      'schedule',
      'box',
      'summary',
      'cache',
      'prediction',
      'group:raw',
      'tag:daily',
    ),
    fc.constantFrom('', '+', '+1', '+2'),
  )
  .map((parts) => parts.join(''));

function setOf(...expressions: readonly string[]): ReadonlySet<string> {
  return selectAssets(GRAPH, expressions, []);
}

test('commas and arguments add up, & keeps what both name, exclusion takes away', () => {
  fc.assert(
    fc.property(term, term, (a, b) => {
      const [left, right] = [setOf(a), setOf(b)];
      const union = [...new Set([...left, ...right])].sort();
      const both = [...left].filter((name) => right.has(name)).sort();
      const difference = [...left].filter((name) => !right.has(name)).sort();
      expect([...setOf(`${a},${b}`)].sort()).toEqual(union);
      expect([...setOf(a, b)].sort()).toEqual(union);
      expect([...setOf(`${a}&${b}`)].sort()).toEqual(both);
      expect([...selectAssets(GRAPH, [a], [b])].sort()).toEqual(difference);
    }),
  );
});

test('more steps never name fewer assets', () => {
  fc.assert(
    fc.property(fc.constantFrom('box', 'summary', 'cache'), fc.nat(4), (name, depth) => {
      const deeper = setOf(`${depth + 1}+${name}`);
      for (const found of setOf(`${depth}+${name}`)) expect(deeper).toContain(found);
      for (const found of deeper) expect(setOf(`+${name}`)).toContain(found);
    }),
  );
});

test('with all upstream the asset that the calendar is read from comes along', () => {
  const shapes = { dates: {}, orders: {}, revenue: { upstream: ['orders'] } };
  const { pipeline } = graphOf(shapes);
  const graph = new AssetGraph({
    ...pipeline,
    calendars: [
      { name: 'days', asset: unsafeAssetName('dates'), dateColumn: 'd', periodName: 'period' },
    ],
    partitionSets: [{ name: 'days', type: 'calendar', calendar: 'days' }],
    assets: pipeline.assets.map((asset) => ({ ...asset, partitionSet: 'days' })),
  });
  expect([...selectAssets(graph, ['+revenue'], [])].sort()).toEqual(['dates', 'orders', 'revenue']);
  expect([...selectAssets(graph, ['1+revenue'], [])].sort()).toEqual(['orders', 'revenue']);
});
