import { expect, test } from 'vitest';
import { loadDocument } from '../../engine/config/load.ts';
import { normalizePipeline } from '../../engine/config/normalize.ts';
import type { Pipeline } from '../../engine/config/pipeline.ts';

const YAML = `name: demo
targets:
  local: { warehouse: duckdb }
  fast: { warehouse: duckdb, max_parallel: 3 }
  cloud: { warehouse: bigquery, project: p }
  quiet: { warehouse: bigquery, project: p, max_parallel: 1 }
pools:
  api: 2
  disk: { limit: 1, description: One disk }
  wide: { limit: 9 }
groups:
  raw: { defaults: { pool: disk } }
  stats: {}
defaults: { partitions: none, pool: wide }
assets:
  box: { group: raw, source: { path: box.csv }, columns: [{ id: { type: INT64 } }] }
  own: { group: raw, source: { path: own.csv }, columns: [{ id: { type: INT64 } }], pool: api }
  free: { group: raw, source: { path: free.csv }, columns: [{ id: { type: INT64 } }], pool: none }
  other: { group: stats, source: { path: other.csv }, columns: [{ id: { type: INT64 } }] }
`;

function normalized(): Pipeline {
  const loaded = loadDocument('pipeline.yaml', YAML);
  if (!loaded.ok) throw new Error('the YAML is broken');
  const { pipeline, diagnostics } = normalizePipeline(loaded.document, () => false);
  expect(diagnostics).toEqual([]);
  return pipeline;
}

test('a pool is a limit, or a limit with a description', () => {
  expect(normalized().pools).toEqual([
    { name: 'api', limit: 2, description: '' },
    { name: 'disk', limit: 1, description: 'One disk' },
    { name: 'wide', limit: 9, description: '' },
  ]);
});

test('an asset has the pool of the defaults, of its group, its own, or with `none` no pool', () => {
  const pools = normalized().assets.map(({ name, pool }) => [name, pool]);
  expect(Object.fromEntries(pools)).toEqual({
    box: 'disk',
    own: 'api',
    free: undefined,
    other: 'wide',
  });
});

test('DuckDB runs one step at a time and BigQuery four, unless the target says otherwise', () => {
  const limits = normalized().targets.map(({ name, maxParallel }) => [name, maxParallel]);
  expect(Object.fromEntries(limits)).toEqual({ local: 1, fast: 3, cloud: 4, quiet: 1 });
});
