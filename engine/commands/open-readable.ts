import { existsSync } from 'node:fs';
import { EXIT, PipelineError } from '../errors.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { type Effects, openWarehouse, type Project } from './context.ts';
import { warehousePath } from './warehouse-path.ts';

/** Opens the target to read; one that was never written to is told apart from one that is damaged. */
export async function openReadable(project: Project, effects: Effects): Promise<Warehouse> {
  const { target } = project;
  if (target.warehouse === 'duckdb' && !existsSync(warehousePath(project, effects))) {
    throw new PipelineError(`nothing was ever materialized in target ${target.name}`, {
      code: 'NOT_MATERIALIZED',
      hint: 'fastbreak materialize',
      exitCode: EXIT.failed,
    });
  }
  return openWarehouse(project, effects, 'read');
}
