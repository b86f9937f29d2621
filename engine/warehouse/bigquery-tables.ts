import type { BigQuery, TableField, TableMetadata } from '@google-cloud/bigquery';

import { PipelineError } from '../errors.ts';
import { called } from './google-calls.ts';
import { googleFault } from './google-faults.ts';
import type { OwnTable } from './bigquery-ledger.ts';
import { tableName } from './bigquery-sql.ts';
import { googleSqlType } from './bigquery-values.ts';
import type { TableColumn, TableSpec } from './warehouse.ts';

/** BigQuery clusters by four columns at most, and not by arrays or floats. */
const MAX_CLUSTERING = 4;
const CLUSTERED = new Set(['STRING', 'INT64', 'BOOL', 'DATE', 'TIMESTAMP']);

/** Makes datasets and tables as the pipeline declares them; each is looked at once. */
export class BigqueryTables {
  readonly #client: BigQuery;
  readonly #settings: {
    readonly location: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly #datasets = new Map<string, Promise<void>>();
  readonly #tables = new Map<string, Promise<void>>();

  constructor(
    client: BigQuery,
    settings: { readonly location: string; readonly labels: Readonly<Record<string, string>> },
  ) {
    this.#client = client;
    this.#settings = settings;
  }

  /** Creates dataset and table where missing, adds declared columns; refuses other differences. */
  ensure(table: TableSpec): Promise<void> {
    return once(this.#tables, tableName(table), () => this.#ensureTable(table));
  }

  ensureOwn(dataset: string, table: OwnTable): Promise<void> {
    return once(this.#tables, tableName({ dataset, name: table.name }), async () => {
      await this.ensureDataset(dataset);
      const found = await this.#metadata(dataset, table.name);
      if (found === undefined) await this.#create(dataset, table.name, ownMetadata(table));
    });
  }

  ensureDataset(name: string): Promise<void> {
    return once(this.#datasets, name, async () => {
      const dataset = this.#client.dataset(name);
      const metadata = await absentAsUndefined(() => dataset.getMetadata());
      if (metadata === undefined) await this.#createDataset(name);
      else requireLocation(name, metadata, this.#settings.location);
    });
  }

  /** Those of some tables that exist; one call per dataset. */
  async existing(tables: readonly TableSpec[]): Promise<readonly TableSpec[]> {
    const datasets = [...new Set(tables.map((table) => table.dataset))];
    const names = await Promise.all(
      datasets.map(async (dataset) => [dataset, await this.#list(dataset)] as const),
    );
    const byDataset = new Map(names);
    return tables.filter((table) => byDataset.get(table.dataset)?.has(table.name));
  }

  /** Names of the tables of a dataset; none when it does not exist. */
  async #list(dataset: string): Promise<ReadonlySet<string>> {
    const found = await absentAsUndefined(() => this.#client.dataset(dataset).getTables());
    return new Set((found?.[0] ?? []).map((table) => table.id ?? ''));
  }

  /** Text that changes whenever a table's rows do; undefined when it does not exist. */
  async fingerprint(dataset: string, name: string): Promise<string | undefined> {
    const found = await this.#metadata(dataset, name);
    if (!found) return undefined;
    return [found.creationTime, found.lastModifiedTime, found.numRows].join(':');
  }

  /** An empty table for rows that are to be loaded, which BigQuery drops at a time in milliseconds since 1970. */
  async createLoaded(
    { dataset, name }: Pick<TableSpec, 'dataset' | 'name'>,
    columns: readonly TableColumn[],
    expiresAt: number,
  ): Promise<void> {
    const schema = { fields: this.fieldsOf(columns) };
    await this.#create(dataset, name, { schema, expirationTime: String(expiresAt) });
  }

  /** Declared columns as the API wants them. */
  fieldsOf(columns: readonly TableColumn[]): TableField[] {
    return columns.map((column) => fieldOf(column));
  }

  async drop({ dataset, name }: Pick<TableSpec, 'dataset' | 'name'>): Promise<void> {
    await called(() => this.#client.dataset(dataset).table(name).delete({ ignoreNotFound: true }));
  }

  async #ensureTable(table: TableSpec): Promise<void> {
    await this.ensureDataset(table.dataset);
    const found = await this.#metadata(table.dataset, table.name);
    if (found === undefined) {
      await this.#create(table.dataset, table.name, tableMetadata(table));
      return;
    }
    const fields: readonly TableField[] = found.schema?.fields ?? [];
    const drift = findDrift(table, fields);
    if (drift === undefined) return this.#addColumns(table, fields);
    if (Number(found.numRows ?? 0) > 0) throw drift;
    // Nothing is lost with an empty table: how a table gets another form.
    await this.drop(table);
    await this.#create(table.dataset, table.name, tableMetadata(table));
  }

  async #addColumns(table: TableSpec, fields: readonly TableField[]): Promise<void> {
    const known = new Map(fields.map((field) => [field.name, field]));
    const added = table.columns.filter((column) => !known.has(column.name));
    const isOld = table.columns.some((column) => {
      const field = known.get(column.name);
      return field !== undefined && (field.description ?? '') !== column.description;
    });
    if (added.length === 0 && !isOld) return;
    const declared = new Map(table.columns.map((column) => [column.name, column]));
    // In the order in which the table has them: new ones come last.
    const kept = fields.map((field) => fieldOf(declared.get(field.name ?? '') ?? added[0], field));
    const metadata = { schema: { fields: [...kept, ...added.map((each) => fieldOf(each))] } };
    const reference = this.#client.dataset(table.dataset).table(table.name);
    await called(() => reference.setMetadata(metadata));
  }

  async #metadata(dataset: string, name: string): Promise<TableMetadata | undefined> {
    const table = this.#client.dataset(dataset).table(name);
    const found = await absentAsUndefined(() => table.getMetadata());
    // The client types what it passes on from the service as unknown.
    return found?.[0] as TableMetadata | undefined;
  }

