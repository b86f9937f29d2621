import type { CompiledAsset } from '../compile/compiled.ts';
import type { Check } from '../config/pipeline.ts';
import { quoteName, quoteText, type SqlDialect } from '../sql/quote.ts';
import type { StagedCheck } from '../warehouse/warehouse.ts';

/** A check as people know it, and as the warehouse counts its offending rows. */
export interface CheckPlan {
  readonly name: string;
  readonly severity: 'error' | 'warn';
  readonly blocking: boolean;
  readonly staged: StagedCheck;
}

/**
 * The checks of an asset's staged rows: those that its declaration implies (unique key, columns that are not
 * nullable), which always block, and those that it declares.
 */
export function checksOf(asset: CompiledAsset, dialect: SqlDialect): CheckPlan[] {
  return [
    ...structuralChecks(asset, dialect),
    ...asset.checks.map((check) => declaredCheck(asset, check, dialect)),
  ];
}

function structuralChecks(asset: CompiledAsset, dialect: SqlDialect): CheckPlan[] {
  const plans: CheckPlan[] = [];
  const structural = { severity: 'error', blocking: true } as const;
  if (asset.key.length > 0) {
    const name = `unique key (${asset.key.join(', ')})`;
    plans.push({ ...structural, name, staged: { name, offends: { uniqueOver: asset.key } } });
  }
  const required = asset.columns.filter(
    (column) => !column.nullable && column.name !== asset.partitionColumn,
  );
  if (required.length > 0) {
    const name = 'required columns are not NULL';
    const offends = required
      .map((column) => `${quoteName(column.name, dialect)} IS NULL`)
      .join(' OR ');
    plans.push({ ...structural, name, staged: { name, offends } });
  }
  return plans;
}

function declaredCheck(asset: CompiledAsset, check: Check, dialect: SqlDialect): CheckPlan {
  const { name, severity, blocking } = check;
  return { name, severity, blocking, staged: { name, offends: offends(asset, check, dialect) } };
}

function offends(asset: CompiledAsset, check: Check, dialect: SqlDialect): StagedCheck['offends'] {
  switch (check.type) {
    case 'unique':
      return { uniqueOver: check.columns };
    case 'not_null':
      return `${quoteName(check.column, dialect)} IS NULL`;
    case 'accepted_values': {
      const values = check.values.map((value) =>
        typeof value === 'string' ? quoteText(value, dialect) : String(value),
      );
      return `${quoteName(check.column, dialect)} NOT IN (${values.join(', ')})`;
    }
    case 'range': {
      const column = quoteName(check.column, dialect);
      const sides: string[] = [];
      if (check.min !== undefined) sides.push(`${column} < ${check.min}`);
      if (check.max !== undefined) sides.push(`${column} > ${check.max}`);
      return sides.join(' OR ') || 'FALSE';
    }
    case 'condition': {
      const text =
        dialect === 'duckdb'
          ? (asset.sql?.duckdbConditions[check.condition] ?? check.condition)
          : check.condition;
      return `NOT (${text})`;
    }
  }
}
