import { type Batch, tableOf } from '../../engine/assets/batch.ts';
import { conditionSelect, sqlAssetSelect } from '../../engine/assets/sql-asset.ts';
import { failuresWith } from '../../engine/assets/failures-select.ts';
import { type CheckPlan, checksOf, stagedChecks } from '../../engine/checks/definition.ts';
import { offendingStatement } from '../../engine/checks/statements.ts';
import type { Calendar } from '../../engine/config/pipeline.ts';
import { profileQuery } from '../../engine/health/column-profile-query.ts';
import { checkScope } from '../../engine/run/check-scope.ts';
import { calendarQuery } from '../../engine/sql/calendar-query.ts';
import { quoteDay, quoteName, quoteTable, type SqlDialect } from '../../engine/sql/quote.ts';
import { offendingCountsQuery as googleCounts } from '../../engine/warehouse/bigquery-sql.ts';
import { offendingCountsQuery as duckdbCounts } from '../../engine/warehouse/duckdb-sql.ts';
import type { MadePipeline } from './made-pipeline.ts';

/** A statement that the engine makes for both warehouses. */
export interface EngineStatement {
  readonly title: string;
  readonly sql: (dialect: SqlDialect) => string;
  /** Columns that identify a row of the result; absent when all of them do. */
  readonly key?: readonly string[];
}

/** So many that no offending row is left out: which ones are shown may differ between warehouses. */
const ALL_ROWS = 1_000_000;

/** The statement that computes a batch of an asset. */
export function rowsStatement(made: MadePipeline, batch: Batch): EngineStatement {
  const { asset } = batch.evaluation;
  return {
    title: `${asset.name}, ${batch.indexes.length} partition(s)`,
    sql: (dialect) => sqlAssetSelect(batch, made.assets, dialect),
    ...(asset.key.length > 0 && { key: asset.key }),
  };
}

/** The statements that find out which partitions of a batch are expected to be empty. */
export function conditionStatements(made: MadePipeline, batch: Batch): EngineStatement[] {
  const { asset } = batch.evaluation;
  return asset.expectedEmpty.flatMap((rule) => {
    if (rule.type !== 'condition') return [];
    return {
      title: `${asset.name}, expected to be empty: ${rule.reason}`,
      sql: (dialect: SqlDialect) => conditionSelect(batch, made.assets, rule.condition, dialect),
      key: ['partition_date'],
    };
  });
}

/** The statement that finds who is expected in a batch and has no row, for an asset that says who is. */
export function failureStatements(made: MadePipeline, batch: Batch): EngineStatement[] {
  const { asset } = batch.evaluation;
  if (asset.universe === undefined) return [];
  const sql = (dialect: SqlDialect): string => {
    const scope = { batch, assets: made.assets, dialect, rows: ownRows(batch, dialect) };
    return `${failuresWith(scope)}
SELECT day, entity, kind, expected_count, actual_count, missing_dates FROM _found`;
  };
  return [{ title: `${asset.name}, failures`, sql, key: ['day', 'entity'] }];
}

/** The checks of a batch: conditions on a row as a column of 'offends', the others as the engine runs them. */
export function checkStatements(made: MadePipeline, batch: Batch): EngineStatement[] {
  const { asset } = batch.evaluation;
  return checksOf(asset, 'bigquery').flatMap((plan, at) => {
    const sql = (dialect: SqlDialect): string | undefined => {
      const own = checksOf(asset, dialect)[at];
      return own && checkSql(own, { made, batch, dialect });
    };
    if (sql('bigquery') === undefined) return [];
    return {
      title: `${asset.name}, check ${plan.name}`,
      sql: (dialect: SqlDialect) => sql(dialect) ?? '',
    };
  });
}

