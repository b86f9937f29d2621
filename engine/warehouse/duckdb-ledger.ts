import { quoteText } from '../sql/quote.ts';
import { CREATE_FAILURES } from './duckdb-failures.ts';
import { duckdbFault } from './duckdb-faults.ts';
import type { DuckdbSession } from './duckdb-session.ts';
import type { DuckdbStatements } from './duckdb-statements.ts';
import { CREATE_MATERIALIZATIONS, MATERIALIZATIONS, MATERIALIZATIONS_TABLE } from './duckdb-sql.ts';
import type {
  MarkRequest,
  PublishRequest,
  RecordedCalendar,
  RecordedDefinition,
  RecordedMaterialization,
} from './warehouse.ts';

const DEFINITIONS = 'main._fastbreak_definitions';

const CREATE_DEFINITIONS = `CREATE TABLE IF NOT EXISTS ${DEFINITIONS} (
  asset VARCHAR NOT NULL,
  code_version VARCHAR NOT NULL,
  parts VARCHAR NOT NULL,
  upstream VARCHAR NOT NULL
)`;

const CALENDARS = 'main._fastbreak_calendars';

const CREATE_CALENDARS = `CREATE TABLE IF NOT EXISTS ${CALENDARS} (
  name VARCHAR NOT NULL,
  document VARCHAR NOT NULL
)`;

/** Columns that the tables of older versions lack. */
const ADDED = [
  ['reason', 'VARCHAR'],
  ['source_quick', 'VARCHAR'],
  ['source_content', 'VARCHAR'],
  ['marked_by', 'VARCHAR'],
  ['marked_at', 'BIGINT'],
] as const;

const text = (value: string): string => quoteText(value, 'duckdb');

/** Makes the warehouse's own tables, or brings those of an older version up to date. */
export async function prepareLedger(session: DuckdbSession): Promise<void> {
  await session.run(CREATE_MATERIALIZATIONS);
  await session.run(CREATE_DEFINITIONS);
  await session.run(CREATE_CALENDARS);
  await session.run(CREATE_FAILURES);
  const columns = await columnsOfLedger(session);
  for (const [name, type] of ADDED) {
    if (columns.has(name)) continue;
    await session.run(`ALTER TABLE ${MATERIALIZATIONS} ADD COLUMN IF NOT EXISTS ${name} ${type}`);
  }
}

/** Reads the table of an older version too, which a reader cannot change. */
export async function readLedger(session: DuckdbSession): Promise<RecordedMaterialization[]> {
  const rows = await session.rows(
    `SELECT * REPLACE (CAST(rows AS DOUBLE) AS rows, CAST(materialized_at AS DOUBLE) AS materialized_at) FROM ${MATERIALIZATIONS}`,
  );
  return rows.map(recordedMaterialization);
}

/** One row per partition takes the place of the one before, as part of the open transaction. */
export async function writeLedger(
  statements: DuckdbStatements,
  request: PublishRequest,
): Promise<void> {
  const { materializations: rows, source } = request;
  if (rows.length === 0) return;
  const days = rows.map((row) => row.day).join(', ');
  await statements.run(
    `DELETE FROM ${MATERIALIZATIONS} WHERE asset = ${text(request.asset)} AND day IN (${days})`,
  );
  const appender = await statements.connection.createAppender(MATERIALIZATIONS_TABLE, 'main');
  const appendText = (value: string | undefined): void =>
    value === undefined ? appender.appendNull() : appender.appendVarchar(value);
  try {
    for (const row of rows) {
      appender.appendVarchar(request.asset);
      appender.appendInteger(row.day);
      appender.appendBigInt(BigInt(row.rows));
      appender.appendUInteger(row.data.hi);
      appender.appendUInteger(row.data.lo);
      appender.appendUInteger(row.input.hi);
      appender.appendUInteger(row.input.lo);
      appender.appendVarchar(hex(row.inputs));
      appender.appendVarchar(request.codeVersion);
      appender.appendVarchar(request.runId);
      appender.appendBigInt(BigInt(request.at));
      appendText(row.reason);
      appendText(source?.quick);
      appendText(source?.content);
      appender.appendNull();
      appender.appendNull();
      appender.endRow();
    }
  } catch (error) {
    throw duckdbFault(error);
  } finally {
    appender.closeSync();
  }
}

