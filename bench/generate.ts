import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { CompiledAsset, CompiledPipeline } from '../engine/compile/compiled.ts';
import { loadCompiledPipeline } from '../engine/compile/load-compiled.ts';
import { unsafeRunId } from '../engine/ids.ts';
import { type Day, formatDay, parseDay } from '../engine/partitions/date.ts';
import { mixWords } from '../engine/partitions/hash64.ts';
import { NO_OUTCOMES } from '../engine/run/outcome-counts.ts';
import { LiveSnapshot } from '../engine/run/live.ts';
import { packInputs } from '../engine/staleness/input-version.ts';
import { expectedBySet } from '../engine/staleness/expected.ts';
import { type AssetEvaluation, evaluateAsset } from '../engine/staleness/status.ts';
import { duckdbFingerprint } from '../engine/warehouse/duckdb-fingerprint.ts';
import { openDuckdbWarehouse } from '../engine/warehouse/duckdb.ts';
import { openStateStore } from '../state/sqlite.ts';
import type { PartitionOutcome, StateStore } from '../state/store.ts';

/** How large a generated pipeline is, and how its assets read each other. */
export interface Shape {
  readonly assets: number;
  readonly dates: number;
  /** The windows of upstream edges, in turn; YAML as in pipeline.yaml. */
  readonly windows?: readonly string[];
  /** Largest number of partitions per statement. */
  readonly batch?: number;
}

const FIRST_DAY = '1990-01-01';
const WIDTH = 10;
const MIXED = ['same', '{ before: { days: 7 } }', '{ before: { partitions: 20 } }'];
const RUN = unsafeRunId('20200101T000000-gen0');

/** The name of the n-th asset; the first ten read nothing. */
export function assetName(index: number): string {
  return `asset_${String(index).padStart(4, '0')}`;
}

/**
 * Writes a pipeline of layers of ten assets, each of which reads up to three of the layer before it (chains and
 * diamonds), partitioned by days. Returns the path of its pipeline.yaml.
 */
export function writePipeline(folder: string, shape: Shape): string {
  const sqlFolder = join(folder, 'assets', 'main');
  mkdirSync(sqlFolder, { recursive: true });
  const windows = shape.windows ?? [...MIXED, '{ before: all }'];
  const assets = Array.from({ length: shape.assets }, (_, index) => {
    const upstream = upstreamOf(index);
    writeFileSync(join(sqlFolder, `${assetName(index)}.sql`), sqlOf(index, upstream));
    return assetYaml(index, upstream, windows);
  });
  const file = join(folder, 'pipeline.yaml');
  writeFileSync(file, headYaml(shape) + assets.join(''));
  return file;
}

/** Fills the record as if every partition had been materialized, with the engine's own evaluation and records. */
export async function fillRecord(file: string): Promise<void> {
  const home = join(file, '..', '.fastbreak');
  const pipeline = await loadCompiledPipeline({ file, cacheDir: join(home, 'cache') });
  const store = openStateStore(join(home, 'state.sqlite'));
  try {
    store.startRun({ id: RUN, target: 'local', command: 'materialize', startedAt: 0 });
    const live = new LiveSnapshot(store.snapshot('local'));
    const bySet = expectedBySet(pipeline, live.calendars, 0);
    const assets = new Map<CompiledAsset['name'], AssetEvaluation>();
    for (const asset of pipeline.assets) {
      const context = { pipeline, snapshot: live, today: 0, bySet, assets };
      recordAll(store, live, evaluateAsset(asset, context));
      assets.set(asset.name, evaluateAsset(asset, context));
    }
    store.endRun(RUN, 'succeeded', 0, null);
    store.saveWarehouseFingerprint('local', await emptyWarehouse(join(home, 'warehouse.duckdb')));
  } finally {
    store.close();
  }
}

/** Records that one partition came out with other content: what reads it is stale from then on. */
export async function changePartition(file: string, index: number, day: Day): Promise<void> {
  const home = join(file, '..', '.fastbreak');
  const pipeline = await loadCompiledPipeline({ file, cacheDir: join(home, 'cache') });
  const asset = assetAt(pipeline, index);
  const store = openStateStore(join(home, 'state.sqlite'));
  try {
    const records = store.snapshot('local').records.get(asset.name);
    const at = records?.days.indexOf(day) ?? -1;
    const input = { hi: records?.inputHi[at] ?? 0, lo: records?.inputLo[at] ?? 0 };
    const outcome: PartitionOutcome = {
      type: 'materialized',
      day,
      rows: 2,
      data: mixWords([index, day, 2]),
      input,
      inputs: new Uint8Array(),
    };
    recordStep(store, asset, [outcome]);
  } finally {
    store.close();
  }
}

