import { type Day, UNPARTITIONED } from '../partitions/date.ts';
import { formatHash } from '../partitions/hash64.ts';
import { quoteDay, quoteName, quoteTable, quoteText } from '../sql/quote.ts';
import type { ColumnsQuery } from './columns.ts';
import { deleteFailures, insertFailures } from './failures-sql.ts';
import type { CheckedRows, PublishRequest, StagedCheck, TableSpec } from './warehouse.ts';

export const q = (name: string): string => quoteName(name, 'bigquery');
export const text = (value: string): string => quoteText(value, 'bigquery');
const textOrNull = (value: string | undefined): string =>
  value === undefined ? 'NULL' : text(value);

/** No asset's name begins like these. */
const STAGING_PREFIX = '_staging__';
const ROWS_PREFIX = '_rows__';
const FAILURES_PREFIX = '_failures__';

/** A table that BigQuery drops after a day, should nobody else do it. */
export const temporary =
  'OPTIONS(expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR))';

export function tableName({ dataset, name }: Pick<TableSpec, 'dataset' | 'name'>): string {
  return quoteTable(dataset, name, 'bigquery');
}

/** The table that a stage computes its rows into; it lies beside the asset's own and expires by itself. */
export function stagingTable(table: TableSpec, stage: string): Pick<TableSpec, 'dataset' | 'name'> {
  return { dataset: table.dataset, name: `${STAGING_PREFIX}${table.name}__${stage}` };
}

/** The table that rows from files and modules are loaded into. */
export function loadedTable(table: TableSpec, stage: string): Pick<TableSpec, 'dataset' | 'name'> {
  return { dataset: table.dataset, name: `${ROWS_PREFIX}${table.name}__${stage}` };
}

/** The table that a stage's failures are kept in. */
export function failuresStage(
  table: TableSpec,
  stage: string,
): Pick<TableSpec, 'dataset' | 'name'> {
  return { dataset: table.dataset, name: `${FAILURES_PREFIX}${table.name}__${stage}` };
}

/** Tells the stages of a run apart. */
export function stageKey({ dataset, name }: TableSpec, stage: string): string {
  return `${dataset}.${name} ${stage}`;
}

/** The day number of a row's partition. */
export function dayExpression(table: TableSpec): string {
  if (table.partitionColumn === undefined) return `CAST(${UNPARTITIONED} AS INT64)`;
  return `UNIX_DATE(${q(table.partitionColumn)})`;
}

/** The name of a table with its rows per day. */
export function rowCountsSelect(table: TableSpec): string {
  return `SELECT ${text(table.name)} AS name, ${dayExpression(table)} AS _day, COUNT(*) AS row_count FROM ${tableName(table)} GROUP BY _day`;
}

/** The statement whose result is read as columns. */
export function columnsSelect({ select, columns, orderBy }: ColumnsQuery): string {
  const values = columns.map(({ name }) => `_rows.${q(name)} AS ${q(name)}`).join(', ');
  const order = orderBy.map((name) => `_rows.${q(name)} NULLS FIRST`).join(', ');
  const sorted = order === '' ? '' : `\nORDER BY ${order}`;
  return `SELECT ${values}\nFROM (${select}) AS _rows${sorted}`;
}

/** Constant bounds on the partition column, so that BigQuery reads and rewrites only those partitions. */
export function partitionCondition(table: TableSpec, days: readonly Day[]): string {
  if (table.partitionColumn === undefined) return 'TRUE';
  const column = q(table.partitionColumn);
  const first = quoteDay(Math.min(...days));
  const last = quoteDay(Math.max(...days));
  return `${column} BETWEEN ${first} AND ${last} AND ${column} IN (${days.map(quoteDay).join(', ')})`;
}

/** Statements that compute rows into the staging table; the last one counts them (design 7, step 2). */
export function stageScript(request: {
  readonly functions: readonly string[];
  readonly select: string;
  readonly table: TableSpec;
  readonly stage: string;
  readonly checks: readonly StagedCheck[];
}): string {
  const { table } = request;
  const staging = tableName(stagingTable(table, request.stage));
  return script([
    ...request.functions,
    `CREATE OR REPLACE TABLE ${staging} ${temporary} AS\n${request.select}`,
    versionsQuery(table, staging, request.checks),
  ]);
}

