import type { CompiledAsset } from '../compile/compiled.ts';
import type { AssetName } from '../ids.ts';
import { boundSelect, withRelations } from '../sql/bound.ts';
import type { SqlDialect } from '../sql/quote.ts';
import { type Batch, boundRelations, partitionRows } from './batch.ts';

/** The statement that computes a batch of a SQL asset. */
export function sqlAssetSelect(
  batch: Batch,
  assets: ReadonlyMap<AssetName, CompiledAsset>,
  dialect: SqlDialect,
): string {
  const { asset } = batch.evaluation;
  if (!asset.sql) throw new Error(`Internal error: ${asset.name} was compiled without SQL`);
  return boundSelect({
    dialect,
    statement: dialect === 'duckdb' ? asset.sql.duckdbSql : asset.sql.googleSql,
    columns: asset.columns,
    partitionColumn: asset.partitionColumn,
    relations: boundRelations(batch, assets),
    partitions: partitionRows(batch),
  });
}

/** A query for the partitions of a batch that meet a condition of an `expected_empty` rule. */
export function conditionSelect(
  batch: Batch,
  assets: ReadonlyMap<AssetName, CompiledAsset>,
  condition: string,
  dialect: SqlDialect,
): string {
  const text = dialect === 'duckdb' ? duckdbCondition(batch, condition) : condition;
  const relations = withRelations({
    dialect,
    relations: boundRelations(batch, assets),
    partitions: partitionRows(batch),
  });
  return `${relations}\nSELECT partitions.partition_date AS partition_date FROM partitions WHERE (${text})`;
}

function duckdbCondition(batch: Batch, condition: string): string {
  const text = batch.evaluation.asset.sql?.duckdbConditions[condition];
  if (text !== undefined) return text;
  throw new Error(`Internal error: condition "${condition}" was not compiled`);
}
