import { tableOf } from '../assets/batch.ts';
import type { StateSnapshot } from '../../state/store.ts';
import { EXIT, PipelineError } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import type { AssetName } from '../ids.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import { commandText } from '../report/command-text.ts';
import { jsonText } from '../report/json.ts';
import { listOf, paintFor, plural } from '../report/text.ts';
import { LiveSnapshot } from '../run/live.ts';
import { evaluationOf } from '../staleness/causes.ts';
import { evaluateGraph, type GraphEvaluation, STATUS } from '../staleness/status.ts';
import {
  askedDays,
  type AssetPartitions,
  commandWithYes,
  daysWithCount,
} from './asset-partitions.ts';
import { changeTarget } from './change-target.ts';
import { type Effects, type GlobalOptions, openProject, type Project } from './context.ts';
import { rowsOf } from './leaving.ts';
import { withRecord } from './record.ts';

export type ForgetOptions = AssetPartitions;

/** What one downstream asset comes to. */
interface Consequence {
  readonly asset: AssetName;
  readonly stale: number;
  readonly blocked: number;
}

interface Forgetting {
  readonly asset: AssetName;
  readonly days: readonly Day[];
  readonly calendar: Int32Array;
  readonly rows: number;
  readonly downstream: readonly Consequence[];
}

/** `fastbreak forget ASSET`: removes rows and record of some partitions, once it is asked with `--yes`. */
export async function runForget(
  options: ForgetOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const project = await openProject(options, effects);
  const { name } = new AssetGraph(project.pipeline).asset(options.asset);
  if (!options.yes) {
    return withRecord(project, effects, ({ snapshot }) => {
      const what = whatToForget(project, snapshot, name, options);
      effects.stdout(options.json ? forgetJson(project, what, options) : askText(what, options));
      return EXIT.usage;
    });
  }
  const request = { command: 'forget', options, effects };
  const done = await changeTarget(project, request, async (change) => {
    const target = project.target.name;
    const what = whatToForget(project, change.store.snapshot(target), name, options);
    const asset = new AssetGraph(project.pipeline).asset(name);
    change.confirmLease();
    await change.warehouse.remove(tableOf(asset), name, what.days);
    const { runId } = change;
    const at = effects.now();
    const reason = 'forgotten on request';
    change.store.removePartitions({ target, asset: name, days: what.days, runId, at, reason });
    return { what, runId };
  });
  effects.stdout(
    options.json
      ? forgetJson(project, done.what, options, done.runId)
      : doneText(done.what, done.runId, options),
  );
  return EXIT.ok;
}

function whatToForget(
  project: Project,
  snapshot: StateSnapshot,
  name: AssetName,
  options: ForgetOptions,
): Forgetting {
  const { pipeline, today } = project;
  const before = evaluateGraph({ pipeline, snapshot, today });
  const of = evaluationOf(before, name);
  const days = [...of.records.days].filter(askedDays(of, options, today));
  if (days.length === 0) {
    throw new PipelineError(`nothing is recorded of ${name} in ${options.partitions ?? 'it'}`, {
      code: 'NOTHING_RECORDED',
      hint: `fastbreak status ${name} --grid shows what is`,
    });
  }
  const without = new LiveSnapshot(snapshot);
  without.remove(name, new Set(days));
  const after = evaluateGraph({ pipeline, snapshot: without, today });
  return {
    asset: name,
    days,
    calendar: of.expected.days,
    rows: rowsOf(of, days),
    downstream: consequences(before, after, name),
  };
}

function consequences(
  before: GraphEvaluation,
  after: GraphEvaluation,
  except: AssetName,
): readonly Consequence[] {
  return [...after.assets.values()].flatMap((of): Consequence[] => {
    const asset = of.asset.name;
    if (asset === except) return [];
    const was = before.assets.get(asset)?.status;
    const becoming = (status: number): number =>
      of.status.reduce(
        (sum, now, index) => sum + Number(now === status && was?.[index] !== status),
        0,
      );
    const [stale, blocked] = [becoming(STATUS.stale), becoming(STATUS.blocked)];
    return stale + blocked > 0 ? [{ asset, stale, blocked }] : [];
  });
}

function forgetJson(
  { target }: Project,
  what: Forgetting,
  options: ForgetOptions & GlobalOptions,
  runId?: string,
): string {
  return jsonText({
    target: target.name,
    asset: what.asset,
    partitions: what.days.map(formatDay),
    rows: what.rows,
    downstream: what.downstream,
    done: runId !== undefined,
    run_id: runId ?? null,
    command: runId === undefined ? commandWithYes(options, 'forget', options) : null,
  });
}

function askText(what: Forgetting, options: ForgetOptions & GlobalOptions): string {
  const paint = paintFor(options.color);
  return [
    `This would remove ${daysWithCount(what.days, what.calendar)} of ${what.asset} with ${plural(what.rows, 'row')}.`,
    ...downstreamLines(what),
    `To do it: ${paint('bold', commandWithYes(options, 'forget', options))}`,
    '',
  ].join('\n');
}

function doneText(what: Forgetting, runId: string, options: GlobalOptions): string {
  const paint = paintFor(options.color);
  const again = commandText(options, 'materialize', `${what.asset}+`);
  return [
    `Removed ${daysWithCount(what.days, what.calendar)} of ${what.asset} with ${plural(what.rows, 'row')} (run ${runId}).`,
    ...downstreamLines(what),
    `To make them again: ${paint('bold', again)}`,
    '',
  ].join('\n');
}

function downstreamLines({ downstream }: Forgetting): string[] {
  return downstream.map(({ asset, stale, blocked }) => {
    const texts = [
      ...(stale > 0 ? [`${plural(stale, 'partition')} stale`] : []),
      ...(blocked > 0 ? [`${plural(blocked, 'partition')} blocked`] : []),
    ];
    return `  downstream ${asset}: ${listOf(texts)}`;
  });
}
