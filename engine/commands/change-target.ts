import { messageOf } from '../errors.ts';
import type { EventListener } from '../events.ts';
import { eventLine } from '../report/event-lines.ts';
import { paintFor } from '../report/text.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { Effects, GlobalOptions, Project } from './context.ts';
import { type HeldTarget, holdTarget, withWarehouse } from './held-target.ts';

export interface TargetChange extends HeldTarget {
  readonly warehouse: Warehouse;
  readonly emit: EventListener;
}

/** A change that is no materialization: with the lease, recorded as a run, record and warehouse in agreement. */
export async function changeTarget<Result>(
  project: Project,
  request: {
    readonly command: string;
    readonly options: GlobalOptions;
    readonly effects: Effects;
  },
  work: (change: TargetChange) => Promise<Result>,
): Promise<Result> {
  const { command, effects } = request;
  const emit = notableLines(request.options, effects);
  return holdTarget(project, { effects, command }, async (held) => {
    const { store, runId } = held;
    store.startRun({ id: runId, target: project.target.name, command, startedAt: effects.now() });
    try {
      const result = await withWarehouse(held, emit, (warehouse) =>
        work({ ...held, warehouse, emit }),
      );
      store.endRun(runId, 'succeeded', effects.now(), null);
      return result;
    } catch (error) {
      store.endRun(runId, 'failed', effects.now(), messageOf(error));
      throw error;
    }
  });
}

/** What happens on the way, on stderr. */
export function notableLines(options: GlobalOptions, effects: Effects): EventListener {
  if (options.quiet) return () => undefined;
  const paint = paintFor(options.color && effects.isTerminal);
  return (event) => {
    const line = eventLine(event, 'notable', paint);
    if (line !== undefined) effects.stderr(`${line}\n`);
  };
}
