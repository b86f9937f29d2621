import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Batch } from '../engine/assets/batch.ts';
import { partitionRows } from '../engine/assets/batch.ts';
import { sourceSelect } from '../engine/assets/source-asset.ts';
import { sqlAssetSelect } from '../engine/assets/sql-asset.ts';
import type { CompiledPipeline } from '../engine/compile/compiled.ts';
import { loadCompiledPipeline } from '../engine/compile/load-compiled.ts';
import { resolveVariables } from '../engine/config/variables.ts';
import { dayInTimezone } from '../engine/partitions/date.ts';
import { executionOrder } from '../engine/staleness/calendar-state.ts';
import {
  type AssetEvaluation,
  evaluateGraph,
  isExpectedEmptyByCalendar,
} from '../engine/staleness/status.ts';
import { DuckdbSession } from '../engine/warehouse/duckdb-session.ts';
import { duckdbType } from '../engine/warehouse/duckdb-sql.ts';
import { openStateReader } from '../state/sqlite.ts';
import { ROOT } from './measure.ts';

/** The compiled statements of one asset: one for all of its partitions, or one for each. */
interface HandStatement {
  readonly asset: string;
  readonly dataset: string;
  readonly selects: readonly string[];
}

export interface HandOptions {
  /** Path of pipeline.yaml. */
  readonly file?: string;
  /** One statement per partition instead of one per asset. */
  readonly singly?: boolean;
}

/**
 * Runs the very statements that the engine compiled, one `CREATE TABLE … AS` per asset in one DuckDB session on
 * the same files: what a careful person would do by hand, without staging, versions, checks or records.
 * Takes the home of a finished run for the calendar; returns seconds per asset.
 */
export async function runByHand(
  home: string,
  warehouse: string,
  options: HandOptions = {},
): Promise<ReadonlyMap<string, number>> {
  const { pipeline, statements } = await handStatements(home, options);
  const session = await DuckdbSession.open({
    path: warehouse,
    memoryLimit: '1GB',
    threads: undefined,
    readOnly: false,
  });
  const seconds = new Map<string, number>();
  try {
    for (const macro of Object.values(pipeline.duckdbFunctions)) await session.run(macro);
    for (const dataset of new Set(statements.map((each) => each.dataset))) {
      await session.run(`CREATE SCHEMA IF NOT EXISTS "${dataset}"`);
    }
    for (const { asset, dataset, selects } of statements) {
      const start = performance.now();
      for (const [index, select] of selects.entries()) {
        const into = index === 0 ? 'CREATE TABLE' : 'INSERT INTO';
        await session.run(`${into} "${dataset}"."${asset}" ${index === 0 ? 'AS ' : ''}${select}`);
      }
      seconds.set(asset, (performance.now() - start) / 1000);
    }
  } finally {
    session.close();
  }
  return seconds;
}

async function handStatements(
  home: string,
  { file = resolve(ROOT, 'pipeline.yaml'), singly = false }: HandOptions,
): Promise<{ pipeline: CompiledPipeline; statements: HandStatement[] }> {
  const pipeline = await loadCompiledPipeline({ file, cacheDir: resolve(home, 'cache') });
  const reader = openStateReader(resolve(home, 'state.sqlite'));
  if (!reader) throw new Error(`no state in ${home}`);
  const evaluation = evaluateGraph({
    pipeline,
    snapshot: reader.snapshot('local'),
    today: dayInTimezone(Date.now(), pipeline.timezone),
  });
  reader.close();
  const assets = new Map(pipeline.assets.map((asset) => [asset.name, asset]));
  const statements: HandStatement[] = [];
  for (const { name, dataset } of executionOrder(pipeline)) {
    const each = evaluation.assets.get(name);
    if (!each) throw new Error(`${name} was not evaluated`);
    if (isOfModels(each)) {
      statements.push({ asset: name, dataset, selects: [emptySelect(each)] });
      continue;
    }
    const whole = wholeBatch(each);
    const batches = singly
      ? whole.indexes.map((index) => ({ ...whole, indexes: [index] }))
      : [whole];
    const selects: string[] = [];
    for (const batch of batches) {
      selects.push(
        each.asset.kind === 'source'
          ? await sourceSelect(each.asset, sourceFiles(each), partitionRows(batch))
          : sqlAssetSelect(batch, assets, 'duckdb'),
      );
    }
    statements.push({ asset: name, dataset, selects });
  }
  return { pipeline, statements };
}

/** What trained models take and make is left out on both sides: training has figures of its own. */
export const WITHOUT_MODELS = ['--exclude', 'kind:module,group:features'] as const;

function isOfModels({ asset }: AssetEvaluation): boolean {
  return asset.kind === 'module' || asset.group === 'features';
}

/** A table of the asset's columns without rows. */
function emptySelect({ asset }: AssetEvaluation): string {
  const columns = asset.columns.map(
    ({ name, type }) => `CAST(NULL AS ${duckdbType(type)}) AS "${name}"`,
  );
  return `SELECT ${columns.join(', ')} WHERE FALSE`;
}

function wholeBatch(evaluation: AssetEvaluation): Batch {
  const indexes = [...evaluation.expected.days.keys()].filter(
    (index) => !isExpectedEmptyByCalendar(evaluation.asset, evaluation.expected, index),
  );
  return { evaluation, indexes };
}

/** None of an optional source that nobody has supplied. */
function sourceFiles({ asset }: AssetEvaluation): readonly string[] {
  const file = resolve(ROOT, resolveVariables(asset.source?.path ?? '', process.env));
  return asset.source?.optional === true && !existsSync(file) ? [] : [file];
}
