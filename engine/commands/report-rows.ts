import { tableOf } from '../assets/batch.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import type { Comparison, ReportRules } from '../config/report-rules.ts';
import { EXIT, PipelineError } from '../errors.ts';
import {
  type AccuracyComparison,
  type ModelImportances,
  readComparison,
  readImportances,
  readSystems,
  type SystemRows,
} from '../health/accuracy.ts';
import {
  type ComparisonRequest,
  importancesQuery,
  measuresQuery,
  reliabilityQuery,
  systemsQuery,
} from '../health/accuracy-queries.ts';
import { formatDay } from '../partitions/date.ts';
import type { DayRange } from '../partitions/window.ts';
import { listOf, plural } from '../report/text.ts';
import { didYouMean } from '../util/nearest-name.ts';
import type { QueryResult, Warehouse } from '../warehouse/warehouse.ts';
import type { Effects, Project } from './context.ts';

export interface MeasuredReport {
  readonly comparisons: readonly AccuracyComparison[];
  /** Why declared comparisons are not among them. */
  readonly leftOut: readonly string[];
}

interface ReportRequest {
  readonly rules: ReportRules;
  /** Half-open; reaches beyond all dates where no end was asked for. */
  readonly range: DayRange;
  /** Compare only these. */
  readonly systems: readonly string[] | undefined;
}

interface Reading {
  readonly project: Project;
  readonly warehouse: Warehouse;
}

/**
 * Measures every comparison of a report with four statements at most. One without rows is left out; throws where
 * none has any.
 */
export async function measureComparisons(
  request: ReportRequest,
  reading: Reading,
  effects: Effects,
): Promise<MeasuredReport> {
  const read = readerOf(reading, effects);
  const available: { readonly own: ComparisonRequest; readonly systems: readonly SystemRows[] }[] =
    [];
  const missing: PipelineError[] = [];
  for (const comparison of request.rules.comparisons) {
    const asset = assetOf(comparison.asset, reading);
    const range = await findRange(asset, request, reading);
    if (range instanceof PipelineError) {
      missing.push(range);
      continue;
    }
    const own = { comparison, asset, range };
    const systems = readSystems(await read((dialect) => systemsQuery(own, dialect)));
    if (systems.some(({ graded }) => graded > 0)) available.push({ own, systems });
    else missing.push(nothingGraded(own, systems));
  }
  checkNames(
    request,
    available.flatMap(({ systems }) => systems),
  );
  const comparisons: AccuracyComparison[] = [];
  for (const each of available) {
    const measured = await measure(each, request, { reading, read });
    if (measured instanceof PipelineError) missing.push(measured);
    else comparisons.push(measured);
  }
  const [first] = missing;
  if (comparisons.length === 0 && first !== undefined) throw first;
  return { comparisons, leftOut: missing.map(({ message }) => message) };
}

type Read = (
  sql: (dialect: Warehouse['capabilities']['dialect']) => string,
) => Promise<QueryResult>;

function readerOf({ warehouse }: Reading, { signal }: Effects): Read {
  const { dialect } = warehouse.capabilities;
  return (sql) => warehouse.query(sql(dialect), { signal, purpose: 'report' });
}

async function measure(
  { own, systems }: { readonly own: ComparisonRequest; readonly systems: readonly SystemRows[] },
  request: ReportRequest,
  { reading, read }: { readonly reading: Reading; readonly read: Read },
): Promise<AccuracyComparison | PipelineError> {
  const { comparison } = own;
  const wanted = systems
    .filter(({ system, graded }) => graded > 0 && (request.systems?.includes(system) ?? true))
    .map(({ system }) => system);
  if (wanted.length === 0) return notWanted(own);
  const measures = await read((dialect) => measuresQuery(own, wanted, dialect));
  if (measures.rows.length === 0) return nothingInCommon(own, wanted);
  const bins =
    comparison.probability && (await read((dialect) => reliabilityQuery(own, wanted, dialect)));
  const importances = await readModels(comparison, reading, read);
  return readComparison(comparison, { systems, measures, bins, importances });
}

