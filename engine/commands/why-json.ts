import type { EventRecord } from '../../state/store.ts';
import { formatDay } from '../partitions/date.ts';
import { formatHash } from '../partitions/hash64.ts';
import { causeJson } from './stale.ts';
import type { Story, WindowStory } from './why-story.ts';

/** The shape that scripts rely on, with more of the story beside it. */
export function storyJson(story: Story): object {
  return {
    asset: story.of.asset.name,
    partition: formatDay(story.day),
    status: story.status,
    period: story.period?.name ?? null,
    frozen: story.isFrozen,
    would_differ: story.wouldDiffer,
    may_change: story.mayChange,
    reason: story.emptyReason ?? null,
    causes: story.causes.map((cause) => ({
      ...causeJson(cause),
      ...(cause.changes === undefined ? {} : { changes: cause.changes.map(changeJson) }),
    })),
    materialization: story.content ? eventJson(story.content) : null,
    upstream: story.windows.map(windowJson),
    path: story.path.map(({ asset, day, text }) => ({ asset, partition: formatDay(day), text })),
    history: story.history.map(eventJson),
    fix: story.fix ?? null,
  };
}

function changeJson({ day, rowsBefore, rows, runId }: EventRecord): object {
  return { partition: formatDay(day), rows_before: rowsBefore, rows, run_id: runId };
}

function windowJson(window: WindowStory): object {
  return {
    asset: window.upstream.asset,
    relation: window.upstream.relation,
    window: window.window,
    optional: window.upstream.optional,
    from: window.first === undefined ? null : formatDay(window.first),
    to: window.last === undefined ? null : formatDay(window.last),
    partitions: window.count,
    statuses: Object.fromEntries(window.statuses),
  };
}

export function eventJson(event: EventRecord): object {
  return {
    at: new Date(event.at).toISOString(),
    type: event.type,
    run_id: event.runId,
    rows_before: event.rowsBefore,
    rows: event.rows,
    data_version: event.data ? formatHash(event.data) : null,
    code_version: event.codeVersion,
    category: event.category,
    message: event.message,
  };
}
