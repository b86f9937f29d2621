import { expect } from 'vitest';
import { formatDay } from '../../engine/partitions/date.ts';
import { CONTENT, NO_RECORDS } from '../../engine/partitions/records.ts';
import type { TestProject } from './project.ts';

/**
 * Invariant 1, looked at from outside: per asset the rows in its table, the rows that the warehouse's own table
 * says and the rows that the record says are the same, partition by partition; and nothing staged was left.
 */
export async function expectAgreement(project: TestProject): Promise<void> {
  const { evaluation } = await project.evaluate();
  for (const { asset, records } of evaluation.assets.values()) {
    const recorded: Record<string, number> = {};
    for (const [index, day] of (records ?? NO_RECORDS).days.entries()) {
      if (records.content[index] === CONTENT.none) continue;
      recorded[formatDay(day)] = records.rows[index] ?? -1;
    }
    const column = asset.partitionSet === undefined ? undefined : asset.partitionColumn;
    expect(await claimedRows(project, asset.name), `${asset.name}: claimed`).toEqual(recorded);
    const withRows = Object.fromEntries(Object.entries(recorded).filter(([, rows]) => rows > 0));
    expect(
      await presentRows(project, `${asset.dataset}.${asset.name}`, column),
      `${asset.name}: present`,
    ).toEqual(withRows);
  }
  expect(await stagedTables(project)).toEqual([]);
}

async function claimedRows(project: TestProject, asset: string): Promise<Record<string, number>> {
  const rows = await project.query(
    `SELECT day, CAST(rows AS INTEGER) FROM _fastbreak_materializations WHERE asset = '${asset}' ORDER BY day`,
  );
  expect(new Set(rows.map(([day]) => day)).size, `${asset}: one claim per partition`).toBe(
    rows.length,
  );
  return Object.fromEntries(rows.map(([day, count]) => [formatDay(Number(day)), Number(count)]));
}

async function presentRows(
  project: TestProject,
  table: string,
  column: string | undefined,
): Promise<Record<string, number>> {
  const [schema, name] = table.split('.');
  const known = await project.query(
    `SELECT 1 FROM duckdb_tables() WHERE schema_name = '${schema}' AND table_name = '${name}'`,
  );
  if (known.length === 0) return {};
  const day = column === undefined ? `'all'` : `CAST(${column} AS VARCHAR)`;
  const rows = await project.query(
    `SELECT ${day} AS day, CAST(COUNT(*) AS INTEGER) FROM ${table} GROUP BY ALL HAVING COUNT(*) > 0 ORDER BY 1`,
  );
  return Object.fromEntries(rows.map(([date, count]) => [String(date), Number(count)]));
}

async function stagedTables(project: TestProject): Promise<unknown[]> {
  return project.query(`SELECT table_name FROM duckdb_tables() WHERE table_name LIKE '%staging%'`);
}
