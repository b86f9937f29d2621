import { join, resolve } from 'node:path';

import { resolveVariables } from '../config/variables.ts';
import type { Effects, Project } from './context.ts';

/** The DuckDB file of the project's target. */
export function warehousePath(project: Project, effects: Effects): string {
  const { target } = project;
  if (target.warehouse !== 'duckdb' || target.path === undefined) {
    const name = target.name === 'local' ? 'warehouse.duckdb' : `warehouse-${target.name}.duckdb`;
    return join(project.home, name);
  }
  return resolve(project.pipeline.root, resolveVariables(target.path, effects.env));
}