  async #create(dataset: string, name: string, metadata: TableMetadata): Promise<void> {
    const { labels } = this.#settings;
    await called(() =>
      presentAsDone(() => this.#client.dataset(dataset).createTable(name, { ...metadata, labels })),
    );
  }

  async #createDataset(name: string): Promise<void> {
    const { location, labels } = this.#settings;
    await called(() => presentAsDone(() => this.#client.createDataset(name, { location, labels })));
  }
}

/** Does something once, also when it is asked for again before it is done; a failure may be tried again. */
function once(
  done: Map<string, Promise<void>>,
  key: string,
  work: () => Promise<void>,
): Promise<void> {
  const known = done.get(key);
  if (known) return known;
  const started = work();
  done.set(key, started);
  started.catch(() => done.delete(key));
  return started;
}

async function absentAsUndefined<T>(get: () => Promise<T>): Promise<T | undefined> {
  try {
    return await called(get);
  } catch (error) {
    const { category } = googleFault(error);
    if (category === 'RELATION_NOT_FOUND' || category === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/** Somebody else may make the same thing at the same time, and an answer may be lost. */
async function presentAsDone(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (googleFault(error).category !== 'ALREADY_EXISTS') throw error;
  }
}

function requireLocation(dataset: string, answer: readonly unknown[], wanted: string): void {
  const [metadata] = answer as readonly [{ readonly location?: unknown }];
  const found = metadata.location;
  if (typeof found !== 'string' || found.toLowerCase() === wanted.toLowerCase()) return;
  throw new PipelineError(
    `dataset ${dataset} is in ${found}, and the target's location is ${wanted}`,
    {
      code: 'LOCATION_MISMATCH',
      hint: `set \`location: ${found}\` for the target in pipeline.yaml, or another dataset_prefix: a dataset cannot be moved`,
    },
  );
}

function tableMetadata(table: TableSpec): TableMetadata {
  const partition = table.partitionColumn;
  const types = new Map(table.columns.map((column) => [column.name, column.type]));
  const clustering = table.key
    .filter((name) => name !== partition && CLUSTERED.has(types.get(name) ?? ''))
    .slice(0, MAX_CLUSTERING);
  return {
    schema: { fields: table.columns.map((column) => fieldOf(column)) },
    ...(partition === undefined ? {} : { timePartitioning: { type: 'DAY', field: partition } }),
    ...(clustering.length === 0 ? {} : { clustering: { fields: clustering } }),
  };
}

function ownMetadata({ columns, clustering, description }: OwnTable): TableMetadata {
  return {
    description,
    schema: { fields: columns.map((column) => ({ ...column, mode: 'NULLABLE' })) },
    ...(clustering.length === 0 ? {} : { clustering: { fields: [...clustering] } }),
  };
}

/** A declared column as the API wants it; one that the table has keeps what else it says. */
function fieldOf(column: TableColumn | undefined, found: TableField = {}): TableField {
  if (!column) return found;
  const element = /^ARRAY<(\w+)>$/.exec(column.type)?.[1];
  return {
    ...found,
    name: column.name,
    type: element ?? column.type,
    mode: element === undefined ? 'NULLABLE' : 'REPEATED',
    description: column.description.slice(0, 1024),
  };
}

function findDrift(table: TableSpec, fields: readonly TableField[]): PipelineError | undefined {
  const declared = new Map(table.columns.map((column) => [column.name, column.type]));
  for (const { name = '', type, mode } of fields) {
    const scalar = googleSqlType(type ?? '');
    const found = mode === 'REPEATED' ? `ARRAY<${scalar}>` : scalar;
    const wanted = declared.get(name);
    if (wanted === undefined) return driftError(table, `a column ${name} which is not declared`);
    if (wanted !== found) {
      return driftError(table, `a column ${name} of type ${found}, declared as ${wanted}`);
    }
  }
  return undefined;
}

function driftError(table: TableSpec, what: string): PipelineError {
  return new PipelineError(`${table.dataset}.${table.name} in BigQuery has ${what}`, {
    code: 'SCHEMA_DRIFT',
    exitCode: 1,
    hint: `columns are added by themselves, but not removed or changed: fastbreak forget ${table.name} removes its partitions (asked for twice), and an empty table is made anew by the next materialize`,
  });
}
