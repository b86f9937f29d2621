import type { CompiledAsset } from '../compile/compiled.ts';
import type { Check } from '../config/check.ts';
import { quoteName, type SqlDialect } from '../sql/quote.ts';
import type { StagedCheck } from '../warehouse/warehouse.ts';
import { isRowCheck, type RowCheck, rowTest } from './row-test.ts';
import type { RowCountPerCheck } from './upstream-checks.ts';

/** Checks that compare rows with each other, with an upstream or with other partitions. */
export type StatementCheck =
  Exclude<Check, RowCheck | { readonly type: 'row_count' | 'freshness' }> | RowCountPerCheck;

/** How a check is decided: by the query that counts rows, by counting alone, or by the one statement of the others. */
export type CheckTest =
  | {
      readonly type: 'rows';
      readonly staged: StagedCheck;
      /** Percent of the rows that must not offend; absent for all of them. */
      readonly threshold?: number;
    }
  | { readonly type: 'row_count'; readonly min?: number; readonly max?: number }
  | { readonly type: 'statement'; readonly check: StatementCheck };

/** A check as people know it, and how it is decided. */
export interface CheckPlan {
  readonly name: string;
  readonly severity: 'error' | 'warn';
  readonly blocking: boolean;
  readonly test: CheckTest;
}

/**
 * The checks of an asset's rows: those that its declaration implies (unique key, columns that are not
 * nullable and finite numbers, which block; references to upstreams, which warn), and those that it declares.
 */
export function checksOf(asset: CompiledAsset, dialect: SqlDialect): CheckPlan[] {
  return [
    ...structuralChecks(asset, dialect),
    ...referenceChecks(asset),
    ...asset.checks.flatMap((check): CheckPlan[] => {
      // Told from the record, not from rows.
      if (check.type === 'freshness') return [];
      const { name, severity, blocking } = check;
      return [{ name, severity, blocking, test: testOf(asset, check, dialect) }];
    }),
  ];
}

/** The row conditions of some checks: what the warehouse counts in one grouped query. */
export function stagedChecks(plans: readonly CheckPlan[]): StagedCheck[] {
  return plans.flatMap(({ test }) => (test.type === 'rows' ? test.staged : []));
}

/** How many statements the checks take besides that query: one for all that need any. */
export function ownStatements(plans: readonly CheckPlan[]): number {
  return plans.some(({ test }) => test.type === 'statement') ? 1 : 0;
}

type RowsCheck = Exclude<Check, { readonly type: 'freshness' }>;

function testOf(asset: CompiledAsset, check: RowsCheck, dialect: SqlDialect): CheckTest {
  if (isRowCheck(check)) return rowTestOf(asset, check, dialect);
  if (check.type !== 'row_count') return { type: 'statement', check };
  const { per, min, max } = check;
  if (per !== undefined) return { type: 'statement', check: { ...check, per } };
  return {
    type: 'row_count',
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
}

function rowTestOf(asset: CompiledAsset, check: RowCheck, dialect: SqlDialect): CheckTest {
  const { offends, columns } = rowTest(asset, check, dialect);
  const threshold = check.type === 'not_null' ? check.threshold : undefined;
  return {
    type: 'rows',
    staged: { name: check.name, offends, columns: shownColumns(asset, columns) },
    ...(threshold === undefined ? {} : { threshold }),
  };
}

/** What tells an offending row from others: its key and what the check looks at; all of it without a key. */
function shownColumns(asset: CompiledAsset, checked: readonly string[]): readonly string[] {
  const names = asset.columns.map((column) => column.name);
  if (asset.key.length === 0 || checked.length === 0) return names;
  return names.filter((name) => asset.key.includes(name) || checked.includes(name));
}

function structuralChecks(asset: CompiledAsset, dialect: SqlDialect): CheckPlan[] {
  const plans: CheckPlan[] = [];
  const structural = { severity: 'error', blocking: true } as const;
  if (asset.key.length > 0) {
    const name = `unique key (${asset.key.join(', ')})`;
    const staged = { name, offends: { uniqueOver: asset.key } };
    plans.push({ ...structural, name, test: { type: 'rows', staged } });
  }
  const required = asset.columns
    .filter((column) => !column.nullable && column.name !== asset.partitionColumn)
    .map((column) => column.name);
  if (required.length > 0) {
    const name = 'required columns are not NULL';
    const offends = required.map((column) => `${quoteName(column, dialect)} IS NULL`).join(' OR ');
    const staged = { name, offends, columns: shownColumns(asset, required) };
    plans.push({ ...structural, name, test: { type: 'rows', staged } });
  }
  const floats = asset.columns
    .filter((column) => column.type === 'FLOAT64')
    .map((column) => column.name);
  if (floats.length > 0) {
    const name = 'numbers are finite';
    const offends = floats.map((column) => notFinite(column, dialect)).join(' OR ');
    const staged = { name, offends, columns: shownColumns(asset, floats) };
    plans.push({ ...structural, name, test: { type: 'rows', staged } });
  }
  return plans;
}

/** Where BigQuery stops at a division by zero, DuckDB returns an infinity or NaN and goes on. */
function notFinite(column: string, dialect: SqlDialect): string {
  const name = quoteName(column, dialect);
  return dialect === 'duckdb' ? `NOT isfinite(${name})` : `IS_INF(${name}) OR IS_NAN(${name})`;
}

/** A column that references an upstream warns of values that the upstream lacks, unless a check says more. */
function referenceChecks(asset: CompiledAsset): CheckPlan[] {
  return asset.columns.flatMap((column): CheckPlan[] => {
    const [relation, name = ''] = column.references?.split('.') ?? [];
    if (relation === undefined) return [];
    const to = { relation, column: name };
    // What an optional upstream lacks says nothing.
    const isRead = asset.upstream.some((edge) => edge.relation === relation && !edge.optional);
    const isDeclared = asset.checks.some(
      (check) =>
        check.type === 'relationship' &&
        check.column === column.name &&
        check.to.relation === relation &&
        check.to.column === name,
    );
    if (!isRead || isDeclared) return [];
    const common = {
      name: `${column.name} references ${column.references}`,
      severity: 'warn',
      blocking: false,
    } as const;
    const check = { ...common, type: 'relationship', column: column.name, to } as const;
    return [{ ...common, test: { type: 'statement', check } }];
  });
}
