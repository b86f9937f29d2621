import { ApiError } from '../../http/api-error.ts';
import { jsonBody, type ApiReply } from '../../http/call.ts';
import { duplicate, type Table } from '../catalog.ts';
import { duckdbType, normalField, quoted } from '../field-types.ts';
import type { Field, TableResource } from '../resources.ts';
import { restRow } from '../row-values.ts';
import { relation, type Store } from '../store.ts';
import { requireMatch } from './dataset-routes.ts';
import { pageOf } from './paging.ts';
import { tableListItem, tableResource } from './resources.ts';
import type { Route, Visit } from './router.ts';
import { wantedFormat } from './value-format.ts';

export const TABLE_ROUTES: readonly Route[] = [
  { method: 'GET', pattern: '/datasets/*/tables', handle: listTables },
  { method: 'POST', pattern: '/datasets/*/tables', handle: insertTable },
  {
    method: 'GET',
    pattern: '/datasets/*/tables/*',
    handle: async (visit) => ({ json: await tableResource(tableOf(visit), visit.backend.store) }),
  },
  { method: 'PATCH', pattern: '/datasets/*/tables/*', handle: patchTable },
  {
    method: 'DELETE',
    pattern: '/datasets/*/tables/*',
    handle: async (visit) => {
      const table = tableOf(visit);
      requireMatch(visit.request.headers['if-match'], table.etag);
      await visit.backend.store.dropTable(table.dataset, table.name);
      return { status: 204 };
    },
  },
  { method: 'GET', pattern: '/datasets/*/tables/*/data', handle: listRows },
];

function tableOf({ backend, names: [dataset = '', name = ''] }: Visit): Table {
  return backend.store.catalog.table(dataset, name);
}

function listTables({ backend, request, names: [name = ''] }: Visit): ApiReply {
  const { catalog } = backend.store;
  const tables = [...catalog.dataset(name).tables.values()].filter(
    (each) => !catalog.isExpired(each),
  );
  const sorted = tables.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const page = pageOf(sorted, request.call.query, backend.pageRows);
  const items = page.items.map((each) => tableListItem(each, catalog));
  return {
    json: {
      kind: 'bigquery#tableList',
      totalItems: sorted.length,
      ...(items.length === 0 ? {} : { tables: items }),
      ...(page.next === undefined ? {} : { nextPageToken: page.next }),
    },
  };
}

async function insertTable({ backend, request, names: [dataset = ''] }: Visit): Promise<ApiReply> {
  const { store } = backend;
  const resource = jsonBody<TableResource>(request);
  const name = resource.tableReference?.tableId ?? '';
  store.catalog.dataset(dataset);
  if (store.catalog.findTable(dataset, name) !== undefined) {
    throw duplicate(`Table ${store.catalog.project}:${dataset}.${name}`);
  }
  const fields = resource.schema?.fields ?? [];
  checkLayout(fields, resource);
  // One of the name may have expired.
  await store.dropTable(dataset, name);
  const table = await store.createTable(dataset, name, fields, resource);
  return { json: await tableResource(table, store) };
}

/** What BigQuery refuses to partition or cluster by. */
function checkLayout(fields: readonly Field[], resource: TableResource): void {
  const byName = new Map(fields.map((field) => [field.name, normalField(field)]));
  const partition = resource.timePartitioning?.field;
  const type = partition === undefined ? 'DATE' : byName.get(partition)?.type;
  if (type === undefined || !['DATE', 'TIMESTAMP', 'DATETIME'].includes(type)) {
    throw new ApiError(
      400,
      'invalid',
      `The field specified for partitioning cannot be found or has a wrong type: ${partition ?? ''}`,
    );
  }
  const clustering = resource.clustering?.fields ?? [];
  if (clustering.length > 4) {
    throw new ApiError(
      400,
      'invalid',
      `Too many clustering fields: ${clustering.length}, at most 4 are allowed`,
    );
  }
  const bad = clustering.find((name) => {
    const field = byName.get(name);
    return (
      field === undefined ||
      field.mode === 'REPEATED' ||
      ['FLOAT', 'RECORD', 'BYTES', 'JSON'].includes(field.type)
    );
  });
  if (bad !== undefined) {
    throw new ApiError(400, 'invalid', `Field ${bad} cannot be used for clustering`);
  }
}

