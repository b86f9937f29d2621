import { ApiError } from '../../http/api-error.ts';
import { duplicate, type Table } from '../catalog.ts';
import { duckdbType, normalField, parseGoogleType, quoted } from '../field-types.ts';
import type { Field, TableResource } from '../resources.ts';
import {
  type CreateTable,
  parseCreateTable,
  parseOptions,
  TokenReader,
  unquote,
} from '../sql/create-table.ts';
import { missingTable, type Resolved, targetIndex } from '../sql/translate.ts';
import { pathAt } from '../sql/table-paths.ts';
import { createStatement, relation } from '../store.ts';
import { invalid, type ScriptSession } from './session.ts';

/** Tables that a job may make partitions in at once. */
const MAX_PARTITIONS = 4000;

export interface TableName {
  readonly dataset: string;
  readonly name: string;
}

/** Runs a CREATE TABLE; the name of the table. */
export async function createTable(
  session: ScriptSession,
  resolved: Resolved,
): Promise<TableName & { readonly hasQuery: boolean }> {
  const statement = parseCreateTable(resolved.text, resolved.tokens);
  const hasQuery = statement.query !== undefined;
  if (statement.isTemporary) {
    await createTemporary(session, statement);
    return { dataset: '_SESSION', name: statement.parts.at(-1) ?? '', hasQuery };
  }
  refuseInTransaction(session);
  const target = tableName(session, statement.parts);
  session.catalog.dataset(target.dataset);
  const exists = session.catalog.findTable(target.dataset, target.name) !== undefined;
  if (exists && statement.ifNotExists) return { ...target, hasQuery };
  if (exists && !statement.orReplace) {
    throw duplicate(`Table ${session.catalog.project}:${target.dataset}.${target.name}`);
  }
  await createPermanent(session, statement, target);
  return { ...target, hasQuery };
}

async function createPermanent(
  session: ScriptSession,
  statement: CreateTable,
  target: TableName,
): Promise<void> {
  const query = queryOf(session, statement);
  const found = query === undefined ? undefined : await session.describe(query);
  const model = modelOf(session, statement);
  const fields = (statement.fields ?? found ?? model?.fields ?? []).map(normalField);
  const resource = await tableResource(session, statement, model);
  await session.atomically(async () => {
    const name = relation(target.dataset, target.name);
    await session.connection.run(`DROP TABLE IF EXISTS ${name}`);
    await session.connection.run(createStatement(target.dataset, target.name, fields));
    if (query !== undefined) await fill(session, target, fields, query);
    await checkPartitions(session, target, resource);
  });
  session.catalog.putTable(target.dataset, target.name, fields, resource);
}

async function fill(
  session: ScriptSession,
  target: TableName,
  fields: readonly Field[],
  query: string,
): Promise<void> {
  const names = fields.map((field) => quoted(field.name));
  const values = fields.map((field) => `CAST(${quoted(field.name)} AS ${duckdbType(field)})`);
  await session.connection.run(
    `INSERT INTO ${relation(target.dataset, target.name)} SELECT ${values.join(', ')} FROM (${query}) AS _q(${names.join(', ')})`,
  );
  await session.storeArrays({ ...target, fields });
}

/** Refuses more partitions than a job may make. */
export async function checkPartitions(
  session: Pick<ScriptSession, 'connection'>,
  target: TableName,
  { timePartitioning }: Pick<TableResource, 'timePartitioning'>,
): Promise<void> {
  if (timePartitioning?.field === undefined) return;
  const unit = timePartitioning.type.toLowerCase();
  const reader = await session.connection.runAndReadAll(
    `SELECT count(DISTINCT date_trunc('${unit}', ${quoted(timePartitioning.field)}))::DOUBLE FROM ${relation(target.dataset, target.name)}`,
  );
  const count = Number(reader.getRows()[0]?.[0] ?? 0);
  if (count > MAX_PARTITIONS) {
    throw invalid(
      `Too many partitions produced by query, allowed ${MAX_PARTITIONS}, query produces at least ${count} partitions`,
    );
  }
}

