import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FEW_GAMES, smallPipeline } from './small-pipeline.ts';
import { equalOn } from './both-targets.ts';
import { CallCount } from './calls.ts';
import { cloudFor, type Machine, machineWith, serverRows } from './cloud.ts';
import { expectSameRows } from './same-rows.ts';
import { gamesCsv } from '../support/league.ts';
import type { BigQueryServer } from '../cloud/bigquery/server.ts';

async function materialized(): Promise<{
  readonly machine: Machine;
  readonly server: BigQueryServer;
}> {
  const server = await cloudFor();
  const machine = machineWith(smallPipeline());
  await equalOn(machine, 'materialize');
  return { machine, server };
}

const fileOf = (machine: Machine): string => join(machine.home, 'warehouse.duckdb');

test('what only shows says the same of both targets', async () => {
  const { machine, server } = await materialized();
  for (const line of [
    'status',
    'status daily --grid',
    'stale',
    'check',
    'verify --all',
    'why season_so_far 2023-10-27',
    'why shares 2023-10-27',
    'runs',
  ]) {
    await equalOn(machine, line);
  }
  const sql =
    'SELECT game_date, half(points) AS h, [1, 2] AS list, NULL AS none FROM daily ORDER BY game_date';
  expect(await equalOn(machine, ['query', sql])).toMatchObject({
    rows: [['2023-03-01', 45, [1, 2], null], ['2023-10-24', 50, [1, 2], null], [], []].map((row) =>
      row.length === 0 ? (expect.any(Array) as unknown) : row,
    ),
  });
  // Verification stages what it compares.
  expect(await stagingTables(server)).toEqual([]);
});

test('exports are the same files, byte for byte', async () => {
  const { machine } = await materialized();
  for (const format of ['csv', 'json', 'parquet']) {
    const files: Buffer[] = [];
    for (const target of ['local', 'prod']) {
      const path = join(machine.project.root, `${target}.${format}`);
      const words = ['export', 'season_so_far', '--format', format, '--out', path];
      expect(await machine.runOn(target, words)).toMatchObject({ code: 0, err: '' });
      files.push(readFileSync(path));
    }
    expect(files[0]?.length).toBeGreaterThan(20);
    if (format !== 'parquet') expect(files[1]?.toString()).toBe(files[0]?.toString());
  }
});

test('--force writes the rows again that somebody changed', async () => {
  const { machine, server } = await materialized();
  await server.duckdb(`UPDATE reports.daily SET points = 0 WHERE game_date = DATE '2023-10-25'`);
  await expect(expectSameRows(server, fileOf(machine))).rejects.toThrow('daily');
  await equalOn(machine, 'materialize daily --force --partitions 2023-10-25');
  expect(await expectSameRows(server, fileOf(machine))).toEqual({ tables: 5, rows: 17 });
});

test('a game that leaves the calendar is pruned', async () => {
  const { machine, server } = await materialized();
  machine.project.write('data/games.csv', gamesCsv(FEW_GAMES.slice(0, 3)));
  await equalOn(machine, 'materialize');
  await equalOn(machine, 'status');
  await equalOn(machine, 'materialize --prune');
  await equalOn(machine, 'status');
  await expectSameRows(server, fileOf(machine));
  const rows = await serverRows(
    server,
    `SELECT COUNT(*) FROM reports.daily WHERE game_date >= '2023-10-27'`,
  );
  expect(rows).toEqual([['0']]);
});

test('forget takes rows and record, and the next run makes them again', async () => {
  const { machine, server } = await materialized();
  await equalOn(machine, 'forget daily --partitions 2023-10-24', 2);
  await equalOn(machine, 'forget daily --partitions 2023-10-24 --yes');
  await equalOn(machine, 'status daily');
  const there = await serverRows(server, 'SELECT COUNT(*) FROM reports.daily');
  expect(there).toEqual([['3']]);
  const count = new CallCount(server);
  await equalOn(machine, 'materialize');
  expect(count.byPurpose()).toMatchObject({ stage: 1, publish: 1 });
  await expectSameRows(server, fileOf(machine));
});

test('mark-current declares rows current whose SQL only looks different', async () => {
  const { machine, server } = await materialized();
  machine.project.edit(
    'assets/reports/daily.sql',
    'COUNT(*) AS games',
    'COUNT(g.game_id) AS games',
  );
  expect(await equalOn(machine, 'stale')).not.toMatchObject({ partitions: [] });
  await equalOn(machine, 'mark-current daily --partitions ..2023-10-27 --yes');
  expect(await equalOn(machine, 'stale')).toEqual({ partitions: [], may_change: [] });
  const count = new CallCount(server);
  await equalOn(machine, 'materialize');
  expect(count.jobsFor('stage')).toEqual([]);
  const marked = await serverRows(
    server,
    'SELECT COUNT(*) FROM fastbreak_league._fastbreak_materializations WHERE marked_by IS NOT NULL',
  );
  expect(marked).toEqual([['4']]);
});

test('a column that is declared anew is added; one of another type is refused until the table is empty', async () => {
  const { machine, server } = await materialized();
  machine.project.edit(
    'pipeline.yaml',
    '- games: { type: INT64,',
    '- games: { type: FLOAT64, round: 1,',
  );
  const refused = await machine.run('materialize');
  expect(refused.code).toBe(1);
  expect(refused.out).toContain(
    'reports.daily in BigQuery has a column games of type INT64, declared as FLOAT64',
  );
  expect(refused.out).toContain('fastbreak forget daily');
  expect((await machine.run('forget daily --partitions 2023-01-01..2024-01-01 --yes')).code).toBe(
    0,
  );
  expect((await machine.run('materialize')).code).toBe(0);
  const types = await serverRows(
    server,
    `SELECT data_type FROM duckdb_columns() WHERE table_name = 'daily' AND column_name = 'games'`,
  );
  expect(types).toEqual([['DOUBLE']]);
});

test('a backfill of 600 dates of a small pipeline is tens of jobs', async () => {
  const server = await cloudFor();
  const games = Array.from({ length: 600 }, (_, index) => ({
    id: index,
    date: new Date(Date.UTC(2022, 0, 1 + index)).toISOString().slice(0, 10),
    season: String(2021 + Math.floor(index / 200)),
    points: 90 + (index % 40),
  }));
  const machine = machineWith(smallPipeline({ games }));
  const count = new CallCount(server);
  const run = await machine.run('materialize');
  expect(run).toMatchObject({ code: 0 });
  console.log(`600 dates of 5 assets: ${count.jobs.length} jobs, ${count.all.length} calls`);
  expect(count.jobs.length).toBeLessThanOrEqual(60);
  await machine.runOn('local', ['materialize']);
  expect(await expectSameRows(server, fileOf(machine))).toMatchObject({ tables: 5 });
});

async function stagingTables(server: BigQueryServer): Promise<unknown> {
  return serverRows(
    server,
    `SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, '_staging') OR starts_with(table_name, '_rows')`,
  );
}