/**
 * One grouped query over a staged relation: per partition its rows, its data version (a sum of row hashes, so that
 * order does not matter and duplicates count) in two halves that cannot overflow, and the offending rows of every check.
 */
export function versionsQuery(
  table: TableSpec,
  relation: string,
  checks: readonly StagedCheck[],
): string {
  const columns = table.columns.map((column) => `_rows.${q(column.name)}`).join(', ');
  const hash = `FARM_FINGERPRINT(TO_JSON_STRING(STRUCT(${columns})))`;
  return `SELECT ${dayExpression(table)} AS _day, COUNT(*) AS row_count,
  SUM(${hash} & 4294967295) AS lo, SUM((${hash} >> 32) & 4294967295) AS hi${offendingCounts(checks)}
FROM ${relation} AS _rows GROUP BY _day`;
}

/** The same without versions. */
export function offendingCountsQuery(
  table: TableSpec,
  relation: string,
  checks: readonly StagedCheck[],
): string {
  return `SELECT ${dayExpression(table)} AS _day, COUNT(*) AS row_count${offendingCounts(checks)}
FROM ${relation} AS _rows GROUP BY _day ORDER BY _day`;
}

function offendingCounts(checks: readonly StagedCheck[]): string {
  return checks.map((check, index) => `,\n  ${offendingCount(check)} AS c${index}`).join('');
}

function offendingCount({ offends }: StagedCheck): string {
  if (typeof offends === 'string') return `COUNT(IF(${offends}, 1, NULL))`;
  const key = offends.uniqueOver.map((column) => `_rows.${q(column)}`).join(', ');
  return `COUNT(*) - COUNT(DISTINCT TO_JSON_STRING(STRUCT(${key})))`;
}

/** Some rows of each day that offend a check, with the day as `_day`. */
export function offendingRowsQuery(
  { table, checks }: CheckedRows,
  relation: string,
  check: number,
  sample: { readonly days: readonly Day[]; readonly rowsPerDay: number },
): string {
  const definition = checks[check];
  if (!definition) throw new Error(`Internal error: no check ${check}`);
  const day = dayExpression(table);
  const isWanted = `${day} IN (${sample.days.join(', ')})`;
  const first = (over: string, by: string): string =>
    `QUALIFY ROW_NUMBER() OVER (PARTITION BY ${over} ORDER BY ${by}) <= ${sample.rowsPerDay}`;
  if (typeof definition.offends === 'string') {
    const columns = definition.columns ?? table.columns.map((column) => column.name);
    const order = `TO_JSON_STRING(STRUCT(${columns.map((name) => `_rows.${q(name)}`).join(', ')}))`;
    return `SELECT ${day} AS _day, ${columns.map(q).join(', ')} FROM ${relation} AS _rows WHERE ${isWanted} AND (${definition.offends})
${first(day, order)}`;
  }
  const key = definition.offends.uniqueOver.map(q).join(', ');
  const twice = `SELECT ${day} AS _day, ${key}, COUNT(*) AS row_count FROM ${relation} AS _rows WHERE ${isWanted} GROUP BY _day, ${key} HAVING COUNT(*) > 1`;
  return `SELECT _twice.* FROM (${twice}) AS _twice WHERE TRUE
${first('_twice._day', key)}`;
}

/** A table of the engine's own, as SQL names it. */
export interface OwnTables {
  readonly materializations: string;
  readonly definitions: string;
  readonly calendars: string;
  readonly failures: string;
  readonly lease: string;
}

/**
 * One transaction: confirm the lease, replace the rows, write the materialization rows. Confirming changes the lease's
 * row, so that of a publish and a takeover at the same moment only one commits. A script that fails before COMMIT is
 * rolled back by BigQuery.
 */
