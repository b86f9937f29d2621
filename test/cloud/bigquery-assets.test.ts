import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boundRelations } from '../../engine/assets/batch.ts';
import { sqlAssetSelect } from '../../engine/assets/sql-asset.ts';
import type { CompiledAsset, CompiledPipeline } from '../../engine/compile/compiled.ts';
import type { AssetEvaluation } from '../../engine/staleness/status.ts';
import { Flagship, onDuckdb } from '../nba/flagship.ts';
import { type BigQueryAndClient, rowsOf, startedBigQuery } from './clients.ts';

const SLOW = 300_000;
/** The last dates are not played yet. */
const TO_COME = { throughDate: '2024-12-20', scheduledThrough: '2024-12-23' };

let flagship: Flagship;
let cloud: BigQueryAndClient;
let pipeline: CompiledPipeline;
let evaluations: readonly AssetEvaluation[];

/** The flagship pipeline made locally, and all of its tables loaded into the server. */
beforeAll(async () => {
  flagship = await Flagship.simulated(TO_COME);
  await flagship.make();
  ({ pipeline } = await flagship.open());
  evaluations = [...(await flagship.evaluate()).evaluation.assets.values()];
  cloud = await startedBigQuery();
  const datasets = new Set(pipeline.assets.map((asset) => asset.dataset));
  for (const dataset of datasets) await cloud.client.createDataset(dataset);
  await cloud.client.createDataset('made');
  await loadTables();
}, SLOW);

afterAll(async () => {
  await cloud[Symbol.asyncDispose]();
  flagship[Symbol.dispose]();
});

async function loadTables(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bigquery-assets-'));
  await onDuckdb(flagship.warehouseFile, async (connection) => {
    for (const asset of pipeline.assets) {
      const path = join(folder, `${asset.name}.parquet`);
      await connection.run(`COPY ${asset.dataset}.${asset.name} TO '${path}' (FORMAT parquet)`);
      await cloud.client
        .dataset(asset.dataset)
        .table(asset.name)
        .load(path, {
          sourceFormat: 'PARQUET',
          schema: { fields: asset.columns.map(fieldOf) },
          parquetOptions: { enableListInference: true },
          location: 'US',
        });
    }
  });
  rmSync(folder, { recursive: true });
}

function fieldOf({ name, type }: CompiledAsset['columns'][number]): {
  readonly name: string;
  readonly type: string;
  readonly mode: string;
} {
  const element = /^ARRAY<(\w+)>$/.exec(type)?.[1];
  return { name, type: element ?? type, mode: element === undefined ? 'NULLABLE' : 'REPEATED' };
}

/** Names of the assets with SQL; read from the folder, since tests are collected before the pipeline is compiled. */
const SQL_ASSETS = readdirSync(resolve(import.meta.dirname, '../../assets'), {
  recursive: true,
  encoding: 'utf8',
})
  .filter((path) => path.endsWith('.sql'))
  .map((path) => basename(path, '.sql'))
  .sort();

describe('every SQL asset gives the rows on the server that it gives locally', () => {
  test.each(SQL_ASSETS)('%s', { timeout: SLOW }, async (name) => {
    const evaluation = evaluations.find((each) => each.asset.name === name);
    if (evaluation === undefined) throw new Error(`no asset ${name}`);
    const assets = new Map(pipeline.assets.map((asset) => [asset.name, asset]));
    const batch = { evaluation, indexes: someIndexes(evaluation) };
    expect(boundRelations(batch, assets).length).toBeGreaterThan(0);
    const google = sqlAssetSelect(batch, assets, 'bigquery');
    const functions = temporaryFunctions(evaluation.asset);
    await rowsOf(
      cloud.client,
      [...functions, `CREATE OR REPLACE TABLE made.${name} AS\n${google}`].join(';\n'),
    );
    const found = (
      await cloud.server.duckdb(sortedRows(`SELECT * FROM made.${name}`))
    ).getRowsJson();
    const local = await onDuckdb(flagship.warehouseFile, (connection) =>
      localRows(connection, evaluation.asset, sqlAssetSelect(batch, assets, 'duckdb')),
    );
    expect(local.length).toBeGreaterThan(0);
    expect(found.map((row) => row.map(withoutZone))).toEqual(local);
  });
});

/** The last dates, played and to come, where every window is full; all of an unpartitioned asset. */
function someIndexes({ expected }: AssetEvaluation): readonly number[] {
  return [...expected.days.keys()].slice(-12);
}

function temporaryFunctions(asset: CompiledAsset): readonly string[] {
  const names = asset.sql?.functions ?? [];
  return pipeline.functions
    .filter((each) => names.includes(each.name))
    .map(({ name, arguments: parameters, sql }) => {
      const list = parameters.map((each) => `${each.name} ${each.type}`).join(', ');
      return `CREATE TEMP FUNCTION ${name}(${list}) AS (${sql})`;
    });
}

async function localRows(
  connection: DuckDBConnection,
  asset: CompiledAsset,
  select: string,
): Promise<readonly unknown[]> {
  await connection.run("SET TimeZone = 'UTC'");
  for (const name of asset.sql?.functions ?? []) {
    await connection.run(
      (pipeline.duckdbFunctions[name] ?? '').replace(
        /^CREATE (OR REPLACE )?(TEMP(ORARY)? )?/,
        'CREATE OR REPLACE TEMP ',
      ),
    );
  }
  return (await connection.runAndReadAll(sortedRows(select))).getRowsJson();
}

/** A timestamp of the server's, which keeps the zone, as the local warehouse has it. */
function withoutZone(value: unknown): unknown {
  const zoned = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)\+00$/;
  return typeof value === 'string' ? value.replace(zoned, '$1') : value;
}

function sortedRows(select: string): string {
  return `SELECT * FROM (${select}) AS _all ORDER BY ALL`;
}
