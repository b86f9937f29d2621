import type { DuckDBConnection } from '@duckdb/node-api';
import { ApiError } from '../../http/api-error.ts';
import type { Catalog } from '../catalog.ts';
import { duckdbType, normalField, quoted } from '../field-types.ts';
import type { Field, TableReference, TableResource } from '../resources.ts';
import { checkPartitions } from '../script/table-statements.ts';
import { createStatement, relation } from '../store.ts';
import { invalid } from '../script/session.ts';

/** What of a table's rows a job replaces. */
export interface WriteRequest {
  readonly destination: TableReference;
  readonly fields: readonly Field[];
  /** A DuckDB query whose columns have the fields' names. */
  readonly query: string;
  readonly writeDisposition: string;
  readonly createDisposition: string;
  readonly resource: TableResource;
}

/** Writes a query's rows to a table as the dispositions say, in one transaction; the number of rows. */
export async function writeRows(
  connection: DuckDBConnection,
  catalog: Catalog,
  request: WriteRequest,
): Promise<number> {
  const { datasetId, tableId } = request.destination;
  catalog.dataset(datasetId);
  const existing = catalog.findTable(datasetId, tableId);
  if (existing === undefined && request.createDisposition === 'CREATE_NEVER') {
    throw new ApiError(
      404,
      'notFound',
      `Not found: Table ${catalog.project}:${datasetId}.${tableId}`,
    );
  }
  const isReplaced = request.writeDisposition.startsWith('WRITE_TRUNCATE');
  const fields = (isReplaced ? undefined : existing?.fields) ?? request.fields.map(normalField);
  const target = relation(datasetId, tableId);
  const rows = await inTransaction(connection, async () => {
    if (existing === undefined || isReplaced) {
      await connection.run(`DROP TABLE IF EXISTS ${target}`);
      await connection.run(createStatement(datasetId, tableId, fields));
    } else if (request.writeDisposition === 'WRITE_EMPTY') {
      await requireEmpty(connection, target, catalog.project);
    }
    const count = await insert(connection, target, fields, request);
    await checkPartitions(
      { connection },
      { dataset: datasetId, name: tableId },
      {
        ...(existing?.timePartitioning === undefined
          ? {}
          : { timePartitioning: existing.timePartitioning }),
        ...request.resource,
      },
    );
    return count;
  });
  if (existing === undefined) catalog.putTable(datasetId, tableId, fields, request.resource);
  else {
    existing.fields = fields;
    catalog.touch(existing);
  }
  return rows;
}

async function inTransaction<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run('BEGIN TRANSACTION');
  try {
    const result = await work();
    await connection.run('COMMIT');
    return result;
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function insert(
  connection: DuckDBConnection,
  target: string,
  fields: readonly Field[],
  request: WriteRequest,
): Promise<number> {
  const known = new Set(fields.map((field) => field.name.toLowerCase()));
  const given = new Set(request.fields.map((field) => field.name.toLowerCase()));
  const unknown = request.fields.find((field) => !known.has(field.name.toLowerCase()));
  if (unknown !== undefined) {
    const { datasetId, tableId } = request.destination;
    throw new ApiError(
      400,
      'invalid',
      `Provided Schema does not match Table ${datasetId}.${tableId}. Cannot add fields (field: ${unknown.name})`,
    );
  }
  const written = fields.filter((field) => given.has(field.name.toLowerCase()));
  const columns = written.map((field) => quoted(field.name)).join(', ');
  const values = written.map((field) => stored(field)).join(', ');
  const reader = await connection.runAndReadAll(
    `INSERT INTO ${target} (${columns}) SELECT ${values} FROM (${request.query}) AS _q`,
  );
  for (const field of written.filter((each) => each.mode === 'REPEATED')) {
    const column = quoted(field.name);
    const bad = await connection.runAndReadAll(
      `SELECT 1 FROM ${target} WHERE len(${column}) > list_count(${column}) LIMIT 1`,
    );
    if (bad.currentRowCount > 0) {
      throw invalid(`Array cannot have a null element; error in writing field ${field.name}`);
    }
  }
  return Number(reader.getRows()[0]?.[0] ?? 0);
}

/** BigQuery keeps no NULL arrays. */
function stored(field: Field): string {
  const value = `CAST(${quoted(field.name)} AS ${duckdbType(field)})`;
  return field.mode === 'REPEATED' ? `coalesce(${value}, [])` : value;
}

async function requireEmpty(
  connection: DuckDBConnection,
  target: string,
  project: string,
): Promise<void> {
  const { currentRowCount } = await connection.runAndReadAll(`SELECT 1 FROM ${target} LIMIT 1`);
  if (currentRowCount === 0) return;
  throw new ApiError(
    409,
    'duplicate',
    `Already Exists: Table ${project}:${target.replaceAll('"', '')}`,
  );
}
