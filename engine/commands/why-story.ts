import type { EventRecord } from '../../state/store.ts';
import type { Upstream } from '../config/pipeline.ts';
import { lowerBound, type Period, periodAt } from '../partitions/calendar.ts';
import type { Day } from '../partitions/date.ts';
import { ATTEMPT, CONTENT } from '../partitions/records.ts';
import { type CommandScope, commandText, partitionWords } from '../report/command-text.ts';
import type { Cause } from '../staleness/cause.ts';
import { evaluationOf, explainCauses, hasOtherInputs } from '../staleness/causes.ts';
import { openPartitionsBehind } from '../staleness/open-upstream.ts';
import { type PathStep, pathToRoot } from '../staleness/root-cause.ts';
import {
  type AssetEvaluation,
  type EdgeEvaluation,
  isExpectedEmptyByCalendar,
  STATUS_NAMES,
  type StatusName,
} from '../staleness/status.ts';
import type { Project } from './context.ts';
import type { ProjectRecord } from './record.ts';
import { windowText } from './window-text.ts';

export interface WhyRequest {
  readonly project: Project;
  readonly record: ProjectRecord;
  readonly of: AssetEvaluation;
  readonly day: Day;
  readonly scope: CommandScope;
}

/** What one upstream's window holds for a partition. */
export interface WindowStory {
  readonly upstream: Upstream;
  readonly window: string;
  /** First and last expected upstream partition in it. */
  readonly first: Day | undefined;
  readonly last: Day | undefined;
  readonly count: number;
  readonly statuses: ReadonlyMap<StatusName, number>;
}

/** Everything there is to say about one partition. */
export interface Story {
  readonly of: AssetEvaluation;
  readonly day: Day;
  readonly status: StatusName;
  readonly period: Period | undefined;
  readonly periodName: string;
  readonly isFrozen: boolean;
  /** Frozen, and made again it would be made from other inputs. */
  readonly wouldDiffer: boolean;
  readonly mayChange: boolean;
  readonly causes: readonly Cause[];
  /** Why it is expected to be empty. */
  readonly emptyReason: string | undefined;
  /** The newest event that left good content. */
  readonly content: EventRecord | undefined;
  readonly windows: readonly WindowStory[];
  readonly path: readonly PathStep[];
  /** Newest first. */
  readonly history: readonly EventRecord[];
  readonly liveRun: string | undefined;
  readonly fix: string | undefined;
}

export function tellStory(request: WhyRequest, index: number): Story {
  const { project, record, of, day } = request;
  const target = project.target.name;
  const path = { ...record, codeVersions: record.snapshot.codeVersions, target };
  const history = record.reader?.eventsOfPartition(target, of.asset.name, day) ?? [];
  const status = STATUS_NAMES[of.status[index] ?? 0] ?? 'current';
  const isFrozen = of.asset.freeze === 'once' && status === 'current';
  const story = {
    of,
    day,
    status,
    period: periodAt(of.expected, index),
    periodName: periodNameOf(request),
    isFrozen,
    wouldDiffer: isFrozen && hasOtherInputs(of, index),
    mayChange: !isFrozen && status === 'current' && of.mayChange[index] === 1,
    causes: causesOf(request, index),
    emptyReason: status === 'expected-empty' ? emptyReason(of, index, history) : undefined,
    content: contentEvent(of, index, history),
    windows: of.edges.map((edge) => windowStory(request, index, edge)),
    path: isFrozen ? [] : pathToRoot(path, of.asset.name, index),
    history,
    liveRun: record.liveRun?.runId,
  };
  return { ...story, fix: fixOf(request, index, story) };
}

function causesOf({ project, record, of }: WhyRequest, index: number): readonly Cause[] {
  const causes = explainCauses({
    evaluation: record.evaluation,
    codeVersions: record.snapshot.codeVersions,
    reader: record.reader,
    target: project.target.name,
    asset: of.asset.name,
    indexes: [index],
    most: Infinity,
  });
  return causes.get(index) ?? [];
}

function periodNameOf({ project, of }: WhyRequest): string {
  const set = project.pipeline.partitionSets.find((each) => each.name === of.asset.partitionSet);
  if (!set || set.type === 'days') return 'period';
  return (
    project.pipeline.calendars.find((each) => each.name === set.calendar)?.periodName ?? 'period'
  );
}

function emptyReason(
  of: AssetEvaluation,
  index: number,
  history: readonly EventRecord[],
): string | undefined {
  if (isExpectedEmptyByCalendar(of.asset, of.expected, index)) {
    const rule = of.asset.expectedEmpty.find((each) => each.type === 'first_days_of_period');
    return rule?.reason;
  }
  return history.find((event) => event.type === 'expected_empty')?.message ?? undefined;
}

function contentEvent(
  of: AssetEvaluation,
  index: number,
  history: readonly EventRecord[],
): EventRecord | undefined {
  const at = of.recordIndex[index] ?? -1;
  if (at < 0 || of.records.content[at] === CONTENT.none) return undefined;
  return history.find((event) => event.sequence === of.records.sequence[at]);
}

function windowStory(request: WhyRequest, index: number, edge: EdgeEvaluation): WindowStory {
  const source = evaluationOf(request.record.evaluation, edge.upstream.asset);
  const { days } = source.expected;
  const from = lowerBound(days, edge.ranges.lo[index] ?? 0);
  const to = Math.max(from, lowerBound(days, edge.ranges.hi[index] ?? 0));
  const statuses = new Map<StatusName, number>();
  for (let position = from; position < to; position++) {
    const status = STATUS_NAMES[source.status[position] ?? 0] ?? 'missing';
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  return {
    upstream: edge.upstream,
    window: windowText(edge.upstream.window, periodNameOf(request)),
    first: to > from ? days[from] : undefined,
    last: to > from ? days[to - 1] : undefined,
    count: to - from,
    statuses,
  };
}

/** The command that mends the partition, with all that has to be made first. */
function fixOf(
  { record, of, scope }: WhyRequest,
  index: number,
  story: Omit<Story, 'fix'>,
): string | undefined {
  if (story.status === 'running' || story.status === 'expected-empty') return undefined;
  const { name } = of.asset;
  if (story.isFrozen) {
    if (!story.wouldDiffer) return undefined;
    return commandText(
      scope,
      'materialize',
      name,
      ...partitionWords([story.day]),
      '--force',
      '--thaw',
    );
  }
  const open = openPartitionsBehind(record.evaluation, name, index);
  if (open.assets.size === 0) return undefined;
  const isAlone = open.assets.size === 1 && open.assets.has(name);
  const days = [...open.days, story.day];
  return commandText(scope, 'materialize', isAlone ? name : `+${name}`, ...partitionWords(days));
}

/** Whether the newest attempt failed while older rows stay readable. */
export function hasOlderRows({ of, day, content }: Story): boolean {
  const at = of.records.days.indexOf(day);
  return content !== undefined && of.records.attempt[at] === ATTEMPT.failed;
}
