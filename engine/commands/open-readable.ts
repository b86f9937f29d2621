import { existsSync } from 'node:fs';
import { EXIT, isPipelineError, PipelineError } from '../errors.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { type Effects, openWarehouse, type Project } from './context.ts';
import { refuseWhileRunning } from './refuse-while-running.ts';
import { warehousePath } from './warehouse-path.ts';

/** Opens the target to read; one that was never written to is told apart from one that is damaged. */
export async function openReadable(project: Project, effects: Effects): Promise<Warehouse> {
  const { name, warehouse: kind } = project.target;
  if (kind === 'duckdb' && !existsSync(warehousePath(project, effects))) throw neverMade(name);
  const warehouse = await openWarehouse(project, effects, 'read').catch(async (error: unknown) => {
    // Which run it is says more than which process has locked the file.
    if (isPipelineError(error) && error.code === 'WAREHOUSE_LOCKED') {
      await refuseWhileRunning(project, effects, 'ask');
    }
    throw error;
  });
  try {
    if ((await warehouse.fingerprint()) === undefined) throw neverMade(name);
  } catch (error) {
    await warehouse.close();
    throw error;
  }
  return warehouse;
}

function neverMade(target: string): PipelineError {
  return new PipelineError(`nothing was ever materialized in target ${target}`, {
    code: 'NOT_MATERIALIZED',
    hint: 'fastbreak materialize',
    exitCode: EXIT.failed,
  });
}
