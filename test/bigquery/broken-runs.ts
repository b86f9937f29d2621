import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { BigQuery } from '@google-cloud/bigquery';
import { expect } from 'vitest';
import type { BigQueryServer } from '../cloud/bigquery/server.ts';
import type { Outcome } from './command-line.ts';
import { type Machine, serverRows } from './cloud.ts';

/** What a target holds: the rows of every table, and what its own table says of them. */
export interface Content {
  readonly rows: Readonly<Record<string, readonly unknown[]>>;
  readonly claimed: readonly unknown[];
}

const OWN = 'fastbreak_league';

/** Rows and claims of the small pipeline. */
export async function contentOf(server: BigQueryServer): Promise<Content> {
  const tables = await serverRows(
    server,
    `SELECT schema_name || '.' || table_name FROM duckdb_tables()
     WHERE schema_name <> '${OWN}' AND NOT starts_with(table_name, '_') ORDER BY 1`,
  );
  const rows: Record<string, readonly unknown[]> = {};
  for (const [table] of tables) {
    const name = String(table);
    const found = await serverRows(
      server,
      `SELECT CAST(to_json(t) AS VARCHAR) FROM ${name} AS t ORDER BY 1`,
    );
    rows[name] = found.flat();
  }
  const claimed = await serverRows(
    server,
    `SELECT asset, day, row_count, data, input, reason FROM ${OWN}._fastbreak_materializations ORDER BY ALL`,
  );
  return { rows, claimed };
}

/** The lease is nobody's. */
export async function expectFreeLease(server: BigQueryServer): Promise<void> {
  const holders = await serverRows(
    server,
    `SELECT run_id FROM ${OWN}._fastbreak_lease WHERE run_id IS NOT NULL`,
  );
  expect(holders).toEqual([]);
}

/** Nothing is staged but what BigQuery will drop by itself. */
export async function expectNothingStaged(server: BigQueryServer): Promise<void> {
  const client = clientOf(server);
  for (const dataset of ['raw', 'reports']) {
    const [tables] = await client.dataset(dataset).getTables();
    for (const table of tables.filter(({ id }) => id?.startsWith('_') === true)) {
      const answer: unknown = await table.getMetadata();
      const [{ expirationTime }] = answer as [{ readonly expirationTime?: string }];
      expect(Number(expirationTime), table.id).toBeGreaterThan(Date.now());
    }
  }
}

/** Makes a target and a machine's record as if nothing had ever run. */
export async function startAnew(server: BigQueryServer, machine: Machine): Promise<void> {
  server.faults.clear();
  const client = clientOf(server);
  const [datasets] = await client.getDatasets();
  await Promise.all(datasets.map((dataset) => dataset.delete({ force: true })));
  for (const name of ['state.sqlite', 'state.sqlite-wal', 'state.sqlite-shm']) {
    rmSync(join(machine.home, name), { force: true });
  }
}

/** Waits for the jobs whose sender lost sight of them. */
export async function untilIdle(server: BigQueryServer): Promise<void> {
  const client = clientOf(server);
  const states = async (): Promise<readonly unknown[]> => {
    const [jobs] = await client.getJobs({ allUsers: true });
    return jobs.map(
      ({ metadata }) => (metadata as { readonly status: { readonly state: string } }).status.state,
    );
  };
  await expect.poll(states, { timeout: 10_000 }).not.toContain('RUNNING');
}

/** As if the holder of the lease, if there is one, had been silent for an hour. */
export async function ageLease(server: BigQueryServer): Promise<void> {
  const known = await serverRows(
    server,
    `SELECT 1 FROM duckdb_tables() WHERE table_name = '_fastbreak_lease'`,
  );
  if (known.length === 0) return;
  const client = clientOf(server);
  await client.query(
    `UPDATE ${OWN}._fastbreak_lease SET heartbeat_at = TIMESTAMP_SUB(heartbeat_at, INTERVAL 3600 SECOND) WHERE TRUE`,
  );
}

export function clientOf(server: BigQueryServer): BigQuery {
  return new BigQuery({
    projectId: server.project,
    location: 'US',
    retryOptions: { autoRetry: false },
  });
}

/** A failure as a person should see it: what it was about, and no stack. */
export function expectClearFailure(outcome: Outcome): void {
  const text = `${outcome.out}${outcome.err}`;
  expect([1, 2], text).toContain(outcome.code);
  expect(text).not.toMatch(/Internal error|at .*\.ts:\d+|at async |node_modules/);
}