async function createTemporary(session: ScriptSession, statement: CreateTable): Promise<void> {
  const name = statement.parts.at(-1) ?? '';
  const query = queryOf(session, statement);
  const columns = (statement.fields ?? []).map(
    (field) => `${quoted(field.name)} ${duckdbType(normalField(field))}`,
  );
  const body = query === undefined ? `(${columns.join(', ')})` : `AS ${query}`;
  const create = statement.orReplace ? 'CREATE OR REPLACE' : 'CREATE';
  await session.connection.run(`${create} TEMP TABLE ${quoted(name)} ${body}`);
  session.addTemporary(name);
}

function queryOf(session: ScriptSession, statement: CreateTable): string | undefined {
  const { model, query } = statement;
  if (query !== undefined) return session.translator.toDuckdb(query);
  if (model === undefined || model.kind === 'LIKE') return undefined;
  const from = tableName(session, model.parts);
  return `SELECT * FROM ${relation(from.dataset, from.name)}`;
}

function modelOf(session: ScriptSession, { model }: CreateTable): Table | undefined {
  if (model === undefined) return undefined;
  const { dataset, name } = tableName(session, model.parts);
  const table = session.catalog.findTable(dataset, name);
  if (table === undefined) throw missingTable(dataset, name, session.catalog);
  return table;
}

async function tableResource(
  session: ScriptSession,
  statement: CreateTable,
  model: Table | undefined,
): Promise<TableResource> {
  const partitioning = statement.timePartitioning ?? model?.timePartitioning;
  const clustering = statement.clustering.length > 0 ? statement.clustering : model?.clustering;
  return {
    ...(await optionsResource(session, statement.options)),
    ...(partitioning === undefined ? {} : { timePartitioning: partitioning }),
    ...(statement.rangePartitioning === undefined
      ? {}
      : { rangePartitioning: statement.rangePartitioning }),
    ...(clustering === undefined ? {} : { clustering: { fields: clustering } }),
  };
}

/** What an OPTIONS list says, as the REST API would. */
async function optionsResource(
  session: ScriptSession,
  options: ReadonlyMap<string, string>,
): Promise<TableResource> {
  const text = (name: string): string | undefined => {
    const literal = options.get(name);
    return literal === undefined ? undefined : unquote(literal);
  };
  const description = text('description');
  const friendlyName = text('friendly_name');
  const labels = options.get('labels');
  const expiry = options.get('expiration_timestamp');
  return {
    ...(description === undefined ? {} : { description }),
    ...(friendlyName === undefined ? {} : { friendlyName }),
    ...(labels === undefined ? {} : { labels: labelPairs(labels) }),
    ...(expiry === undefined ? {} : { expirationTime: await millis(session, expiry) }),
  };
}

