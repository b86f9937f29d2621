import type { CheckFinding } from '../checks/evaluate.ts';
import type { CheckPlan } from '../checks/definition.ts';
import { freshnessFindings } from '../checks/freshness.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { EXIT, isWarehouseError, PipelineError } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { selectAssets } from '../graph/selection.ts';
import type { AssetName } from '../ids.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import type { DaySet } from '../partitions/subset.ts';
import { type CheckedCheck, renderCheckReport } from '../report/check-report.ts';
import { commandText } from '../report/command-text.ts';
import { jsonText } from '../report/json.ts';
import { paintFor } from '../report/text.ts';
import { checkPublished } from '../run/check-published.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import {
  type Effects,
  evaluateProject,
  type GlobalOptions,
  openProject,
  openReader,
  type Project,
} from './context.ts';
import { requestedDays } from './dates.ts';
import { type NotChecked, notChecked, notCheckedError } from './not-checked.ts';
import { openReadable } from './open-readable.ts';
import { outsideOf } from './outside-range.ts';

export interface CheckOptions {
  readonly selection: readonly string[];
  readonly exclude: readonly string[];
  /** Dates and ranges; default: all partitions that have rows. */
  readonly partitions?: string | undefined;
}

/** One check of one asset with what it found in each partition. */
interface CheckRun extends CheckedCheck {
  readonly found: readonly CheckFinding[];
}

/** `fastbreak check`: runs the checks on the published rows; writes neither rows nor record. */
export async function runCheck(
  options: CheckOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const project = await openProject(options, effects);
  const graph = new AssetGraph(project.pipeline);
  const selected = selectAssets(graph, [...options.selection], [...options.exclude]);
  const wanted = requestedDays(options, project.today);
  const warehouse = await openReadable(project, effects);
  try {
    // Only now: while the warehouse is open nobody can write to it, so that record and rows stay as they are.
    const evaluations = await readEvaluations(project);
    const expected = evaluations.filter(({ asset }) => selected.has(asset.name));
    const checks: CheckRun[] = [];
    const unchecked: NotChecked[] = [];
    for (const evaluation of expected) {
      try {
        checks.push(...(await checkAsset(evaluation, { project, wanted, warehouse }, effects)));
      } catch (error) {
        if (!isWarehouseError(error)) throw error;
        const on = { warehouse, scope: options, signal: effects.signal };
        // The others are checked all the same.
        unchecked.push(await notChecked(evaluation.asset, error, on));
      }
    }
    const [first] = unchecked;
    if (checks.every((check) => check.partitions === 0)) {
      if (first === undefined) {
        throw nothingToCheck(checks, options, wanted && outsideOf(expected, wanted));
      }
      if (unchecked.length === 1) throw notCheckedError(first);
    }
    print({ checks, unchecked }, project, options, effects);
    const isBad = checks.some((check) => check.severity === 'error' && check.days.length > 0);
    return isBad || first !== undefined ? EXIT.failed : EXIT.ok;
  } finally {
    await warehouse.close();
  }
}

async function readEvaluations(project: Project): Promise<readonly AssetEvaluation[]> {
  const reader = await openReader(project);
  try {
    return [...evaluateProject(project, reader).assets.values()];
  } finally {
    reader?.close();
  }
}

async function checkAsset(
  evaluation: AssetEvaluation,
  on: {
    readonly project: Project;
    readonly wanted: DaySet | undefined;
    readonly warehouse: Warehouse;
  },
  { signal }: Effects,
): Promise<readonly CheckRun[]> {
  const { pipeline } = on.project;
  const assets = new Map<AssetName, CompiledAsset>(
    pipeline.assets.map((each) => [each.name, each]),
  );
  const context = { pipeline, assets, warehouse: on.warehouse, signal };
  const { name } = evaluation.asset;
  const { plans, partitions, findings } = await checkPublished(context, evaluation, on.wanted);
  const ofRows = plans.map((plan) => checkRun(name, { plan, partitions, findings }));
  // How new an asset is, is about all of its partitions.
  if (on.wanted !== undefined) return ofRows;
  return [...ofRows, ...freshnessRuns(evaluation, partitions, on.project.today)];
}

function freshnessRuns(
  { asset, expected, records }: AssetEvaluation,
  partitions: number,
  today: Day,
): readonly CheckRun[] {
  const findings = freshnessFindings(asset, { expected: expected.days, records, today });
  return asset.checks
    .filter(({ type }) => type === 'freshness')
    .map((plan) => checkRun(asset.name, { plan, partitions, findings }));
}

function checkRun(
  asset: AssetName,
  of: {
    readonly plan: Pick<CheckPlan, 'name' | 'severity' | 'blocking'>;
    readonly partitions: number;
    readonly findings: readonly CheckFinding[];
  },
): CheckRun {
  const { name: check, severity, blocking } = of.plan;
  const found = of.findings
    .filter((finding) => finding.check === check)
    .sort((a, b) => a.day - b.day);
  return {
    asset,
    check,
    severity,
    blocking,
    partitions: of.partitions,
    days: found.map((finding) => finding.day),
    rows: found.reduce((sum, finding) => sum + finding.failures, 0),
    message: found[0]?.message ?? '',
    found,
  };
}

function print(
  {
    checks,
    unchecked,
  }: {
    readonly checks: readonly CheckRun[];
    readonly unchecked: readonly NotChecked[];
  },
  project: Project,
  options: GlobalOptions,
  effects: Effects,
): void {
  if (options.json) {
    const target = project.target.name;
    const failed = unchecked.map(({ asset, message, hint }) => ({ asset, message, hint }));
    effects.stdout(jsonText({ target, checks: checks.map(checkJson), not_checked: failed }));
    return;
  }
  const paint = paintFor(options.color);
  effects.stdout(renderCheckReport(checks, { paint, quiet: options.quiet, unchecked }));
}

function checkJson({
  asset,
  check,
  severity,
  blocking,
  partitions,
  rows,
  found,
}: CheckRun): object {
  return {
    asset,
    check,
    severity,
    blocking,
    partitions,
    failed: found.length,
    rows,
    failures: found.map(({ day, failures, message, sample }) => ({
      partition: formatDay(day),
      rows: failures,
      message,
      sample: sample === null ? null : (JSON.parse(sample) as unknown),
    })),
  };
}

function nothingToCheck(
  checks: readonly CheckRun[],
  { file, target, selection }: CheckOptions & GlobalOptions,
  outside: PipelineError | undefined,
): PipelineError {
  if (checks.length === 0) {
    return new PipelineError('no selected asset has a check, a key or a column without NULL', {
      code: 'NO_CHECKS',
      hint: 'declare some under checks: of the asset',
    });
  }
  if (outside !== undefined) return outside;
  return new PipelineError('nothing of what was asked for is materialized', {
    code: 'NOT_MATERIALIZED',
    hint: commandText({ file, target }, 'materialize', ...selection),
    exitCode: EXIT.failed,
  });
}
