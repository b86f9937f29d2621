import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';

import type { CompiledAsset } from '../compile/compiled.ts';
import { resolveVariables } from '../config/variables.ts';
import { PipelineError } from '../errors.ts';
import type { DatasetName } from '../report/lineage-openlineage.ts';
import type { Effects, Project } from './context.ts';
import { sourceAddress } from './sources.ts';
import { warehousePath } from './warehouse-path.ts';

/**
 * What OpenLineage calls the tables of the target. BigQuery's are `bigquery` and `project.dataset.table`. It has
 * no rule for DuckDB, so one like those of other databases: `duckdb://PIPELINE` and `database.schema.table`, the
 * database by the name that DuckDB gives to the file. No path: a colleague's copy has the same names.
 */
export function tableNames(
  project: Project,
  effects: Effects,
): (asset: CompiledAsset) => DatasetName {
  const { target, pipeline } = project;
  if (target.warehouse === 'duckdb') {
    const path = warehousePath(project, effects);
    const database = basename(path, extname(path));
    return ({ dataset, name }) => ({
      namespace: `duckdb://${pipeline.name}`,
      name: `${database}.${dataset}.${name}`,
    });
  }
  const place = `targets.${target.name}.project`;
  const id = resolveVariables(target.project, effects.env, place);
  if (id === '') {
    throw new PipelineError(`expected the id of a Google Cloud project at ${place}, found none`, {
      code: 'MISSING_PROJECT',
      hint: `OpenLineage names tables by it; pipeline.yaml says "${target.project}": set what it names, or another --target`,
    });
  }
  return ({ dataset, name }) => ({ namespace: 'bigquery', name: `${id}.${dataset}.${name}` });
}

/** What OpenLineage calls a source's files: `gs://bucket` and the path in it, or `file` and the absolute path. */
export function fileName(project: Project, effects: Effects, asset: CompiledAsset): DatasetName {
  const address = sourceAddress(project, effects, asset);
  const [, bucket, path] = /^(gs:\/\/[^/]+)\/?(.*)$/s.exec(address) ?? [];
  if (bucket === undefined) return { namespace: 'file', name: address };
  return { namespace: bucket, name: path === undefined || path === '' ? '/' : path };
}

/** The version of this engine. */
export function engineVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
