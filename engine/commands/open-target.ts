import { resolveVariables } from '../config/variables.ts';
import type { Target } from '../config/pipeline.ts';
import { duckdbFingerprint } from '../warehouse/duckdb-fingerprint.ts';
import { openDuckdbWarehouse } from '../warehouse/duckdb.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { Effects, Project } from './context.ts';
import { fileIdentity, requireSameFile } from './same-file.ts';
import { warehousePath } from './warehouse-path.ts';

/** Opens the warehouse of the project's target; the only place that knows which kinds there are. */
export async function openTarget(
  project: Project,
  effects: Effects,
  mode: 'read' | 'write',
): Promise<Warehouse> {
  const { target } = project;
  if (target.warehouse === 'bigquery') return openBigquery(project, target, effects, mode);
  return openDuckdbWarehouse({
    path: warehousePath(project, effects),
    memoryLimit: resolveVariables(target.memoryLimit, effects.env),
    threads: target.threads,
    readOnly: mode === 'read',
  });
}

async function openBigquery(
  project: Project,
  target: Extract<Target, { readonly warehouse: 'bigquery' }>,
  effects: Effects,
  mode: 'read' | 'write',
): Promise<Warehouse> {
  const { openBigqueryWarehouse } = await import('../warehouse/bigquery.ts');
  return openBigqueryWarehouse({
    project: resolveVariables(target.project, effects.env, `targets.${target.name}.project`),
    location: resolveVariables(target.location, effects.env, `targets.${target.name}.location`),
    pipeline: project.pipeline.name,
    stateDataset: `${target.datasetPrefix}${target.stateDataset}`,
    maxBytesBilled: target.maxBytesBilled,
    readOnly: mode === 'read',
    now: effects.now,
  });
}

/** A warehouse that is open to be written to, and what tells whether anybody else wrote to it between two runs. */
export interface OpenedWarehouse {
  readonly warehouse: Warehouse;
  /** The fingerprint of what was there before anything is written; undefined when there was nothing. */
  readonly found: () => Promise<string | undefined>;
  /** Closes the warehouse; returns the fingerprint that it is left with. */
  readonly close: () => Promise<string | undefined>;
}

/**
 * Opens the target to write. The fingerprint of a DuckDB file can only be taken while the file is closed; another
 * kind of warehouse may tell its own while it is open.
 */
export async function openToWrite(project: Project, effects: Effects): Promise<OpenedWarehouse> {
  if (project.target.warehouse === 'bigquery') {
    const warehouse = await openTarget(project, effects, 'write');
    const close = async (): Promise<string | undefined> => {
      const left = await warehouse.fingerprint();
      await warehouse.close();
      return left;
    };
    return { warehouse, found: () => warehouse.fingerprint(), close };
  }
  const path = warehousePath(project, effects);
  const found = duckdbFingerprint(path);
  const warehouse = await openTarget(project, effects, 'write');
  const opened = fileIdentity(path);
  const close = async (): Promise<string | undefined> => {
    await warehouse.close();
    requireSameFile(path, opened);
    return warehouse.fingerprint();
  };
  return { warehouse, found: () => Promise.resolve(found), close };
}
