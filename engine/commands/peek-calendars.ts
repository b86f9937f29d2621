import type { ExpectedDays } from '../partitions/calendar.ts';
import { sourceSelect } from '../assets/source-asset.ts';
import type { StateSnapshot } from '../../state/store.ts';
import { EXIT, isWarehouseError, PipelineError } from '../errors.ts';
import { calendarsOf } from '../staleness/calendar-state.ts';
import { readCalendar } from '../run/calendars.ts';
import { pendingCalendars } from './pending-calendars.ts';
import type { Preparation } from './prepare.ts';
import { localFiles } from './sources.ts';

/**
 * The calendars that a run would read from sources that are new or changed, so that a plan made before the run
 * has the right dates. Read with DuckDB in memory: nothing is written. Undefined when there is nothing to peek.
 */
export async function peekCalendars(
  preparation: Preparation,
  snapshot: StateSnapshot,
): Promise<ReadonlyMap<string, ExpectedDays> | undefined> {
  const { project, sources } = preparation;
  const pending = pendingCalendars(preparation, snapshot).filter(({ kind }) => kind === 'source');
  if (pending.length === 0) return undefined;
  const { openDuckdbWarehouse } = await import('../warehouse/duckdb.ts');
  const options = { path: ':memory:', memoryLimit: '1GB', threads: undefined, readOnly: false };
  const warehouse = await openDuckdbWarehouse(options);
  const found = new Map<string, ExpectedDays>();
  try {
    for (const asset of pending) {
      const source = sources.observed.get(asset.name);
      if (!source) continue;
      const select = await sourceSelect(asset, await localFiles(project, source), undefined);
      for (const calendar of calendarsOf(project.pipeline, asset.name)) {
        const signal = new AbortController().signal;
        const relation = `(${select}) AS _peek`;
        found.set(
          calendar.name,
          await readCalendar(warehouse, project.pipeline, { calendar, relation, signal }),
        );
      }
    }
  } catch (error) {
    throw unreadable(error);
  } finally {
    await warehouse.close();
  }
  return found.size === 0 ? undefined : found;
}

/** Files that a run would record as a failure; a dry run has nothing to record. */
function unreadable(error: unknown): unknown {
  if (!isWarehouseError(error)) return error;
  return new PipelineError(`no plan without the dates of the calendar: ${error.message}`, {
    code: error.category,
    exitCode: EXIT.failed,
    hint: 'mend the files of the source',
    cause: error,
  });
}