function labelPairs(text: string): Readonly<Record<string, string>> {
  const pairs = text.matchAll(/\(\s*(['"])(.*?)\1\s*,\s*(['"])(.*?)\3\s*\)/g);
  return Object.fromEntries(Array.from(pairs, ([, , key = '', , value = '']) => [key, value]));
}

async function millis(session: ScriptSession, expression: string): Promise<number | null> {
  const sql = session.translator.toDuckdb(`SELECT ${expression} AS v`);
  const reader = await session.connection.runAndReadAll(
    `SELECT epoch_ms(CAST(v AS TIMESTAMPTZ))::DOUBLE FROM (${sql}) AS _e`,
  );
  const value = reader.getRows()[0]?.[0] ?? null;
  return value === null ? null : Number(value);
}

export async function dropTable(session: ScriptSession, resolved: Resolved): Promise<TableName> {
  const { tokens, text } = resolved;
  const target = pathAt(tokens, targetIndex(tokens));
  if (target === undefined) throw invalid('Syntax error: Expected a name after DROP TABLE');
  const parts = target.parts;
  if (parts.length === 1 && session.defaultDataset === undefined) {
    await session.connection.run(`DROP TABLE IF EXISTS temp.${quoted(parts[0] ?? '')}`);
    return { dataset: '_SESSION', name: parts[0] ?? '' };
  }
  refuseInTransaction(session);
  const { dataset, name } = tableName(session, parts);
  const isThere = session.catalog.findTable(dataset, name) !== undefined;
  if (!isThere && !/^DROP\s+TABLE\s+IF\s+EXISTS/i.test(text)) {
    throw missingTable(dataset, name, session.catalog);
  }
  if (isThere) await session.store.dropTable(dataset, name);
  return { dataset, name };
}

/** ALTER TABLE … SET OPTIONS and ADD COLUMN. */
export async function alterTable(session: ScriptSession, resolved: Resolved): Promise<TableName> {
  refuseInTransaction(session);
  const { text, tokens } = resolved;
  const path = pathAt(tokens, targetIndex(tokens));
  const target = tableName(session, path?.parts ?? []);
  const table = session.catalog.table(target.dataset, target.name);
  const reader = new TokenReader(text, tokens, path?.to ?? 0);
  if (reader.take('SET', 'OPTIONS')) {
    const options = parseOptions(text, tokens, reader);
    session.catalog.patchTable(table, await optionsResource(session, options));
    return target;
  }
  do {
    reader.expect('ADD');
    reader.expect('COLUMN');
    const isOptional = reader.take('IF', 'NOT', 'EXISTS');
    const field = normalField(parseGoogleType(reader.word(), reader.word()));
    if (!isOptional || !table.fields.some((each) => each.name === field.name)) {
      await addColumn(session, table, field);
    }
  } while (reader.take(','));
  return target;
}

async function addColumn(session: ScriptSession, table: Table, field: Field): Promise<void> {
  await session.connection.run(
    `ALTER TABLE ${relation(table.dataset, table.name)} ADD COLUMN ${quoted(field.name)} ${duckdbType(field)}`,
  );
  table.fields = [...table.fields, field];
  session.catalog.touch(table);
}

/** CREATE SCHEMA and DROP SCHEMA. */
export async function changeSchema(session: ScriptSession, resolved: Resolved): Promise<void> {
  refuseInTransaction(session);
  const { text, tokens } = resolved;
  const name = pathAt(tokens, targetIndex(tokens))?.parts.at(-1) ?? '';
  const isThere = session.catalog.datasets.has(name);
  if (/^CREATE/i.test(text)) {
    if (isThere && /IF\s+NOT\s+EXISTS/i.test(text)) return;
    session.catalog.addDataset(name, {});
    await session.store.run(`CREATE SCHEMA IF NOT EXISTS ${quoted(name)}`);
    return;
  }
  if (!isThere && /IF\s+EXISTS/i.test(text)) return;
  const { tables } = session.catalog.dataset(name);
  if (tables.size > 0 && !/CASCADE/i.test(text)) {
    throw new ApiError(
      400,
      'resourceInUse',
      `Dataset ${session.catalog.project}:${name} is still in use`,
    );
  }
  await session.store.run(`DROP SCHEMA IF EXISTS ${quoted(name)} CASCADE`);
  session.catalog.datasets.delete(name);
}

/** Dataset and table of a name, the default dataset being that of the job. */
export function tableName(session: ScriptSession, parts: readonly string[]): TableName {
  const name = parts.at(-1) ?? '';
  const dataset = parts.at(-2) ?? session.defaultDataset;
  if (dataset !== undefined) return { dataset, name };
  throw invalid(`Table "${name}" must be qualified with a dataset (e.g. dataset.table).`);
}

function refuseInTransaction(session: ScriptSession): void {
  if (!session.isInTransaction) return;
  throw invalid(
    'DDL statements are not supported in a transaction, except for those creating or droping temporary tables or temporary functions.',
  );
}
