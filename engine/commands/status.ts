import { existsSync } from 'node:fs';

import type { RunRecord, StateReader } from '../../state/store.ts';
import { freshnessFindings } from '../checks/freshness.ts';
import { EXIT } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { selectAssets } from '../graph/selection.ts';
import { recordedFreshness } from '../health/freshness.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import { commandText } from '../report/command-text.ts';
import { type GridAsset, renderGrid } from '../report/grid.ts';
import { jsonText } from '../report/json.ts';
import { type LastRun, renderStatusTable } from '../report/status-table.ts';
import { formatInstant, paintFor } from '../report/text.ts';
import { type AssetAge, renderVerdict } from '../report/verdict.ts';
import { type AssetEvaluation, STATUS_NAMES } from '../staleness/status.ts';
import { type AssetSummary, openPartitions, summarizeAsset } from '../staleness/summary.ts';
import { type Effects, type GlobalOptions, openProject, type Project } from './context.ts';
import { askedWords, mendingWords } from './mending-words.ts';
import { type ProjectRecord, withRecord } from './record.ts';
import { warehousePath } from './warehouse-path.ts';

export interface StatusOptions {
  readonly selection: readonly string[];
  readonly exclude: readonly string[];
  readonly grid: boolean;
}

/** `fastbreak status`: the state of the selected assets, from the record alone. */
export async function runStatus(
  options: StatusOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const project = await openProject(options, effects);
  const graph = new AssetGraph(project.pipeline);
  const selected = selectAssets(graph, [...options.selection], [...options.exclude]);
  return withRecord(project, effects, (record) => {
    const evaluations = [...record.evaluation.assets.values()].filter((each) =>
      selected.has(each.asset.name),
    );
    const text = options.json
      ? jsonText(statusJson(project, record, evaluations))
      : statusText({ project, record, evaluations, options, effects });
    effects.stdout(text);
    return EXIT.ok;
  });
}

/** The shape that scripts rely on. */
export function statusJson(
  project: Project,
  record: ProjectRecord,
  evaluations: readonly AssetEvaluation[],
): object {
  const lastRuns = lastRunsOf(project, record);
  const ages = agesOf(project, evaluations);
  return {
    target: project.target.name,
    running: record.liveRun?.runId ?? null,
    crashed: crashedRunOf(project, record)?.id ?? null,
    assets: evaluations.map(summarizeAsset).map((asset) => ({
      name: asset.name,
      group: asset.group,
      kind: asset.kind,
      expected: asset.expected,
      current: asset.current,
      stale: asset.stale,
      missing: asset.missing,
      failed: asset.failed,
      blocked: asset.blocked,
      expected_empty: asset.expectedEmpty,
      running: asset.running,
      may_change: asset.mayChange,
      newest: asset.newest === undefined ? null : formatDay(asset.newest),
      frozen: asset.frozen,
      frozen_differ: asset.frozenDiffers,
      no_longer_expected: asset.noLongerExpected,
      rows: asset.rows,
      last_run: lastRunJson(lastRuns.get(asset.name)),
      freshness: freshnessJson(ages.get(asset.name)),
    })),
  };
}

interface StatusView {
  readonly project: Project;
  readonly record: ProjectRecord;
  readonly evaluations: readonly AssetEvaluation[];
  readonly options: StatusOptions & GlobalOptions;
  readonly effects: Effects;
}

function statusText(view: StatusView): string {
  const { options, effects } = view;
  const paint = paintFor(options.color);
  const summaries = view.evaluations.map(summarizeAsset);
  if (options.quiet || summaries.length === 0) return verdict(view, summaries);
  if (options.grid) {
    const grid = renderGrid(view.evaluations.map(gridAsset), {
      width: effects.width,
      color: options.color,
    });
    return `${grid}\n${verdict(view, summaries)}`;
  }
  const table = renderStatusTable(summaries, {
    lastRuns: lastRunCells(view),
    width: effects.isTerminal ? effects.width : Infinity,
    paint,
  });
  return `${table}\n${verdict(view, summaries)}`;
}