/** The day of the n-th partition. */
export function dayAt(index: number): Day {
  return (parseDay(FIRST_DAY) ?? 0) + index;
}

function upstreamOf(index: number): number[] {
  if (index < WIDTH) return [];
  const layer = index - (index % WIDTH) - WIDTH;
  const edges = 1 + (index % 3);
  return Array.from({ length: edges }, (_, edge) => layer + ((index + edge * 3) % WIDTH));
}

function headYaml({ dates, batch }: Shape): string {
  return `name: generated
timezone: UTC
default_target: local
targets:
  local: { warehouse: duckdb }
groups:
  main: { dataset: generated }
partition_sets:
  days: { every: day, from: ${FIRST_DAY}, to: ${formatDay(dayAt(dates - 1))} }
columns:
  day: { type: DATE, description: The day }
defaults:
  partitions: days
  partition_column: day${batch === undefined ? '' : `\n  batch: ${batch}`}
assets:
`;
}

function assetYaml(index: number, upstream: readonly number[], windows: readonly string[]): string {
  const edges = upstream.map(
    (each, edge) => `${assetName(each)}: ${windows[(index + edge) % windows.length] ?? 'same'}`,
  );
  return `  ${assetName(index)}:
    group: main
    description: Generated.
    key: [day]${edges.length === 0 ? '' : `\n    upstream: { ${edges.join(', ')} }`}
    columns:
      - day
      - n: { type: INT64, description: A number }
`;
}

/** Reads one row of each upstream relation at most, so that what is measured is not the statement. */
function sqlOf(index: number, upstream: readonly number[]): string {
  const reads = upstream.map((each) => `, (SELECT MAX(n) FROM ${assetName(each)}) AS u${each}`);
  const columns = upstream.map((each) => ` + COALESCE(r.u${each}, 0) * 0`).join('');
  return `SELECT p.partition_date AS day, ${index}${columns} AS n
FROM partitions AS p${reads.length === 0 ? '' : ` CROSS JOIN (SELECT 1 AS one${reads.join('')}) AS r`}
`;
}

function recordAll(store: StateStore, live: LiveSnapshot, evaluation: AssetEvaluation): void {
  const { asset, expected, edges } = evaluation;
  const windows = edges.map((edge) => edge.sums);
  const outcomes = Array.from(expected.days, (day, index): PartitionOutcome => ({
    type: 'materialized',
    day,
    rows: 1,
    data: mixWords([day, ...Buffer.from(asset.name)]),
    input: { hi: evaluation.inputHi[index] ?? 0, lo: evaluation.inputLo[index] ?? 0 },
    inputs: packInputs(windows, index),
  }));
  store.saveDefinition({
    asset: asset.name,
    codeVersion: asset.codeVersion,
    parts: JSON.stringify(asset.codeParts),
    upstream: asset.upstream.map((upstream) => upstream.asset),
  });
  live.apply(asset.name, asset.codeVersion, outcomes, recordStep(store, asset, outcomes));
}

function recordStep(
  store: StateStore,
  asset: CompiledAsset,
  outcomes: readonly PartitionOutcome[],
): readonly number[] {
  const firstDay = outcomes[0]?.day ?? 0;
  const lastDay = outcomes.at(-1)?.day ?? 0;
  const partitions = outcomes.length;
  const step = { runId: RUN, asset: asset.name, firstDay, lastDay, partitions, startedAt: 0 };
  return store.endStep({
    stepId: store.startStep(step),
    asset: asset.name,
    codeVersion: asset.codeVersion,
    status: 'succeeded',
    endedAt: 1,
    summary: { ...NO_OUTCOMES, materialized: partitions, statements: 0 },
    outcomes,
    checks: [],
  });
}

/** A warehouse file that the record takes for its own; no command that finds everything current opens it. */
async function emptyWarehouse(path: string): Promise<string | null> {
  const options = { path, memoryLimit: '1GB', threads: undefined, readOnly: false };
  await (await openDuckdbWarehouse(options)).close();
  return duckdbFingerprint(path) ?? null;
}

function assetAt(pipeline: CompiledPipeline, index: number): CompiledAsset {
  const asset = pipeline.assets.find((each) => each.name === assetName(index));
  if (!asset) throw new Error(`no asset ${index}`);
  return asset;
}