/** What the columns of an asset hold: all of them in full, and what is recorded after a run. */
export function profileStatements(batch: Batch): EngineStatement[] {
  const { asset, expected } = batch.evaluation;
  const days = batch.indexes.map((index) => expected.days[index] ?? 0);
  const { columns } = asset;
  return (['full', 'light'] as const).flatMap((detail) =>
    [undefined, days].map((some): EngineStatement => {
      const estimated = { distinct: some === undefined, quantiles: true };
      const request = { asset, columns, days: some, detail, estimated };
      return {
        title: `${asset.name}, ${detail} profile`,
        sql: (dialect) => profileQuery(request, dialect),
      };
    }),
  );
}

/** How many rows offend each check, per partition, as the warehouses count them. */
export function countsStatement(batch: Batch): EngineStatement {
  const { asset } = batch.evaluation;
  const table = tableOf(asset);
  return {
    title: `${asset.name}, offending rows`,
    sql: (dialect) => {
      const checks = stagedChecks(checksOf(asset, dialect));
      const rows = ownRows(batch, dialect);
      if (dialect === 'bigquery') return googleCounts(table, rows, checks);
      return `SELECT CAST(COLUMNS(*) AS BIGINT) FROM (${duckdbCounts(table, rows, checks)}) AS _c`;
    },
  };
}

function checkSql(
  { test }: CheckPlan,
  of: { readonly made: MadePipeline; readonly batch: Batch; readonly dialect: SqlDialect },
): string | undefined {
  const { made, batch, dialect } = of;
  const { asset } = batch.evaluation;
  const rows = ownRows(batch, dialect);
  if (test.type === 'statement') {
    const history = earlierRows(batch, dialect);
    const scope = checkScope(batch, made.assets, { dialect, rows, history });
    return offendingStatement([test.check], scope, () => ALL_ROWS);
  }
  // Uniqueness and numbers of rows are counted by the warehouse.
  if (test.type === 'row_count' || typeof test.staged.offends !== 'string') return undefined;
  const columns = asset.columns.map(({ name }) => quoteName(name, dialect)).join(', ');
  return `SELECT ${columns}, (${test.staged.offends}) AS offends FROM ${rows} AS _rows`;
}

/** The rows of a batch as they stand in the asset's table, where a run has its staged rows. */
function ownRows({ evaluation: { asset, expected }, indexes }: Batch, dialect: SqlDialect): string {
  const table = quoteTable(asset.dataset, asset.name, dialect);
  if (asset.partitionSet === undefined || asset.partitionColumn === undefined) return table;
  const days = indexes.map((index) => quoteDay(expected.days[index] ?? 0));
  const column = quoteName(asset.partitionColumn, dialect);
  return `(SELECT * FROM ${table} WHERE ${column} IN (${days.join(', ')}))`;
}

/** The rows of the asset's other partitions, with which some checks compare a batch. */
function earlierRows(batch: Batch, dialect: SqlDialect): string | undefined {
  const { days } = batch.evaluation.expected;
  const own = new Set(batch.indexes);
  const others = [...days.keys()].filter((index) => !own.has(index));
  return others.length === 0 ? undefined : ownRows({ ...batch, indexes: others }, dialect);
}

/** The query that reads a calendar from its asset's table. */
export function calendarStatement(made: MadePipeline, calendar: Calendar): EngineStatement {
  const asset = made.assets.get(calendar.asset);
  if (!asset) throw new Error(`calendar ${calendar.name} has no asset`);
  return {
    title: `calendar ${calendar.name}`,
    key: ['day'],
    sql: (dialect) => {
      const compiled = made.pipeline.compiledCalendars[calendar.name];
      const { dateColumn, periodColumn } = calendar;
      const conditions =
        dialect === 'bigquery'
          ? { where: calendar.where, periodStartWhere: calendar.periodStartWhere }
          : { where: compiled?.duckdbWhere, periodStartWhere: compiled?.duckdbPeriodStartWhere };
      return calendarQuery(
        quoteTable(asset.dataset, asset.name, dialect),
        { dateColumn, periodColumn, ...conditions },
        dialect,
      );
    },
  };
}