async function patchTable(visit: Visit): Promise<ApiReply> {
  const { store } = visit.backend;
  const table = tableOf(visit);
  requireMatch(visit.request.headers['if-match'], table.etag);
  const resource = jsonBody<TableResource>(visit.request);
  if (resource.schema?.fields !== undefined)
    await changeSchema(store, table, resource.schema.fields);
  store.catalog.patchTable(table, resource);
  return { json: await tableResource(table, store) };
}

/** Columns may be added, described and relaxed to NULLABLE; nothing else. */
async function changeSchema(store: Store, table: Table, wanted: readonly Field[]): Promise<void> {
  const fields = wanted.map(normalField);
  const name = relation(table.dataset, table.name);
  const byName = new Map(fields.map((field) => [field.name.toLowerCase(), field]));
  const statements: string[] = [];
  for (const old of table.fields) {
    const field = byName.get(old.name.toLowerCase());
    if (field === undefined)
      throw schemaMismatch(store, table, `Field ${old.name} is missing in new schema`);
    if (duckdbType(field) !== duckdbType(old)) {
      throw schemaMismatch(
        store,
        table,
        `Field ${old.name} has changed type from ${old.type} to ${field.type}`,
      );
    }
    if (old.mode === 'NULLABLE' && field.mode === 'REQUIRED') {
      throw schemaMismatch(
        store,
        table,
        `Field ${old.name} has changed mode from NULLABLE to REQUIRED`,
      );
    }
    if (old.mode === 'REQUIRED' && field.mode === 'NULLABLE') {
      statements.push(`ALTER TABLE ${name} ALTER COLUMN ${quoted(old.name)} DROP NOT NULL`);
    }
  }
  const known = new Set(table.fields.map((field) => field.name.toLowerCase()));
  for (const field of fields.filter((each) => !known.has(each.name.toLowerCase()))) {
    if (field.mode === 'REQUIRED') {
      throw schemaMismatch(
        store,
        table,
        `Cannot add required fields to an existing schema. (field: ${field.name})`,
      );
    }
    const empty = field.mode === 'REPEATED' ? ' DEFAULT []' : '';
    statements.push(
      `ALTER TABLE ${name} ADD COLUMN ${quoted(field.name)} ${duckdbType(field)}${empty}`,
    );
  }
  for (const statement of statements) await store.run(statement);
  table.fields = fields;
}

function schemaMismatch(store: Store, table: Table, what: string): ApiError {
  return new ApiError(
    400,
    'invalid',
    `Provided Schema does not match Table ${store.catalog.project}:${table.dataset}.${table.name}. ${what}`,
  );
}

async function listRows(visit: Visit): Promise<ApiReply> {
  const { backend, request } = visit;
  const table = tableOf(visit);
  const { query } = request.call;
  const selected = query.get('selectedFields')?.split(',');
  const fields = table.fields.filter((field) => selected?.includes(field.name) ?? true);
  const columns = fields.map((field) => quoted(field.name)).join(', ');
  const order = 'rowid';
  const reader = await backend.store.read(
    `SELECT ${columns === '' ? 'NULL' : columns} FROM ${relation(table.dataset, table.name)} ORDER BY ${order}`,
  );
  const all = reader.getRows();
  const page = pageOf(all, query, backend.pageRows);
  const format = wantedFormat(query);
  return {
    json: {
      kind: 'bigquery#tableDataList',
      etag: table.etag,
      totalRows: String(all.length),
      ...(page.items.length === 0
        ? {}
        : { rows: page.items.map((row) => restRow(row, fields, format)) }),
      ...(page.next === undefined ? {} : { pageToken: page.next }),
    },
  };
}