/** Gives some partitions new inputs, as part of the open transaction. */
export async function markInLedger(
  statements: DuckdbStatements,
  request: MarkRequest,
): Promise<void> {
  const { partitions, source } = request;
  const values = partitions.map(
    ({ day, input, inputs }) => `(${day}, ${input.hi}, ${input.lo}, ${text(hex(inputs))})`,
  );
  const files = source
    ? `source_quick = ${text(source.quick)}, source_content = ${text(source.content)}, `
    : '';
  await statements.run(`UPDATE ${MATERIALIZATIONS} AS m
SET input_hi = v.hi, input_lo = v.lo, inputs = v.inputs, code_version = ${text(request.codeVersion)},
  ${files}marked_by = ${text(request.runId)}, marked_at = ${request.at}
FROM (VALUES ${values.join(', ')}) AS v(day, hi, lo, inputs)
WHERE m.asset = ${text(request.asset)} AND m.day = v.day`);
}

export async function writeDefinition(
  statements: DuckdbStatements,
  definition: RecordedDefinition,
): Promise<void> {
  const { asset, codeVersion, parts, upstream } = definition;
  await statements.run(`INSERT INTO ${DEFINITIONS}
SELECT ${text(asset)}, ${text(codeVersion)}, ${text(parts)}, ${text(JSON.stringify(upstream))}
WHERE NOT EXISTS (SELECT 1 FROM ${DEFINITIONS} WHERE asset = ${text(asset)} AND code_version = ${text(codeVersion)})`);
}

export async function readDefinitions(session: DuckdbSession): Promise<RecordedDefinition[]> {
  const rows = await session.rows(
    `SELECT asset, code_version, parts, upstream FROM ${DEFINITIONS}`,
  );
  return rows.map((row) => ({
    asset: String(row['asset']),
    codeVersion: String(row['code_version']),
    parts: String(row['parts']),
    // Written by `writeDefinition` above.
    upstream: JSON.parse(String(row['upstream'])) as readonly string[],
  }));
}

export async function writeCalendar(
  session: DuckdbSession,
  { name, document }: RecordedCalendar,
): Promise<void> {
  await session.run(`DELETE FROM ${CALENDARS} WHERE name = ${text(name)}`);
  await session.run(`INSERT INTO ${CALENDARS} VALUES (${text(name)}, ${text(document)})`);
}

export async function readCalendars(session: DuckdbSession): Promise<RecordedCalendar[]> {
  const rows = await session.rows(`SELECT name, document FROM ${CALENDARS}`);
  return rows.map((row) => ({ name: String(row['name']), document: String(row['document']) }));
}

async function columnsOfLedger(session: DuckdbSession): Promise<ReadonlySet<string>> {
  const rows = await session.rows(
    `SELECT column_name FROM duckdb_columns() WHERE schema_name = 'main' AND table_name = '${MATERIALIZATIONS_TABLE}'`,
  );
  return new Set(rows.map((row) => String(row['column_name'])));
}

function recordedMaterialization(row: Record<string, unknown>): RecordedMaterialization {
  const quick = textOf(row['source_quick']);
  const content = textOf(row['source_content']);
  const markedBy = textOf(row['marked_by']);
  return {
    asset: String(row['asset']),
    day: Number(row['day']),
    rows: Number(row['rows']),
    data: { hi: Number(row['data_hi']), lo: Number(row['data_lo']) },
    input: { hi: Number(row['input_hi']), lo: Number(row['input_lo']) },
    inputs: Uint8Array.from(Buffer.from(String(row['inputs']), 'hex')),
    codeVersion: String(row['code_version']),
    runId: String(row['run_id']),
    at: Number(row['materialized_at']),
    reason: textOf(row['reason']),
    source: quick === undefined || content === undefined ? undefined : { quick, content },
    marked: markedBy === undefined ? undefined : { runId: markedBy, at: Number(row['marked_at']) },
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
