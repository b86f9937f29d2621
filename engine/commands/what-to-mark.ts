import type { SourceObservation, StateReader, StateSnapshot } from '../../state/store.ts';
import { PipelineError } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import { CONTENT } from '../partitions/records.ts';
import { listOf } from '../report/text.ts';
import { evaluationOf, explainCauses } from '../staleness/causes.ts';
import {
  type AssetEvaluation,
  evaluateGraph,
  type GraphEvaluation,
  STATUS,
  STATUS_NAMES,
} from '../staleness/status.ts';
import { askedDays, type AssetPartitions } from './asset-partitions.ts';
import type { Effects, Project } from './context.ts';
import { rowsOf } from './leaving.ts';
import { observeSources } from './sources.ts';

export interface Marking {
  readonly of: AssetEvaluation;
  /** Positions of the stale partitions with rows. */
  readonly indexes: readonly number[];
  readonly days: readonly Day[];
  readonly rows: number;
  readonly alreadyCurrent: number;
  /** Stale ones without rows, found to be empty by other inputs: to be looked at again, not to be declared. */
  readonly leftStale: readonly Day[];
  /** Of those to be marked, how many have upstream partitions that are still to be made. */
  readonly mayChange: number;
  readonly causes: readonly { readonly label: string; readonly count: number }[];
  /** The files of a source, which the marked rows then stand for. */
  readonly observation: SourceObservation | undefined;
}

interface MarkContext {
  readonly options: AssetPartitions;
  readonly effects: Effects;
  readonly snapshot: StateSnapshot;
  readonly reader: StateReader | undefined;
}

/** The stale partitions among those asked for; refuses a range that holds any without good rows. */
export async function whatToMark(
  project: Project,
  name: AssetName,
  context: MarkContext,
): Promise<Marking> {
  const { snapshot, options } = context;
  const { pipeline, today } = project;
  const assets = new Set([name]);
  const recorded = snapshot.observations;
  const sources = await observeSources(project, context.effects, { assets, recorded });
  const missing = sources.unobserved.get(name);
  if (missing) throw new PipelineError(missing.message, { code: missing.category });
  const evaluation = evaluateGraph({ pipeline, snapshot, today, sourceContent: sources.content });
  const of = evaluationOf(evaluation, name);
  const isAsked = askedDays(of, options, today);
  const asked = [...of.expected.days.keys()].filter((at) => isAsked(of.expected.days[at] ?? 0));
  refuseWithoutRows(of, asked);
  const stale = asked.filter((index) => of.status[index] === STATUS.stale);
  const indexes = stale.filter((index) => hasRowsAt(of, index));
  const dayOf = (index: number): Day => of.expected.days[index] ?? 0;
  const days = indexes.map(dayOf);
  return {
    of,
    indexes,
    days,
    rows: rowsOf(of, days),
    alreadyCurrent: asked.length - stale.length,
    leftStale: stale.filter((index) => !hasRowsAt(of, index)).map(dayOf),
    mayChange: indexes.filter((index) => of.mayChange[index] === 1).length,
    causes: causeCounts(project, evaluation, context, { name, indexes }),
    observation: sources.observed.get(name)?.observation,
  };
}

function refuseWithoutRows(of: AssetEvaluation, asked: readonly number[]): void {
  const { name } = of.asset;
  if (asked.length === 0) {
    throw new PipelineError(`none of the dates asked for is a partition of ${name}`, {
      code: 'EMPTY_RANGE',
      hint: `fastbreak status ${name} --grid shows its partitions`,
    });
  }
  const refused = asked.filter((index) => !MAY_BE_ASKED.has(of.status[index] ?? STATUS.missing));
  if (refused.length === 0) return;
  const texts = refused.slice(0, 5).map((index) => {
    const status = STATUS_NAMES[of.status[index] ?? 0] ?? 'missing';
    return `${formatDay(of.expected.days[index] ?? 0)} (${status})`;
  });
  if (refused.length > 5) texts.push(`${refused.length - 5} more`);
  throw new PipelineError(
    `only partitions with good rows can be declared current, found in ${name}: ${listOf(texts)}`,
    { code: 'NOT_MARKABLE', hint: `leave them out, or make them: fastbreak materialize ${name}` },
  );
}

const MAY_BE_ASKED: ReadonlySet<number> = new Set([
  STATUS.stale,
  STATUS.current,
  STATUS.expectedEmpty,
]);

function hasRowsAt({ records, recordIndex }: AssetEvaluation, index: number): boolean {
  return records.content[recordIndex[index] ?? -1] === CONTENT.materialized;
}

/** The causes that the marking would overrule, each with the number of its partitions. */
function causeCounts(
  project: Project,
  evaluation: GraphEvaluation,
  { snapshot, reader }: MarkContext,
  { name, indexes }: { readonly name: AssetName; readonly indexes: readonly number[] },
): Marking['causes'] {
  const causes = explainCauses({
    evaluation,
    codeVersions: snapshot.codeVersions,
    reader,
    target: project.target.name,
    asset: name,
    indexes,
  });
  const labels = [...causes.values()].flatMap((each) => each.map((cause) => cause.label));
  return [...Map.groupBy(labels, (label) => label)].map(([label, { length: count }]) => ({
    label,
    count,
  }));
}
