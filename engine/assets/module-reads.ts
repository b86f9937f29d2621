import type { CompiledAsset } from '../compile/compiled.ts';
import type { Column } from '../config/pipeline.ts';
import { PipelineError } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import { type BoundRelation, withRelations } from '../sql/bound.ts';
import { quoteName, type SqlDialect } from '../sql/quote.ts';
import { didYouMean } from '../util/nearest-name.ts';
import type { ColumnsQuery } from '../warehouse/columns.ts';
import {
  type Batch,
  boundRelations,
  columnsOfRelation,
  partitionRows,
  upstreamOf,
} from './batch.ts';

/** What a module's reads are made for. */
export interface ReadScope {
  readonly batch: Batch;
  readonly assets: ReadonlyMap<AssetName, CompiledAsset>;
  readonly dialect: SqlDialect;
}

/** A relation, cut to the windows of a batch, and what is to be read of it. */
interface Read {
  readonly relation: BoundRelation;
  /** All its columns: of a union those of all members. */
  readonly columns: readonly Column[];
  readonly wanted: readonly string[];
  readonly orderBy: readonly string[];
}

/**
 * A statement that reads columns of an upstream relation (all without `columns`), cut to the union of the batch's
 * windows, in the order of its key. Throws PipelineError for a relation or column that is not there.
 */
export function readSelect(
  scope: ReadScope,
  name: string,
  columns: readonly string[] | undefined,
): string {
  const read = readOf(scope, name, columns);
  const order = read.orderBy.map((column) => `${qualified(column, scope.dialect)} NULLS FIRST`);
  return `${selectOf(scope, read, read.wanted)}\nORDER BY ${order.join(', ')}`;
}

/** The same to be read column by column. */
export function readQuery(
  scope: ReadScope,
  name: string,
  columns: readonly string[] | undefined,
): ColumnsQuery {
  const read = readOf(scope, name, columns);
  const { wanted, orderBy } = read;
  const typeOf = new Map(read.columns.map((column) => [column.name, column.type]));
  return {
    select: selectOf(scope, read, [...new Set([...wanted, ...orderBy])]),
    columns: wanted.map((column) => ({ name: column, type: typeOf.get(column) ?? 'STRING' })),
    orderBy,
  };
}

function readOf(scope: ReadScope, name: string, columns: readonly string[] | undefined): Read {
  const { asset: reader, edges } = scope.batch.evaluation;
  const relations = boundRelations(scope.batch, scope.assets);
  const relation = relations.find((each) => each.name === name);
  const behind = edges.filter(({ upstream }) => upstream.relation === name);
  const [first] = behind;
  if (!relation || !first) {
    throw new PipelineError(`${reader.name} reads "${name}", which is not among its upstream`, {
      code: 'UNDECLARED_UPSTREAM',
      hint: `declared: ${relations.map((each) => each.name).join(', ') || 'none'}`,
    });
  }
  const all = columnsOfRelation(behind, scope.assets);
  const known = all.map((column) => column.name);
  const wanted = [...new Set(columns ?? known)];
  const unknown = wanted.find((column) => !known.includes(column));
  if (unknown !== undefined) {
    throw new PipelineError(
      `${reader.name} reads "${unknown}" of ${name}, which has no such column${didYouMean(unknown, known)}`,
      { code: 'UNKNOWN_COLUMN', hint: `${name} has ${known.join(', ')}` },
    );
  }
  const orderBy = orderOf(relation, upstreamOf(first, scope.assets), all);
  return { relation, columns: all, wanted, orderBy };
}

/** The columns that tell rows apart: rows of a union, or without a key, may be told apart by any of them. */
function orderOf(
  { tables }: BoundRelation,
  asset: CompiledAsset,
  columns: readonly Column[],
): readonly string[] {
  const { key, partitionColumn, partitionSet } = asset;
  const first =
    partitionSet === undefined || partitionColumn === undefined ? [] : [partitionColumn];
  const isIdentified = key.length > 0 && tables.length === 1;
  const others = isIdentified
    ? []
    : columns.filter(({ type }) => !type.startsWith('ARRAY')).map(({ name }) => name);
  return [...new Set([...key, ...first, ...others])];
}

function selectOf(
  { batch, dialect }: ReadScope,
  { relation }: Read,
  columns: readonly string[],
): string {
  const bound = withRelations({
    dialect,
    relations: [relation],
    partitions: partitionRows(batch),
  });
  const values = columns.map((column) => qualified(column, dialect)).join(', ');
  return `${bound}\nSELECT ${values} FROM ${quoteName(relation.name, dialect)} AS _rows`;
}

function qualified(column: string, dialect: SqlDialect): string {
  return `_rows.${quoteName(column, dialect)}`;
}
