import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { ApiError } from '../../http/api-error.ts';
import { duckdbType, fieldOfDuckdb, normalField, quoted } from '../field-types.ts';
import type { Field, LoadConfiguration } from '../resources.ts';
import type { Store } from '../store.ts';
import type { WrittenRows } from './job.ts';
import { writeRows } from './write-rows.ts';

/** Reads an object of Cloud Storage for a load job; absent when the server was started without storage. */
export type ReadObject = (bucket: string, name: string) => readonly Buffer[];

/** Runs a load job with the bytes that were uploaded, or those that its `sourceUris` name. */
export async function runLoad(
  store: Store,
  connection: DuckDBConnection,
  load: LoadConfiguration,
  files: readonly Buffer[],
): Promise<WrittenRows> {
  const paths = files.map((bytes) => {
    const path = join(tmpdir(), `bigquery-load-${randomUUID()}`);
    writeFileSync(path, bytes);
    return path;
  });
  try {
    const rows = await loadFiles(store, connection, load, paths);
    const inputBytes = files.reduce((sum, bytes) => sum + bytes.length, 0);
    return { rows, inputBytes, inputFiles: files.length };
  } finally {
    for (const path of paths) rmSync(path, { force: true });
  }
}

async function loadFiles(
  store: Store,
  connection: DuckDBConnection,
  load: LoadConfiguration,
  paths: readonly string[],
): Promise<number> {
  const { destinationTable } = load;
  if (destinationTable === undefined) {
    throw new ApiError(400, 'required', 'Required parameter is missing: destinationTable');
  }
  const { datasetId, tableId } = destinationTable;
  const declared = load.schema?.fields ?? store.catalog.findTable(datasetId, tableId)?.fields;
  const source = await openSource(connection, load, paths, declared?.map(normalField));
  return writeRows(connection, store.catalog, {
    destination: destinationTable,
    fields: source.fields,
    query: source.query,
    writeDisposition: load.writeDisposition ?? 'WRITE_APPEND',
    createDisposition: load.createDisposition ?? 'CREATE_IF_NEEDED',
    resource: {
      ...(load.timePartitioning === undefined ? {} : { timePartitioning: load.timePartitioning }),
      ...(load.clustering === undefined ? {} : { clustering: load.clustering }),
    },
  });
}

interface Source {
  readonly fields: readonly Field[];
  readonly query: string;
}

async function openSource(
  connection: DuckDBConnection,
  load: LoadConfiguration,
  paths: readonly string[],
  declared: readonly Field[] | undefined,
): Promise<Source> {
  const list = `[${paths.map((path) => `'${path}'`).join(', ')}]`;
  switch (load.sourceFormat ?? 'CSV') {
    case 'PARQUET':
      return parquetSource(connection, load, `read_parquet(${list})`, declared);
    case 'NEWLINE_DELIMITED_JSON':
      return jsonSource(connection, list, declared);
    default:
      throw new ApiError(
        400,
        'invalid',
        `Unsupported source format ${load.sourceFormat ?? 'CSV'}: the test server loads PARQUET and NEWLINE_DELIMITED_JSON`,
      );
  }
}

/** A file has its own schema; a declared one must agree with it. */
async function parquetSource(
  connection: DuckDBConnection,
  load: LoadConfiguration,
  relation: string,
  declared: readonly Field[] | undefined,
): Promise<Source> {
  const found = await describe(connection, relation);
  const hasLists = load.parquetOptions?.enableListInference === true;
  const list = found.find((field) => field.mode === 'REPEATED');
  if (!hasLists && list !== undefined) {
    throw new ApiError(
      400,
      'invalid',
      `Provided Schema does not match: Field ${list.name} has changed type from REPEATED to RECORD. Without parquetOptions.enableListInference a Parquet LIST is read as a RECORD "list" of RECORDs "element".`,
    );
  }
  for (const field of found) checkAgreement(field, declared);
  const query = `SELECT ${found.map((field) => quoted(field.name)).join(', ')} FROM ${relation}`;
  const fields = found.map((field) => sameName(field.name, declared) ?? field);
  return { fields, query };
}

/** Parquet carries types, so that BigQuery refuses a declared schema with others. */
function checkAgreement(field: Field, declared: readonly Field[] | undefined): void {
  const wanted = sameName(field.name, declared);
  if (wanted === undefined) return;
  const found = normalField(field);
  const isSame =
    wanted.type === found.type && (wanted.mode === 'REPEATED') === (found.mode === 'REPEATED');
  // A file cannot tell the two apart where its writer did not say that a time is in UTC.
  const isTime = /TIMESTAMP|DATETIME/.test(wanted.type) && /TIMESTAMP|DATETIME/.test(found.type);
  const isNumber = wanted.type === 'FLOAT' && found.type === 'INTEGER';
  if (isSame || isTime || isNumber) return;
  throw new ApiError(
    400,
    'invalid',
    `Provided Schema does not match Table. Field ${field.name} has changed type from ${wanted.type} to ${found.type}`,
  );
}

function sameName(name: string, fields: readonly Field[] | undefined): Field | undefined {
  return fields?.find((field) => field.name.toLowerCase() === name.toLowerCase());
}

async function jsonSource(
  connection: DuckDBConnection,
  list: string,
  declared: readonly Field[] | undefined,
): Promise<Source> {
  if (declared === undefined) {
    const relation = `read_json(${list}, format = 'newline_delimited')`;
    return { fields: await describe(connection, relation), query: `SELECT * FROM ${relation}` };
  }
  const columns = declared.map(
    (field) => `${quoted(field.name)}: '${duckdbType(field).replaceAll("'", "''")}'`,
  );
  const relation = `read_json(${list}, format = 'newline_delimited', columns = {${columns.join(', ')}})`;
  await refuseUnknownFields(connection, list, declared);
  return { fields: declared, query: `SELECT * FROM ${relation}` };
}

/** As BigQuery does unless it is told to ignore unknown values. */
async function refuseUnknownFields(
  connection: DuckDBConnection,
  list: string,
  declared: readonly Field[],
): Promise<void> {
  const reader = await connection.runAndReadAll(
    `SELECT DISTINCT unnest(json_keys(json)) AS k FROM read_json_objects(${list}, format = 'newline_delimited')`,
  );
  for (const [key] of reader.getRows()) {
    if (typeof key === 'string' && sameName(key, declared) === undefined) {
      throw new ApiError(
        400,
        'invalid',
        `Error while reading data, error message: JSON table encountered too many errors, giving up. No such field: ${key}.`,
      );
    }
  }
}

async function describe(connection: DuckDBConnection, relation: string): Promise<readonly Field[]> {
  const prepared = await connection.prepare(`SELECT * FROM ${relation}`);
  const fields = Array.from({ length: prepared.columnCount }, (_, index) =>
    fieldOfDuckdb(prepared.columnName(index), prepared.columnType(index)),
  );
  prepared.destroySync();
  return fields;
}
