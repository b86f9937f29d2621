import { isWarehouseError } from '../errors.ts';
import type { BigqueryJobs } from './bigquery-jobs.ts';
import type { OwnTable } from './bigquery-ledger.ts';
import { failuresStage, type OwnTables, script, tableName, temporary } from './bigquery-sql.ts';
import type { BigqueryTables } from './bigquery-tables.ts';
import type { FailureCount, FailureFilter, RecordedFailure, StagedFailures } from './failures.ts';
import {
  FAILURE_COLUMNS,
  FAILURES_TABLE,
  failureCountsQuery,
  failuresQuery,
  stagedFailuresQuery,
  stagedFailuresSelect,
  toCounted,
  toFailure,
  toFailureCount,
} from './failures-sql.ts';
import type { FailuresRequest, StatementOptions, TableSpec } from './warehouse.ts';

export const FAILURES: OwnTable = {
  name: FAILURES_TABLE,
  description: 'Who was expected in a partition and has no row, and why.',
  clustering: ['asset'],
  columns: FAILURE_COLUMNS.map(([name, type, description]) => ({ name, type, description })),
};

/** Finds, keeps and reads failures; `publishScript` records them. */
export class BigqueryFailures {
  readonly #jobs: BigqueryJobs;
  readonly #tables: BigqueryTables;
  readonly #place: { readonly dialect: 'bigquery'; readonly table: string };
  /** Tables that hold the failures of a stage, as SQL names them. */
  readonly #staged = new Set<string>();

  constructor(jobs: BigqueryJobs, tables: BigqueryTables, own: OwnTables) {
    this.#jobs = jobs;
    this.#tables = tables;
    this.#place = { dialect: 'bigquery', table: own.failures };
  }

  async stage(request: FailuresRequest, options: StatementOptions): Promise<StagedFailures> {
    const staged = tableName(failuresStage(request.table, request.stage));
    this.#staged.add(staged);
    const { rows } = await this.#jobs.query(
      {
        purpose: `failures_${request.table.name}_${request.stage}`,
        sql: stageFailuresScript(request, this.#place),
        labels: { fastbreak_asset: request.table.name },
        wantsRows: true,
      },
      options,
    );
    return {
      counts: rows.filter(([what]) => what === 'count').map(toCounted),
      changed: rows.filter(([what]) => what === 'changed').map(([, day]) => Number(day)),
    };
  }

  /** Drops what `stage` made. */
  async discard(table: TableSpec, stage: string): Promise<void> {
    const staged = failuresStage(table, stage);
    if (this.#staged.delete(tableName(staged))) await this.#tables.drop(staged);
  }

  async read(filter: FailureFilter, most: number): Promise<readonly RecordedFailure[]> {
    return (await this.#rows(failuresQuery(filter, most, this.#place))).map(toFailure);
  }

  async count(filter: FailureFilter): Promise<readonly FailureCount[]> {
    return (await this.#rows(failureCountsQuery(filter, this.#place))).map(toFailureCount);
  }

  /** A dataset of an older version has no such table until somebody writes to it. */
  async #rows(sql: string): Promise<readonly (readonly unknown[])[]> {
    try {
      return (await this.#jobs.query({ purpose: 'failures', sql, wantsRows: true }, {})).rows;
    } catch (error) {
      if (isWarehouseError(error) && error.category === 'RELATION_NOT_FOUND') return [];
      throw error;
    }
  }
}

/** Statements that compute failures into a table of their own; the last one counts them. */
export function stageFailuresScript(
  request: FailuresRequest,
  place: { readonly dialect: 'bigquery'; readonly table: string },
): string {
  const staged = tableName(failuresStage(request.table, request.stage));
  return script([
    ...request.functions,
    `CREATE OR REPLACE TABLE ${staged} ${temporary} AS\n${stagedFailuresSelect(request, place)}`,
    stagedFailuresQuery(request, staged, place),
  ]);
}
