import type { ModuleProgress } from '../assets/make-module-context.ts';
import { EXIT, isWarehouseError, PipelineError } from '../errors.ts';
import { comparePaired, ComparisonFault } from '../health/paired-comparison.ts';
import { formatDay } from '../partitions/date.ts';
import { MAX_DAY, MIN_DAY } from '../partitions/window.ts';
import {
  experimentJson,
  type ExperimentReport,
  renderExperiment,
} from '../report/experiment-text.ts';
import { jsonText } from '../report/json.ts';
import { listOf, paintFor } from '../report/text.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { type Effects, type GlobalOptions, openProject, type Project } from './context.ts';
import { requestedDays } from './dates.ts';
import {
  declaredSide,
  evaluateSide,
  type ExperimentPlace,
  notCurrent,
  prepareExperiment,
  variantSide,
} from './experiment-modules.ts';
import { readSystemSides } from './experiment-systems.ts';
import { openReadable } from './open-readable.ts';
import { withRecord } from './record.ts';
import { refuseWhileRunning } from './refuse-while-running.ts';

/** What is held against what. */
export type ExperimentSubject =
  /** Settings of a module; with one variant file against those declared, with two the first against the second. */
  | {
      readonly type: 'settings';
      readonly asset: string;
      readonly model: string | undefined;
      readonly variants: readonly string[];
      /** Take every so many-th partition. */
      readonly every: number;
    }
  /** Systems whose predictions are materialized. */
  | {
      readonly type: 'systems';
      readonly systems: readonly [string, string];
      readonly of: string | undefined;
      readonly by: string | undefined;
    };

export interface ExperimentOptions {
  readonly subject: ExperimentSubject;
  readonly partitions: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Of the draws of dates. */
  readonly seed: number;
  /** End with 1 unless the challenger is better, and not by chance. */
  readonly failUnlessBetter: boolean;
}

/** `fastbreak experiment`: holds a challenger against a champion on the same rows; writes nothing. */
export async function runExperiment(
  options: ExperimentOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const project = await openProject(options, effects);
  await refuseWhileRunning(project, effects, 'experiment');
  const warehouse = await openReadable(project, effects);
  let report: ExperimentReport;
  try {
    report = await experiment(options, { project, warehouse }, effects);
  } catch (error) {
    throw isWarehouseError(error) || error instanceof ComparisonFault ? endedBy(error) : error;
  } finally {
    await warehouse.close();
  }
  if (options.json) effects.stdout(jsonText(experimentJson(report)));
  else effects.stdout(renderExperiment(report, paintFor(options.color)));
  const isBetter = report.compared.all.verdict === 'challenger_wins';
  return options.failUnlessBetter && !isBetter ? EXIT.failed : EXIT.ok;
}

interface Reading {
  readonly project: Project;
  readonly warehouse: Warehouse;
}

function experiment(
  options: ExperimentOptions & GlobalOptions,
  reading: Reading,
  effects: Effects,
): Promise<ExperimentReport> {
  const { subject } = options;
  if (subject.type === 'systems') return ofSystems({ ...options, subject }, reading, effects);
  // Only now: while the warehouse is open nobody can write to it, so that record and rows stay as they are.
  return withRecord(reading.project, effects, ({ evaluation }) =>
    ofSettings({ ...options, subject }, { ...reading, evaluation, effects }, effects),
  );
}

type With<Type extends ExperimentSubject['type']> = ExperimentOptions &
  GlobalOptions & { readonly subject: Extract<ExperimentSubject, { readonly type: Type }> };

async function ofSettings(
  options: With<'settings'>,
  place: ExperimentPlace,
  effects: Effects,
): Promise<ExperimentReport> {
  const { subject, seed } = options;
  const days = requestedDays(options, place.project.today);
  const prepared = await prepareExperiment({ ...subject, days }, place);
  const variants = await Promise.all(
    subject.variants.map((path) => variantSide(prepared, path, place)),
  );
  const [champion, challenger] =
    variants.length === 2 ? variants : [declaredSide(prepared), variants[0]];
  if (champion === undefined || challenger === undefined) throw new Error('Internal error: a side');
  const lacking = notCurrent(prepared, place);
  if (lacking.length > 0) effects.stderr(`warning: ${listOf(lacking)}\n`);
  const note = options.quiet ? () => undefined : effects.stderr;
  const evaluate = (side: typeof champion, role: string) =>
    evaluateSide(prepared, side, {
      place,
      log: (message) => note(`${role}: ${message}\n`),
      progress: progressNote(role, note),
    });
  // One after the other: each takes every core.
  const ofChampion = await evaluate(champion, 'champion');
  const ofChallenger = await evaluate(challenger, 'challenger');
  const { asset, expected } = prepared.evaluation;
  return {
    target: place.project.target.name,
    about: asset.name,
    kind: 'settings',
    champion,
    challenger,
    cutOffs: prepared.indexes.map((index) => formatDay(expected.days[index] ?? 0)),
    seed,
    compared: comparePaired(ofChampion, ofChallenger, seed),
  };
}

function progressNote(
  role: string,
  note: (text: string) => void,
): (progress: ModuleProgress) => void {
  return ({ done, total, what }) => note(`${role}: ${done} of ${total} ${what}\n`);
}

async function ofSystems(
  options: With<'systems'>,
  reading: Reading,
  effects: Effects,
): Promise<ExperimentReport> {
  const { subject, seed } = options;
  const { project } = reading;
  const asked = requestedDays(options, project.today)?.ranges[0];
  const range = asked ?? { lo: MIN_DAY + 1, hi: MAX_DAY };
  const sides = await readSystemSides({ ...subject, range }, reading, effects);
  const [champion, challenger] = subject.systems;
  return {
    target: project.target.name,
    about: `${sides.comparison.title} (${sides.comparison.asset})`,
    kind: 'systems',
    champion: { name: champion, settings: undefined },
    challenger: { name: challenger, settings: undefined },
    cutOffs: [],
    seed,
    compared: comparePaired(sides.champion, sides.challenger, seed),
  };
}

function endedBy(error: Error): PipelineError {
  if (!isWarehouseError(error)) {
    return new PipelineError(`the sides cannot be compared: ${error.message}`, {
      code: 'NOT_COMPARABLE',
      exitCode: EXIT.failed,
      hint: 'take another range, or variants that predict the same rows',
      cause: error,
    });
  }
  const isInterrupted = error.kind === 'interrupted';
  const what = isInterrupted ? 'it was interrupted' : error.message;
  return new PipelineError(`the experiment ended early: ${what}`, {
    code: error.category,
    exitCode: isInterrupted ? EXIT.interrupted : EXIT.failed,
    cause: error,
  });
}
