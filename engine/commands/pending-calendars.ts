import type { CompiledAsset } from '../compile/compiled.ts';
import { definesOwnCalendar, outdatedCalendars } from '../staleness/calendar-state.ts';
import { STATUS } from '../staleness/status.ts';
import type { StateSnapshot } from '../../state/store.ts';
import type { Preparation } from './prepare.ts';

/**
 * The selected assets that define their own calendar and would be loaded, whatever range is asked for: a changed
 * schedule may bring the very date that is asked for and not known yet.
 */
export function pendingCalendars(
  { project, request, evaluation }: Preparation,
  snapshot: StateSnapshot,
): readonly CompiledAsset[] {
  const outdated = new Set(
    outdatedCalendars(project.pipeline, snapshot).map((calendar) => calendar.asset),
  );
  return project.pipeline.assets.filter((asset) => {
    if (!request.assets.has(asset.name)) return false;
    if (!definesOwnCalendar(project.pipeline, asset)) return false;
    const status = evaluation.assets.get(asset.name)?.status ?? new Uint8Array();
    const isOpen = status.some((each) => each !== STATUS.current && each !== STATUS.expectedEmpty);
    return request.force || status.length === 0 || isOpen || outdated.has(asset.name);
  });
}
