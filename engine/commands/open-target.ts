import { resolveVariables } from '../config/variables.ts';
import { PipelineError } from '../errors.ts';
import { openDuckdbWarehouse } from '../warehouse/duckdb.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { Effects, Project } from './context.ts';
import { warehousePath } from './warehouse-path.ts';

/** Opens the warehouse of the project's target; the only place that knows which kinds there are. */
export async function openTarget(
  project: Project,
  effects: Effects,
  mode: 'read' | 'write',
): Promise<Warehouse> {
  const { target } = project;
  if (target.warehouse === 'bigquery') {
    throw new PipelineError(`target "${target.name}" is on BigQuery, which is not supported yet`, {
      code: 'TARGET_UNSUPPORTED',
      hint: 'use --target local',
    });
  }
  return openDuckdbWarehouse({
    path: warehousePath(project, effects),
    memoryLimit: resolveVariables(target.memoryLimit, effects.env),
    threads: target.threads,
    readOnly: mode === 'read',
  });
}
