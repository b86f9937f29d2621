import type { BigQuery } from '@google-cloud/bigquery';

import { WarehouseError } from '../errors.ts';
import type { Day } from '../partitions/date.ts';
import { bigqueryClient, type ClientSettings } from './bigquery-client.ts';
import { BigqueryFailures, FAILURES } from './bigquery-failures.ts';
import { FileEngine } from './bigquery-files.ts';
import { BigqueryJobs, labelValue } from './bigquery-jobs.ts';
import { BigqueryLease } from './bigquery-lease.ts';
import { BigqueryLoader } from './bigquery-load.ts';
import {
  markScript,
  MATERIALIZATIONS,
  OWN_TABLES,
  ownTables,
  readCalendarsQuery,
  readDefinitionsQuery,
  readMaterializationsQuery,
  removeScript,
  saveCalendarScript,
  toDefinition,
  toMaterialization,
} from './bigquery-ledger.ts';
import {
  columnsSelect,
  loadedTable,
  offendingCountsQuery,
  offendingRowsQuery,
  type OwnTables,
  partitionCondition,
  publishScript,
  rowCountsSelect,
  stageKey,
  stageScript,
  stagingTable,
  tableName,
  withFunctions,
} from './bigquery-sql.ts';
import { BigqueryTables } from './bigquery-tables.ts';
import { checkedPartition, gigabytes, stagedPartition } from './bigquery-results.ts';
import { type ColumnBatch, columnarRows } from './columns.ts';
import type {
  CheckedPartition,
  CheckedRows,
  FailuresRequest,
  FileCopy,
  MarkRequest,
  PublishRequest,
  QueryOptions,
  QueryResult,
  RecordedCalendar,
  RecordedDefinition,
  RecordedMaterialization,
  StagedPartition,
  StageRequest,
  StatementOptions,
  TableSpec,
  Warehouse,
  WarehouseCapabilities,
} from './warehouse.ts';

export interface BigqueryOptions extends ClientSettings {
  /** Name of the pipeline: the label of datasets, tables and jobs. */
  readonly pipeline: string;
  /** Dataset of the engine's own tables. */
  readonly stateDataset: string;
  /** Bytes that one job may bill; absent for no limit. */
  readonly maxBytesBilled: number | undefined;
  /** A reader makes no tables. */
  readonly readOnly: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** One query may name a thousand tables. */
const TABLES_PER_QUERY = 200;

/** Opens BigQuery as a warehouse; makes the engine's own tables unless it is opened to read. */
export async function openBigqueryWarehouse(options: BigqueryOptions): Promise<Warehouse> {
  const client = await bigqueryClient(options);
  const labels = { fastbreak_pipeline: labelValue(options.pipeline) };
  const { location, maxBytesBilled, stateDataset } = options;
  const tables = new BigqueryTables(client, { location, labels });
  const jobs = new BigqueryJobs(client, { location, labels });
  if (!options.readOnly) {
    for (const table of [...OWN_TABLES, FAILURES]) await tables.ensureOwn(stateDataset, table);
  }
  return new BigqueryWarehouse({
    client,
    jobs,
    tables,
    stateDataset,
    maxBytesBilled,
    now: options.now,
  });
}

interface Parts {
  readonly client: BigQuery;
  readonly jobs: BigqueryJobs;
  readonly tables: BigqueryTables;
  readonly stateDataset: string;
  readonly maxBytesBilled: number | undefined;
  readonly now: () => number;
}

class BigqueryWarehouse implements Warehouse {
  readonly capabilities: WarehouseCapabilities = { dialect: 'bigquery' };
  readonly lease: BigqueryLease;
  readonly #jobs: BigqueryJobs;
  readonly #tables: BigqueryTables;
  readonly #stateDataset: string;
  readonly #own: OwnTables;
  readonly #maxBytesBilled: number | undefined;
  readonly #loader: BigqueryLoader;
  readonly #failures: BigqueryFailures;
  readonly #files = new FileEngine();
  /** Stages whose table is there. */
  readonly #staged = new Set<string>();
  /** Tables that rows were loaded into, by stage. */
  readonly #loaded = new Set<string>();
  /** Code versions that are known to be kept. */
  readonly #definitions = new Set<string>();
  /** Writes follow each other: transactions that change the ledger at once would abort each other. */
  #writing: Promise<unknown> = Promise.resolve();
  /** A transaction failed, and may have been done all the same: the next run must look. */
  #isInDoubt = false;