function verdict(view: StatusView, summaries: readonly AssetSummary[]): string {
  const { project, record, options } = view;
  const scope = { file: options.file, target: options.target };
  if (!record.reader && existsSync(warehousePath(project, view.effects))) {
    const rebuild = commandText(scope, 'state', 'rebuild');
    return `There is a warehouse, but no record of it. To take it over: ${rebuild} (materialize does it too)\n`;
  }
  const { liveRun } = record;
  const crashed = crashedRunOf(project, record);
  const lastWords = crashed
    ? `Run ${crashed.id} (${crashed.command}) did not end: it died, or sleeps. The next run repairs what it left, and carries on.\n`
    : '';
  return `${lastWords}${renderVerdict(summaries, {
    target: project.target.name,
    ages: [...agesOf(project, view.evaluations).values()],
    unreadCalendars: project.pipeline.calendars.filter(
      (calendar) => !record.snapshot.calendars.has(calendar.name),
    ),
    running:
      liveRun &&
      `${liveRun.runId} (${liveRun.command}, since ${formatInstant(liveRun.acquiredAt, project.pipeline.timezone)})`,
    materialize: commandText(
      scope,
      'materialize',
      ...mendingWords(new AssetGraph(project.pipeline), options, view.evaluations),
    ),
    stale: commandText(scope, 'stale', ...askedWords(options)),
    isOpen: openPartitions(summaries) > 0,
    paint: paintFor(options.color),
  })}`;
}

type LastRuns = ReturnType<StateReader['lastRuns']>;

/** Per asset the newest run that touched it; one that died without a word has crashed, whatever its record says. */
function lastRunsOf({ target }: Project, { reader, liveRun }: ProjectRecord): LastRuns {
  const lastRuns = reader?.lastRuns(target.name) ?? new Map<never, never>();
  return new Map(
    [...lastRuns].map(([name, run]) => {
      const isDead = run.status === 'running' && run.runId !== liveRun?.runId;
      return [name, isDead ? { ...run, status: 'crashed' } : run];
    }),
  );
}

/** The newest run, where it died and no other was begun since. */
function crashedRunOf(
  { target }: Project,
  { reader, liveRun }: ProjectRecord,
): RunRecord | undefined {
  const [newest] = reader?.runs(target.name, 1) ?? [];
  return newest?.status === 'running' && newest.id !== liveRun?.runId ? newest : undefined;
}

function lastRunCells({ project, record }: StatusView): ReadonlyMap<string, LastRun> {
  const { timezone } = project.pipeline;
  return new Map(
    [...lastRunsOf(project, record)].map(([name, run]) => [
      name,
      { at: formatInstant(run.at, timezone), status: run.status },
    ]),
  );
}

function lastRunJson(
  run: { readonly runId: string; readonly at: number; readonly status: string } | undefined,
): object | null {
  if (!run) return null;
  return { run_id: run.runId, at: new Date(run.at).toISOString(), status: run.status };
}

/** How new each asset is, from the record: that its rows are still there is for `validate` to say. */
function agesOf(
  { today }: Project,
  evaluations: readonly AssetEvaluation[],
): ReadonlyMap<string, AssetAge> {
  return new Map(
    evaluations.map((evaluation) => {
      const { asset, expected, records } = evaluation;
      const { name } = asset;
      const late = freshnessFindings(asset, { expected: expected.days, records, today });
      const hasRule = asset.checks.some(({ type }) => type === 'freshness');
      const age = recordedFreshness(evaluation, today);
      // How old rows may be is for the asset to say; without a word they are to be up to the calendar.
      const isFresh = hasRule ? late.length === 0 : age.behind === 0;
      return [name, { ...age, name, isFresh, late: late.map(({ message }) => message) }];
    }),
  );
}

function freshnessJson(age: AssetAge | undefined): object | null {
  if (age === undefined) return null;
  const dateOf = (day: Day | undefined): string | null =>
    day === undefined ? null : formatDay(day);
  return {
    fresh: age.isFresh,
    newest: dateOf(age.newest),
    age_days: age.age_days ?? null,
    behind: age.behind,
    expected: dateOf(age.expected),
    failed_checks: age.late,
  };
}

function gridAsset({ asset, expected, status }: AssetEvaluation): GridAsset {
  return {
    name: asset.name,
    days: expected.days,
    statuses: Array.from(status, (code) => STATUS_NAMES[code] ?? 'missing'),
  };
}
