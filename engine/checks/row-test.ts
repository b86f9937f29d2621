import type { CompiledAsset } from '../compile/compiled.ts';
import type { Check } from '../config/check.ts';
import { quoteName, quoteText, type SqlDialect } from '../sql/quote.ts';
import type { StagedCheck } from '../warehouse/warehouse.ts';

/** Checks that one row fails by itself, or by being there twice. */
export type RowCheck = Extract<Check, { readonly type: (typeof ROW_TYPES)[number] }>;

const ROW_TYPES = [
  'unique',
  'duplicate_rows',
  'not_null',
  'accepted_values',
  'range',
  'condition',
] as const;

/** True for a check that the query which counts rows answers. */
export function isRowCheck(check: Check): check is RowCheck {
  return ROW_TYPES.some((type) => type === check.type);
}

export interface RowTest {
  readonly offends: StagedCheck['offends'];
  /** The columns that the test looks at; none when that is unknown. */
  readonly columns: readonly string[];
}

/** The condition that is true for a row that offends; a NULL offends nothing but `not_null`. */
export function rowTest(asset: CompiledAsset, check: RowCheck, dialect: SqlDialect): RowTest {
  switch (check.type) {
    case 'unique':
    case 'duplicate_rows':
      return { offends: { uniqueOver: check.columns }, columns: check.columns };
    case 'not_null':
      return {
        offends: `${quoteName(check.column, dialect)} IS NULL`,
        columns: [check.column],
      };
    case 'accepted_values': {
      const values = check.values.map((value) =>
        typeof value === 'string' ? quoteText(value, dialect) : String(value),
      );
      return {
        offends: `${quoteName(check.column, dialect)} NOT IN (${values.join(', ')})`,
        columns: [check.column],
      };
    }
    case 'range': {
      const column = quoteName(check.column, dialect);
      const sides: string[] = [];
      if (check.min !== undefined) sides.push(`${column} < ${check.min}`);
      if (check.max !== undefined) sides.push(`${column} > ${check.max}`);
      return { offends: sides.join(' OR ') || 'FALSE', columns: [check.column] };
    }
    case 'condition':
      return {
        offends: `NOT (${textOf(asset, check.condition, dialect)})`,
        columns: columnsIn(asset, check.condition),
      };
  }
}

/** A text of pipeline.yaml in the dialect of the warehouse. */
export function textOf(asset: CompiledAsset, text: string, dialect: SqlDialect): string {
  if (dialect === 'bigquery') return text;
  const transpiled = asset.sql?.duckdbConditions[text];
  if (transpiled !== undefined) return transpiled;
  throw new Error(`Internal error: "${text}" of ${asset.name} was not compiled`);
}

/** The columns whose names stand in a condition. */
function columnsIn(asset: CompiledAsset, condition: string): readonly string[] {
  const words = new Set(condition.toLowerCase().match(/[a-z_]\w*/g));
  return asset.columns.map(({ name }) => name).filter((name) => words.has(name.toLowerCase()));
}
