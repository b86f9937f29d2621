import { tableOf } from '../assets/batch.ts';
import type { EvaluationRows } from '../assets/module-evaluation.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import type { Comparison } from '../config/report-rules.ts';
import { EXIT, PipelineError } from '../errors.ts';
import {
  rowsOfSystem,
  systemNamesQuery,
  systemRowsQuery,
  type SystemsRequest,
} from '../health/system-rows.ts';
import type { DayRange } from '../partitions/window.ts';
import { didYouMean } from '../util/nearest-name.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { Effects, Project } from './context.ts';

export interface SystemsExperiment {
  readonly systems: readonly [string, string];
  /** One of the comparisons of the pipeline's reports; the first without. */
  readonly of: string | undefined;
  /** One of the names under its `by:`; the first without. */
  readonly by: string | undefined;
  readonly range: DayRange;
}

export interface SystemSides {
  readonly comparison: Comparison;
  readonly champion: EvaluationRows;
  readonly challenger: EvaluationRows;
}

/** Reads the rows of two systems; throws PipelineError for a name that nothing has, and where there are no rows. */
export async function readSystemSides(
  request: SystemsExperiment,
  { project, warehouse }: { readonly project: Project; readonly warehouse: Warehouse },
  { signal }: Pick<Effects, 'signal'>,
): Promise<SystemSides> {
  const comparison = comparisonOf(project, request.of);
  const asset = assetOf(project, comparison);
  await checkMade(asset, warehouse);
  const { dialect } = warehouse.capabilities;
  const own: SystemsRequest = {
    comparison,
    asset,
    range: request.range,
    group: groupOf(comparison, request.by),
  };
  await checkNames(request.systems, own, { warehouse, signal });
  const query = systemRowsQuery(own, request.systems, dialect);
  const read = await warehouse.readColumns(query, { signal });
  const [champion, challenger] = request.systems;
  return {
    comparison,
    champion: rowsOfSystem(read, champion, comparison.entity),
    challenger: rowsOfSystem(read, challenger, comparison.entity),
  };
}

function comparisonOf({ pipeline }: Project, wanted: string | undefined): Comparison {
  const all = pipeline.reports.flatMap(({ comparisons }) => comparisons);
  const found = wanted === undefined ? all[0] : all.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  if (wanted === undefined) {
    throw new PipelineError('pipeline.yaml declares no comparison of systems', {
      code: 'NO_COMPARISON',
      hint: 'declare under reports: what a prediction, its outcome and its system are: docs/experiments.md',
    });
  }
  const names = all.map(({ name }) => name);
  throw new PipelineError(`unknown comparison "${wanted}"${didYouMean(wanted, names)}`, {
    code: 'UNKNOWN_COMPARISON',
    hint: `comparisons under reports: ${names.join(', ') || 'none'}`,
  });
}

function assetOf({ pipeline }: Project, comparison: Comparison): CompiledAsset {
  const asset = pipeline.assets.find(({ name }) => name === comparison.asset);
  if (asset === undefined) throw new Error(`Internal error: a comparison of ${comparison.asset}`);
  return asset;
}

function groupOf({ by, name }: Comparison, wanted: string | undefined): string | undefined {
  if (wanted === undefined) return by[0]?.column;
  const found = by.find((each) => each.name === wanted);
  if (found !== undefined) return found.column;
  const names = by.map((each) => each.name);
  throw new PipelineError(
    `the comparison ${name} has no "${wanted}" to break down by${didYouMean(wanted, names)}`,
    { code: 'UNKNOWN_DIMENSION', hint: `by: ${names.join(', ') || 'nothing'}` },
  );
}

async function checkMade(asset: CompiledAsset, warehouse: Warehouse): Promise<void> {
  const counts = (await warehouse.countRows([tableOf(asset)])).get(asset.name);
  if ((counts?.size ?? 0) > 0) return;
  throw new PipelineError(`${asset.name} was never materialized with rows`, {
    code: 'NOT_MATERIALIZED',
    hint: `fastbreak materialize +${asset.name}`,
    exitCode: EXIT.failed,
  });
}

async function checkNames(
  systems: readonly string[],
  request: SystemsRequest,
  { warehouse, signal }: { readonly warehouse: Warehouse; readonly signal: AbortSignal },
): Promise<void> {
  const sql = systemNamesQuery(request, warehouse.capabilities.dialect);
  const { rows } = await warehouse.query(sql, { signal, purpose: 'experiment' });
  const known = rows.map(([name]) => String(name));
  const unknown = systems.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new PipelineError(`unknown system "${unknown}"${didYouMean(unknown, known)}`, {
    code: 'UNKNOWN_SYSTEM',
    hint: `systems in ${request.asset.name}: ${known.join(', ')}`,
  });
}
