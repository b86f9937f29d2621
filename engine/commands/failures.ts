import type { CompiledAsset } from '../compile/compiled.ts';
import { EXIT, PipelineError } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { selectAssets } from '../graph/selection.ts';
import type { AssetName } from '../ids.ts';
import { formatDay } from '../partitions/date.ts';
import type { DaySet } from '../partitions/subset.ts';
import { renderFailures } from '../report/failures-text.ts';
import { jsonText } from '../report/json.ts';
import { paintFor } from '../report/text.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import { didYouMean } from '../util/nearest-name.ts';
import type { FailureCount, FailureFilter, RecordedFailure } from '../warehouse/failures.ts';
import {
  type Effects,
  evaluateProject,
  type GlobalOptions,
  openProject,
  openReader,
  type Project,
} from './context.ts';
import { requestedDays } from './dates.ts';
import { openReadable } from './open-readable.ts';
import { outsideOf } from './outside-range.ts';

export interface FailuresOptions {
  readonly selection: readonly string[];
  readonly exclude: readonly string[];
  /** Dates and ranges; default: all. */
  readonly partitions?: string | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly entity?: string | undefined;
  readonly unresolved: boolean;
  readonly expected: boolean;
  readonly investigate: boolean;
  readonly limit?: number | undefined;
}

const LINES = 50;
const DOCUMENT_FAILURES = 1000;

/** `fastbreak failures`: who was expected and has no row; reads only. */
export async function runFailures(
  options: FailuresOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const project = await openProject(options, effects);
  const assets = selectedAssets(project, options);
  const wanted = requestedDays(options, project.today);
  const filter = filterOf(assets, options, wanted);
  const warehouse = await openReadable(project, effects);
  try {
    const counts = await warehouse.countFailures(filter);
    if (options.json) {
      const failures = await warehouse.readFailures(filter, options.limit ?? DOCUMENT_FAILURES);
      effects.stdout(jsonText(failuresJson(project, counts, failures)));
      return EXIT.ok;
    }
    const paint = paintFor(options.color);
    const evaluations = await evaluationsOf(project);
    const ofAssets = assets.flatMap(({ name }) => evaluations.get(name) ?? []);
    const outside = wanted && outsideOf(ofAssets, wanted);
    if (counts.length === 0 && outside !== undefined) {
      effects.stdout(`Nobody: ${outside.message}; ${outside.hint}\n`);
      return EXIT.ok;
    }
    // To merge neighbours.
    const calendars = new Map([...evaluations].map(([name, of]) => [name, of.expected.days]));
    const lines = options.limit ?? LINES;
    effects.stdout(renderFailures(counts, { paint, calendars, lines, quiet: options.quiet }));
    return EXIT.ok;
  } finally {
    await warehouse.close();
  }
}

/** The selected assets that say who is expected. */
function selectedAssets({ pipeline }: Project, options: FailuresOptions): readonly CompiledAsset[] {
  const selected = selectAssets(
    new AssetGraph(pipeline),
    [...options.selection],
    [...options.exclude],
  );
  const assets = pipeline.assets.filter(
    ({ name, universe }) => universe !== undefined && selected.has(name),
  );
  if (assets.length > 0) return assets;
  throw new PipelineError('no selected asset says who is expected in its partitions', {
    code: 'NO_UNIVERSE',
    hint: 'declare it under universe: of the asset, with the reasons under failures:',
  });
}

function filterOf(
  assets: readonly CompiledAsset[],
  options: FailuresOptions,
  days: DaySet | undefined,
): FailureFilter {
  if (options.expected && options.investigate) {
    throw new PipelineError('expected --expected or --investigate, found both', {
      code: 'INVALID_OPTIONS',
    });
  }
  checkCategories(assets, options.categories ?? []);
  const isOneKind = options.expected || options.investigate;
  return {
    assets: assets.map((asset) => asset.name),
    days: days?.ranges.map(({ lo, hi }) => ({ from: lo, to: hi - 1 })),
    categories: options.categories,
    entity: options.entity,
    isExpected: isOneKind ? options.expected : undefined,
    onlyOpen: options.unresolved,
  };
}

function checkCategories(assets: readonly CompiledAsset[], wanted: readonly string[]): void {
  const rules = assets.flatMap((asset) => asset.universe?.failures ?? []);
  const known = [...new Set(rules.map((rule) => rule.category))].sort();
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new PipelineError(`unknown failure category "${unknown}"${didYouMean(unknown, known)}`, {
    code: 'UNKNOWN_FAILURE_CATEGORY',
    hint: `the selected assets have: ${known.join(', ')}`,
  });
}

async function evaluationsOf(project: Project): Promise<ReadonlyMap<AssetName, AssetEvaluation>> {
  const reader = await openReader(project);
  try {
    return evaluateProject(project, reader).assets;
  } finally {
    reader?.close();
  }
}

function failuresJson(
  { target }: Project,
  counts: readonly FailureCount[],
  failures: readonly RecordedFailure[],
): object {
  const total = counts.reduce((sum, count) => sum + count.entities, 0);
  return {
    target: target.name,
    counts: countsJson(counts),
    total,
    failures: failures.map(failureJson),
    left_off: total - failures.length,
  };
}

function countsJson(counts: readonly FailureCount[]): readonly object[] {
  const groups = Map.groupBy(counts, ({ asset, category, reason, resolution }) =>
    [asset, category, reason, resolution].join('\n'),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const last = group.at(-1);
    if (!first || !last) return [];
    return {
      asset: first.asset,
      category: first.category,
      reason: first.reason,
      expected: first.isExpected,
      correctable: first.isCorrectable,
      resolution_status: first.resolution,
      entities: group.reduce((sum, { entities }) => sum + entities, 0),
      partitions: { from: formatDay(first.day), to: formatDay(last.day), count: group.length },
    };
  });
}

function failureJson(failure: RecordedFailure): object {
  const { expectedCount, actualCount, missingDates, resolvedAt } = failure;
  return {
    asset: failure.asset,
    partition: formatDay(failure.day),
    entity: failure.entity,
    category: failure.category,
    reason: failure.reason,
    expected: failure.isExpected,
    correctable: failure.isCorrectable,
    can_retry: failure.canRetry,
    expected_count: expectedCount ?? null,
    actual_count: actualCount ?? null,
    missing_dates: missingDates,
    run_id: failure.runId,
    code_version: failure.codeVersion,
    recorded_at: new Date(failure.recordedAt).toISOString(),
    resolution_status: failure.resolution,
    resolved_at: resolvedAt === undefined ? null : new Date(resolvedAt).toISOString(),
  };
}
