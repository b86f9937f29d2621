import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openBigqueryWarehouse } from '../../engine/warehouse/bigquery.ts';
import { openDuckdbWarehouse } from '../../engine/warehouse/duckdb.ts';
import type { Warehouse } from '../../engine/warehouse/warehouse.ts';
import { startBigQueryServer } from '../cloud/bigquery/server.ts';
import { setVariables } from '../cloud/clients.ts';

/** A place of one kind of warehouse: what is written to it is there for whoever opens it next. */
export interface Place {
  /** Opened anew, closed when the test is over. */
  open(how?: { readonly readOnly?: boolean }): Promise<Warehouse>;
}

/** A kind of warehouse, and how a test gets an empty place of it. */
export interface Kind {
  readonly name: string;
  readonly place: () => Promise<Place>;
}

/** Every kind that there is. */
export const KINDS: readonly Kind[] = [
  { name: 'DuckDB', place: () => Promise.resolve(duckdbPlace()) },
  { name: 'BigQuery', place: bigqueryPlace },
];

function duckdbPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'fastbreak-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'deep', 'warehouse.duckdb');
  return {
    open: ({ readOnly = false } = {}) =>
      closedLater(openDuckdbWarehouse({ path, memoryLimit: '200MB', threads: 1, readOnly })),
  };
}

async function bigqueryPlace(): Promise<Place> {
  const server = await startBigQueryServer();
  const restore = setVariables(server.env);
  onTestFinished(async () => {
    restore();
    await server.stop();
  });
  const options = {
    project: server.project,
    location: 'US',
    pipeline: 'shop',
    stateDataset: 'fastbreak_shop',
    maxBytesBilled: undefined,
    now: Date.now,
  };
  return {
    open: ({ readOnly = false } = {}) =>
      closedLater(openBigqueryWarehouse({ ...options, readOnly })),
  };
}

async function closedLater(opening: Promise<Warehouse>): Promise<Warehouse> {
  const warehouse = await opening;
  // A test may have closed it.
  onTestFinished(() => warehouse.close().catch(() => undefined));
  return warehouse;
}
