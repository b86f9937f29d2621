import type { CompiledAsset } from '../compile/compiled.ts';
import { isPipelineError, isWarehouseError } from '../errors.ts';
import { measuredOf } from '../health/column-profile.ts';
import { profileQuery } from '../health/column-profile-query.ts';
import { columnRecords } from '../health/column-profile-record.ts';
import { readProfile } from '../health/column-profile-rows.ts';
import type { RunContext } from '../run/context.ts';
import type { Execution } from '../run/executor.ts';
import type { Project } from './context.ts';
import { findPublishedRows } from './published-rows.ts';

/**
 * Records nulls, means and spread of the numeric columns of the assets that ask for it and were made anew. What goes
 * wrong with it is a warning: the rows are published.
 */
export async function profileAfterRun(
  context: RunContext,
  project: Project,
  execution: Execution,
): Promise<void> {
  if (execution.interrupted) return;
  for (const { name, materialized } of execution.assets) {
    const asset = context.assets.get(name);
    if (asset?.profile !== true || materialized === 0) continue;
    try {
      await profileLightly(context, project, asset);
    } catch (error) {
      if (!isWarehouseError(error) && !isPipelineError(error)) throw error;
      const message = `${name} could not be profiled: ${error.message}`;
      context.emit({ type: 'warning', message });
    }
  }
}

async function profileLightly(
  context: RunContext,
  project: Project,
  asset: CompiledAsset,
): Promise<void> {
  const { warehouse, store, target, runId, signal, now } = context;
  const columns = asset.columns.filter(({ type }) => {
    const measured = measuredOf(type);
    return measured === 'number' || measured === 'truth';
  });
  if (columns.length === 0) return;
  const { days } = await findPublishedRows(asset, undefined, { project, warehouse });
  const estimated = { distinct: false, quantiles: false };
  const request = { asset, columns, days: undefined, detail: 'light', estimated } as const;
  const sql = profileQuery(request, warehouse.capabilities.dialect);
  const profile = readProfile(request, await warehouse.query(sql, { signal, purpose: 'profile' }));
  store.saveProfile({
    target,
    asset: asset.name,
    runId,
    at: now(),
    isWhole: true,
    firstDay: days[0] ?? null,
    lastDay: days.at(-1) ?? null,
    rows: profile.rows,
    columns: columnRecords(profile),
  });
}
