import { EXIT } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import type { AssetName, RunId } from '../ids.ts';
import { formatDay } from '../partitions/date.ts';
import { jsonText } from '../report/json.ts';
import { paintFor, plural } from '../report/text.ts';
import { refreshCalendars } from '../run/calendars.ts';
import { LiveSnapshot } from '../run/live.ts';
import { definitionOf } from '../run/restore.ts';
import { packInputs } from '../staleness/input-version.ts';
import { type AssetPartitions, commandWithYes, daysWithCount } from './asset-partitions.ts';
import { changeTarget, type TargetChange } from './change-target.ts';
import {
  type Effects,
  EMPTY_SNAPSHOT,
  type GlobalOptions,
  openProject,
  openReader,
  type Project,
} from './context.ts';
import { type Marking, whatToMark } from './what-to-mark.ts';

export type MarkCurrentOptions = AssetPartitions;
type Options = MarkCurrentOptions & GlobalOptions;

/** `fastbreak mark-current ASSET`: today's inputs count as those that made the rows, once asked with `--yes`. */
export async function runMarkCurrent(options: Options, effects: Effects): Promise<number> {
  const project = await openProject(options, effects);
  const { name } = new AssetGraph(project.pipeline).asset(options.asset);
  if (!options.yes) {
    const what = await preview(project, name, { options, effects });
    effects.stdout(options.json ? markJson(project, what, options) : askText(what, options));
    return what.days.length === 0 ? EXIT.ok : EXIT.usage;
  }
  const request = { command: 'mark-current', options, effects };
  const done = await changeTarget(project, request, async (change) => {
    const reader = change.store;
    const snapshot = reader.snapshot(project.target.name);
    const what = await whatToMark(project, name, { options, effects, snapshot, reader });
    if (what.days.length > 0) await mark(change, what);
    return { what, runId: change.runId };
  });
  const { what, runId } = done;
  effects.stdout(
    options.json ? markJson(project, what, options, runId) : doneText(what, options, runId),
  );
  return EXIT.ok;
}

async function preview(
  project: Project,
  name: AssetName,
  { options, effects }: { readonly options: Options; readonly effects: Effects },
): Promise<Marking> {
  const reader = await openReader(project);
  try {
    const snapshot = reader?.snapshot(project.target.name) ?? EMPTY_SNAPSHOT;
    return await whatToMark(project, name, { options, effects, snapshot, reader });
  } finally {
    reader?.close();
  }
}

/** The warehouse first: it is the truth that the record is compared with after a crash. */
async function mark(change: TargetChange, { of, indexes, observation }: Marking): Promise<void> {
  const { project, store, warehouse, runId, effects } = change;
  const target = project.target.name;
  const { asset } = of;
  const { name, codeVersion } = asset;
  const at = effects.now();
  const windows = of.edges.map((edge) => edge.sums);
  const partitions = indexes.map((index) => ({
    day: of.expected.days[index] ?? 0,
    input: { hi: of.inputHi[index] ?? 0, lo: of.inputLo[index] ?? 0 },
    inputs: packInputs(windows, index),
  }));
  const definition = definitionOf(asset);
  const facts = { asset: name, codeVersion, partitions, runId, at };
  change.confirmLease();
  await warehouse.mark({ ...facts, definition, source: observation });
  const upstream = asset.upstream.map((each) => each.asset);
  store.saveDefinition({ asset: name, codeVersion, parts: definition.parts, upstream });
  store.markCurrent({ ...facts, target, reason: 'declared current, not made again' });
  if (observation) store.saveObservation(target, observation);
  const { pipeline } = project;
  const live = new LiveSnapshot(store.snapshot(target));
  // A calendar is told by the code that its rows come from: that is another one now.
  await refreshCalendars({ ...change, pipeline, target, live }, asset);
}

function markJson(
  { target }: Project,
  what: Marking,
  options: MarkCurrentOptions & GlobalOptions,
  runId?: RunId,
): string {
  const isAsking = runId === undefined && what.days.length > 0;
  return jsonText({
    target: target.name,
    asset: what.of.asset.name,
    partitions: what.days.map(formatDay),
    rows: what.rows,
    already_current: what.alreadyCurrent,
    left_stale: what.leftStale.map(formatDay),
    may_change: what.mayChange,
    causes: what.causes,
    done: runId !== undefined,
    run_id: runId ?? null,
    command: isAsking ? commandWithYes(options, 'mark-current', options) : null,
  });
}

function askText(what: Marking, options: MarkCurrentOptions & GlobalOptions): string {
  const paint = paintFor(options.color);
  const { name } = what.of.asset;
  if (what.days.length === 0) return nothingText(what);
  return [
    `This would declare ${daysWithCount(what.days, what.of.expected.days)} of ${name} current; ${plural(what.rows, 'row')} stay as they are.`,
    'What would then count as known:',
    ...what.causes.map(({ label, count }) => `  ${label} (${plural(count, 'partition')})`),
    ...besides(what),
    `To do it: ${paint('bold', commandWithYes(options, 'mark-current', options))}`,
    '',
  ].join('\n');
}

function doneText(what: Marking, _options: GlobalOptions, runId: RunId): string {
  if (what.days.length === 0) return nothingText(what);
  const days = daysWithCount(what.days, what.of.expected.days);
  return [
    `Declared ${days} of ${what.of.asset.name} current (run ${runId}); no row changed.`,
    ...besides(what),
    '',
  ].join('\n');
}

function nothingText(what: Marking): string {
  const { name } = what.of.asset;
  const left = what.leftStale.length > 0 ? `${besides(what)[0] ?? ''}\n` : '';
  return `Nothing to declare: ${plural(what.alreadyCurrent, 'partition')} of ${name} current already.\n${left}`;
}

function besides({ of, alreadyCurrent, leftStale, mayChange }: Marking): string[] {
  const lines: string[] = [];
  if (leftStale.length > 0) {
    lines.push(`Left stale, since without rows: ${daysWithCount(leftStale, of.expected.days)}.`);
  }
  if (alreadyCurrent > 0) lines.push(`${plural(alreadyCurrent, 'partition')} current already.`);
  if (mayChange > 0) {
    lines.push(
      `${plural(mayChange, 'partition')} may become stale again: upstream partitions in the windows are not current.`,
    );
  }
  return lines;
}