export function publishScript(
  request: PublishRequest,
  own: OwnTables,
  include: {
    readonly definition: boolean;
    readonly drop: boolean;
    /** The run that holds the lease; absent when nobody took it. */
    readonly holder: string | undefined;
  },
): string {
  const { table, replace, stage } = request;
  const staging = tableName(stagingTable(table, stage));
  const statements = ['BEGIN TRANSACTION', ...confirmLease(own, include.holder)];
  if (replace.length > 0) {
    const wanted = partitionCondition(table, replace);
    const columns = table.columns.map((column) => q(column.name)).join(', ');
    statements.push(
      `DELETE FROM ${tableName(table)} WHERE ${wanted}`,
      `INSERT INTO ${tableName(table)} (${columns})\nSELECT ${columns} FROM ${staging} WHERE ${wanted}`,
    );
  }
  if (request.materializations.length > 0) {
    statements.push(
      deleteMaterializations(
        own,
        request.asset,
        request.materializations.map((row) => row.day),
      ),
      insertMaterializations(own, request),
    );
  }
  statements.push(...recordFailures(request, own));
  if (include.definition && request.definition) statements.push(keepDefinition(own, request));
  statements.push('COMMIT TRANSACTION');
  if (include.drop) statements.push(`DROP TABLE IF EXISTS ${staging}`);
  return script(statements);
}

function recordFailures(
  { table, stage, asset, failures }: PublishRequest,
  own: OwnTables,
): string[] {
  if (failures === undefined || failures.length === 0) return [];
  const place = { dialect: 'bigquery', table: own.failures } as const;
  const staged = tableName(failuresStage(table, stage));
  return [deleteFailures(place, asset, failures), insertFailures(place, staged, failures)];
}

/** Fails the script unless the run holds the lease; its message is known to `google-faults.ts`. */
export const LEASE_LOST = 'fastbreak: another run holds the target';

export function confirmLease(own: OwnTables, runId: string | undefined): string[] {
  if (runId === undefined) return [];
  return [
    `UPDATE ${own.lease} SET heartbeat_at = CURRENT_TIMESTAMP() WHERE run_id = ${text(runId)}`,
    `ASSERT EXISTS (SELECT 1 FROM ${leaseRow(own)} AS _l WHERE _l.run_id = ${text(runId)}) AS ${text(LEASE_LOST)}`,
  ];
}

/**
 * The row that says who holds the lease. There is one; two only if two runs made it at the same moment, and then the
 * one that took it first holds it.
 */
export function leaseRow(own: OwnTables): string {
  return `(SELECT * FROM ${own.lease} WHERE run_id IS NOT NULL ORDER BY acquired_at, run_id LIMIT 1)`;
}

export function deleteMaterializations(
  own: OwnTables,
  asset: string,
  days: readonly Day[],
): string {
  return `DELETE FROM ${own.materializations} WHERE asset = ${text(asset)} AND day IN (${days.join(', ')})`;
}

function insertMaterializations(own: OwnTables, request: PublishRequest): string {
  const { asset, codeVersion, runId, at, source } = request;
  const rows = request.materializations.map((row) => {
    const values = [
      text(asset),
      String(row.day),
      String(row.rows),
      text(formatHash(row.data)),
      text(formatHash(row.input)),
      text(Buffer.from(row.inputs).toString('hex')),
      text(codeVersion),
      text(runId),
      String(at),
      textOrNull(row.reason),
      textOrNull(source?.quick),
      textOrNull(source?.content),
    ];
    return `(${values.join(', ')})`;
  });
  return `INSERT INTO ${own.materializations} (asset, day, row_count, data, input, inputs, code_version, run_id, materialized_at, reason, source_quick, source_content)
VALUES ${rows.join(',\n')}`;
}

function keepDefinition(
  own: OwnTables,
  { definition }: Pick<PublishRequest, 'definition'>,
): string {
  if (!definition) throw new Error('Internal error: no definition to keep');
  const { asset, codeVersion, parts, upstream } = definition;
  return `INSERT INTO ${own.definitions} (asset, code_version, parts, upstream)
SELECT ${text(asset)}, ${text(codeVersion)}, ${text(parts)}, ${text(JSON.stringify(upstream))} FROM (SELECT 1 AS one) AS _one
WHERE NOT EXISTS (SELECT 1 FROM ${own.definitions} AS _d WHERE _d.asset = ${text(asset)} AND _d.code_version = ${text(codeVersion)})`;
}

/** Statements as one multi-statement query. */
export function script(statements: readonly string[]): string {
  return statements.map((statement) => `${statement.trim().replace(/;$/, '')};\n`).join('');
}

/** A query that calls the project's functions, which live as long as the job. */
export function withFunctions(functions: readonly string[] | undefined, sql: string): string {
  return functions === undefined || functions.length === 0 ? sql : script([...functions, sql]);
}