  constructor({ client, jobs, tables, stateDataset, maxBytesBilled, now }: Parts) {
    this.#jobs = jobs;
    this.#tables = tables;
    this.#stateDataset = stateDataset;
    this.#own = ownTables(stateDataset);
    this.#maxBytesBilled = maxBytesBilled;
    this.#loader = new BigqueryLoader({ client, jobs, tables, now });
    this.#failures = new BigqueryFailures(jobs, tables, this.#own);
    this.lease = new BigqueryLease(jobs, this.#own, (work) => this.#alone(work));
  }

  async fingerprint(): Promise<string | undefined> {
    if (this.#isInDoubt) return undefined;
    return this.#tables.fingerprint(this.#stateDataset, MATERIALIZATIONS.name);
  }

  ensureTable: Warehouse['ensureTable'] = (table) => this.#tables.ensure(table);

  async stage(
    request: StageRequest,
    options: StatementOptions,
  ): Promise<readonly StagedPartition[]> {
    const { table, checks, maxBytesBilled = this.#maxBytesBilled } = request;
    const stage = this.#ownStage(request.stage);
    await this.#tables.ensureDataset(table.dataset);
    await this.#requireAffordable(request, options);
    this.#staged.add(stageKey(table, stage));
    const { rows } = await this.#jobs.query(
      {
        purpose: `stage_${table.name}_${stage}`,
        sql: stageScript({ ...request, stage }),
        labels: { fastbreak_asset: table.name },
        maxBytesBilled,
        wantsRows: true,
      },
      options,
    );
    return rows
      .map((row) => stagedPartition(row, checks.length))
      .filter((partition) => partition.rows > 0)
      .sort((a, b) => a.day - b.day);
  }

  stagedRelation(table: TableSpec, stage: string): string {
    return tableName(stagingTable(table, this.#ownStage(stage)));
  }

  async loadRows(
    table: TableSpec,
    stage: string,
    rows: readonly Readonly<Record<string, unknown>>[],
    batches: readonly ColumnBatch[] = [],
  ): Promise<string> {
    return this.#load(table, stage, await this.#files.writeRows(table, rows, batches), {});
  }

  readColumns: Warehouse['readColumns'] = async (query, options) => {
    const { rows } = await this.#limited('read', columnsSelect(query), options);
    return columnarRows(query.columns, rows);
  };

  async loadFiles(
    table: TableSpec,
    stage: string,
    select: string,
    options: StatementOptions,
  ): Promise<string> {
    return this.#load(table, stage, await this.#files.writeSelect(table, select, options), options);
  }

  queryFiles: Warehouse['queryFiles'] = (sql, options) => this.#files.query(sql, options);

  /** The rows come through this process: for more of them than it can hold, BigQuery's own exports are the way. */
  async copyToFile(copy: FileCopy, options: StatementOptions): Promise<void> {
    await this.#files.copyRows(copy, await this.#limited('export', copy.select, options));
  }

  publishedRelation(table: TableSpec, days: readonly Day[]): string {
    return `(SELECT * FROM ${tableName(table)} WHERE ${partitionCondition(table, days)})`;
  }

  async countOffending(
    request: CheckedRows,
    options: StatementOptions,
  ): Promise<readonly CheckedPartition[]> {
    const { table, checks } = request;
    const query = offendingCountsQuery(table, this.#relationOf(request), checks);
    const sql = withFunctions(request.functions, query);
    const { rows } = await this.#limited(`check_${table.name}`, sql, options);
    return rows.map(checkedPartition);
  }

  async sampleOffending(
    request: CheckedRows,
    check: number,
    sample: { readonly days: readonly Day[]; readonly rowsPerDay: number },
  ): Promise<ReadonlyMap<Day, readonly Record<string, unknown>[]>> {
    if (request.checks[check] === undefined) return new Map();
    const query = offendingRowsQuery(request, this.#relationOf(request), check, sample);
    const sql = withFunctions(request.functions, query);
    const { fields, rows } = await this.#limited(`sample_${request.table.name}`, sql, {});
    const names = fields.slice(1).map((field) => field.name);
    const byDay = new Map<Day, Record<string, unknown>[]>();
    for (const [day, ...values] of rows) {
      const row = Object.fromEntries(names.map((name, index) => [name, values[index]]));
      byDay.set(Number(day), [...(byDay.get(Number(day)) ?? []), row]);
    }
    return byDay;
  }

  stageFailures(request: FailuresRequest, options: StatementOptions) {
    return this.#failures.stage({ ...request, stage: this.#ownStage(request.stage) }, options);
  }

  async publish(request: PublishRequest, options: StatementOptions): Promise<void> {
    const { table, definition } = request;
    const stage = this.#ownStage(request.stage);
    await this.ensureTable(table);
    const version = definition && `${definition.asset} ${definition.codeVersion}`;
    const isNew = version !== undefined && !this.#definitions.has(version);
    const drop = this.#staged.has(stageKey(table, stage));
    const sql = publishScript({ ...request, stage }, this.#own, {
      definition: isNew,
      drop,
      holder: this.lease.runId,
    });
    const job = { purpose: `publish_${table.name}_${stage}`, sql, wantsRows: false };
    await this.#write(() => this.#jobs.query(job, options));
    if (isNew) this.#definitions.add(version);
    if (drop) this.#staged.delete(stageKey(table, stage));
  }

  async discard(table: TableSpec, name: string): Promise<void> {
    const stage = this.#ownStage(name);
    const key = stageKey(table, stage);
    if (this.#staged.delete(key)) await this.#tables.drop(stagingTable(table, stage));
    if (this.#loaded.delete(key)) await this.#tables.drop(loadedTable(table, stage));
    await this.#failures.discard(table, stage);
  }

  async readMaterializations(): Promise<readonly RecordedMaterialization[]> {
    const { rows } = await this.#rows('ledger', readMaterializationsQuery(this.#own), {});
    return rows.map(toMaterialization);
  }

  readFailures: Warehouse['readFailures'] = (filter, most) => this.#failures.read(filter, most);
  countFailures: Warehouse['countFailures'] = (filter) => this.#failures.count(filter);

  async readDefinitions(): Promise<readonly RecordedDefinition[]> {
    const { rows } = await this.#rows('definitions', readDefinitionsQuery(this.#own), {});
    return rows.map(toDefinition);
  }

  async saveCalendar(calendar: RecordedCalendar): Promise<void> {
    await this.#writeAgain('calendar', saveCalendarScript(this.#own, calendar, this.lease.runId));
  }

  async readCalendars(): Promise<readonly RecordedCalendar[]> {
    const { rows } = await this.#rows('calendars', readCalendarsQuery(this.#own), {});
    return rows.map(([name, document]) => ({ name: String(name), document: String(document) }));
  }

  async mark(request: MarkRequest): Promise<void> {
    const sql = markScript(this.#own, request, this.lease.runId);
    await this.#writeAgain(`mark_${request.asset}`, sql);
  }

  async countRows(
    tables: readonly TableSpec[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<Day, number>>> {
    const there = await this.#tables.existing(tables);
    const counts = new Map<string, Map<Day, number>>(there.map(({ name }) => [name, new Map()]));
    for (let at = 0; at < there.length; at += TABLES_PER_QUERY) {
      const selects = there.slice(at, at + TABLES_PER_QUERY).map(rowCountsSelect);
      const { rows } = await this.#rows('count', selects.join('\nUNION ALL\n'), {});
      for (const [name, day, count] of rows) {
        if (Number(count) > 0) counts.get(String(name))?.set(Number(day), Number(count));
      }
    }
    return counts;
  }

  async remove(table: TableSpec, asset: string, days: readonly Day[]): Promise<void> {
    if (days.length === 0) return;
    const [there] = await this.#tables.existing([table]);
    const rows = there && { table, condition: partitionCondition(table, days) };
    const sql = removeScript(this.#own, { asset, days, rows, runId: this.lease.runId });
    await this.#writeAgain(`remove_${asset}`, sql);
  }

  async query(sql: string, options: QueryOptions): Promise<QueryResult> {
    const { functions, purpose = 'query' } = options;
    const { fields, rows } = await this.#limited(purpose, withFunctions(functions, sql), options);
    return { columns: fields.map(({ name, type }) => ({ name, type })), rows };
  }

  async execute(sql: string, options: StatementOptions): Promise<void> {
    await this.#jobs.query({ purpose: 'execute', sql, wantsRows: false }, options);
  }

  async estimateBytes(sql: string, functions: readonly string[]): Promise<number | undefined> {
    return this.#jobs.dryRun(withFunctions(functions, sql));
  }

  async close(): Promise<void> {
    await this.#files.close();
  }

  /** Machines that share the warehouse number their steps alike: one that slept must not write into another's stage. */
  #ownStage(stage: string): string {
    return `${stage}_${this.#jobs.session}`;
  }

  /** The service refuses only single statements by their limit; a stage is several. */
  async #requireAffordable(
    { table, select, functions, maxBytesBilled = this.#maxBytesBilled }: StageRequest,
    options: StatementOptions,
  ): Promise<void> {
    if (maxBytesBilled === undefined) return;
    const bytes = await this.#jobs.dryRun(withFunctions(functions, select), options);
    if (bytes <= maxBytesBilled) return;
    throw new WarehouseError(
      `the statement would read ${gigabytes(bytes)}, and max_bytes_billed allows ${gigabytes(maxBytesBilled)}; raise it for ${table.name} or the target, or ask for fewer partitions`,
      { kind: 'statement', category: 'TOO_EXPENSIVE' },
    );
  }

  #load(table: TableSpec, name: string, file: string, options: StatementOptions): Promise<string> {
    const stage = this.#ownStage(name);
    this.#loaded.add(stageKey(table, stage));
    return this.#loader.load(table, { stage, file }, options);
  }

  #relationOf({ table, relation, stage }: CheckedRows): string {
    return relation ?? this.stagedRelation(table, stage ?? '');
  }

  /** What the project's SQL reads may cost no more than the target allows. */
  #limited(purpose: string, sql: string, options: StatementOptions) {
    const maxBytesBilled = this.#maxBytesBilled;
    return this.#jobs.repeatedly({ purpose, sql, wantsRows: true, maxBytesBilled }, options);
  }

  /** The engine's own bookkeeping is not what a limit is meant for. */
  #rows(purpose: string, sql: string, options: StatementOptions) {
    return this.#jobs.repeatedly({ purpose, sql, wantsRows: true }, options);
  }

  /** A transaction that no step does again. */
  async #writeAgain(purpose: string, sql: string): Promise<void> {
    await this.#write(() => this.#jobs.repeatedly({ purpose, sql, wantsRows: false }, {}));
  }

  /** Does a transaction; a lease that turns out to be lost is lost for the whole run. */
  async #write(transaction: () => Promise<unknown>): Promise<void> {
    try {
      await this.lease.watched(() => this.#alone(transaction));
    } catch (error) {
      this.#isInDoubt = true;
      throw error;
    }
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#writing.then(work);
    this.#writing = result.catch(() => undefined);
    return result;
  }
}
