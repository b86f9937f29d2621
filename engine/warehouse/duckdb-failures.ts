import type { Day } from '../partitions/date.ts';
import { warehouseType } from '../sql/column-type.ts';
import type { DuckdbSession } from './duckdb-session.ts';
import type { DuckdbStatements } from './duckdb-statements.ts';
import type { FailureCount, FailureFilter, RecordedFailure, StagedFailures } from './failures.ts';
import {
  deleteFailures,
  FAILURE_COLUMNS,
  FAILURES_TABLE,
  failureCountsQuery,
  failuresQuery,
  insertFailures,
  stagedFailuresQuery,
  stagedFailuresSelect,
  toCounted,
  toFailure,
  toFailureCount,
} from './failures-sql.ts';
import type { FailuresRequest, PublishRequest, StatementOptions } from './warehouse.ts';

const PLACE = { dialect: 'duckdb', table: `main.${FAILURES_TABLE}` } as const;

export const CREATE_FAILURES = `CREATE TABLE IF NOT EXISTS ${PLACE.table} (
  ${FAILURE_COLUMNS.map(([name, type]) => `${name} ${warehouseType(type, 'duckdb')}`).join(',\n  ')}
)`;

/** Finds the failures of a stage and keeps them in a temporary table. */
export async function stageFailures(
  session: DuckdbSession,
  { request, relation }: { readonly request: FailuresRequest; readonly relation: string },
  options: StatementOptions,
): Promise<StagedFailures> {
  const select = stagedFailuresSelect(request, PLACE);
  await session.run(`CREATE OR REPLACE TEMP TABLE ${relation} AS ${select}`, options);
  const { rows } = await session.query(stagedFailuresQuery(request, relation, PLACE), options);
  return {
    counts: rows.filter(([what]) => what === 'count').map(toCounted),
    changed: rows.filter(([what]) => what === 'changed').map(([, day]) => Number(day)),
  };
}

/** Records the staged failures of the days that a publish names, as part of its transaction. */
export async function publishFailures(
  statements: DuckdbStatements,
  { asset, failures = [] }: Pick<PublishRequest, 'asset' | 'failures'>,
  staged: string,
): Promise<void> {
  if (failures.length === 0) return;
  await statements.run(deleteFailures(PLACE, asset, failures));
  await statements.run(insertFailures(PLACE, staged, failures));
}

/** Takes the recorded failures of some days out, as part of the open transaction. */
export async function removeFailures(
  statements: DuckdbStatements,
  asset: string,
  days: readonly Day[],
): Promise<void> {
  await statements.run(deleteFailures(PLACE, asset, days));
}

export async function readRecordedFailures(
  session: DuckdbSession,
  filter: FailureFilter,
  most: number,
): Promise<readonly RecordedFailure[]> {
  if (!(await isThere(session))) return [];
  const { rows } = await session.query(failuresQuery(filter, most, PLACE));
  return rows.map(toFailure);
}

export async function countRecordedFailures(
  session: DuckdbSession,
  filter: FailureFilter,
): Promise<readonly FailureCount[]> {
  if (!(await isThere(session))) return [];
  const { rows } = await session.query(failureCountsQuery(filter, PLACE));
  return rows.map(toFailureCount);
}

/** A file of an older version has no such table until somebody writes to it. */
async function isThere(session: DuckdbSession): Promise<boolean> {
  const rows = await session.rows(
    `SELECT 1 AS one FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = '${FAILURES_TABLE}'`,
  );
  return rows.length > 0;
}