/** Importances are an addition: models that were never trained are no reason to fail. */
async function readModels(
  { importances }: Comparison,
  reading: Reading,
  read: Read,
): Promise<readonly ModelImportances[]> {
  if (importances === undefined) return [];
  const asset = assetOf(importances.asset, reading);
  const counts = await reading.warehouse.countRows([tableOf(asset)]);
  if ((counts.get(asset.name)?.size ?? 0) === 0) return [];
  return readImportances(await read((dialect) => importancesQuery(importances, asset, dialect)));
}

/** The part of the wanted range that an asset has rows in; an error where it was never made or has none there. */
async function findRange(
  asset: CompiledAsset,
  { range }: ReportRequest,
  { project, warehouse }: Reading,
): Promise<DayRange | PipelineError> {
  const counts = (await warehouse.countRows([tableOf(asset)])).get(asset.name);
  const all = [...(counts?.keys() ?? [])].toSorted((a, b) => a - b);
  const [first, last] = [all[0], all.at(-1)];
  if (first === undefined || last === undefined) {
    return new PipelineError(
      `${asset.name} was never materialized with rows in target ${project.target.name}`,
      {
        code: 'NOT_MATERIALIZED',
        hint: `fastbreak materialize +${asset.name}`,
        exitCode: EXIT.failed,
      },
    );
  }
  const days = all.filter((day) => range.lo <= day && day < range.hi);
  const [lo, end] = [days[0], days.at(-1)];
  if (lo !== undefined && end !== undefined) return { lo, hi: end + 1 };
  const has = `${plural(all.length, 'date')}, ${formatDay(first)}..${formatDay(last)}`;
  return new PipelineError(`${asset.name} has no rows in the wanted range; it has ${has}`, {
    code: 'EMPTY_RANGE',
    hint: `fastbreak status ${asset.name} --grid`,
    exitCode: EXIT.failed,
  });
}

function nothingGraded(
  { asset, comparison }: ComparisonRequest,
  systems: readonly SystemRows[],
): PipelineError {
  const rows = systems.reduce((sum, each) => sum + each.rows, 0);
  const who = comparison.rows === undefined ? '' : ` (${comparison.rows.description})`;
  return new PipelineError(
    `none of the ${plural(rows, 'row')} of ${asset.name} in the range counts${who} with a prediction, an outcome and a ${comparison.baseline.name}`,
    { code: 'NOTHING_GRADED', hint: 'take a longer range', exitCode: EXIT.failed },
  );
}

function notWanted({ asset }: ComparisonRequest): PipelineError {
  return new PipelineError(`${asset.name} has no graded rows of the systems asked for`, {
    code: 'NOTHING_GRADED',
    hint: 'leave --only out',
    exitCode: EXIT.failed,
  });
}

function nothingInCommon({ asset }: ComparisonRequest, systems: readonly string[]): PipelineError {
  return new PipelineError(`no row of ${asset.name} in the range is common to ${listOf(systems)}`, {
    code: 'NOTHING_IN_COMMON',
    hint: 'compare fewer systems with --only, or another range',
    exitCode: EXIT.failed,
  });
}

/** A system that no comparison has is a slip of the pen. */
function checkNames({ systems }: ReportRequest, found: readonly SystemRows[]): void {
  const known = [...new Set(found.map(({ system }) => system))].toSorted();
  const unknown = systems?.find((name) => !known.includes(name));
  if (unknown === undefined || known.length === 0) return;
  throw new PipelineError(`unknown system "${unknown}"${didYouMean(unknown, known)}`, {
    code: 'UNKNOWN_SYSTEM',
    hint: `systems with rows in the range: ${known.join(', ')}`,
  });
}

function assetOf(name: string, { project }: Reading): CompiledAsset {
  const asset = project.pipeline.assets.find((each) => each.name === name);
  if (asset === undefined) throw new Error(`Internal error: a report about ${name}`);
  return asset;
}
