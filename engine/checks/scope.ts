import type { CompiledAsset } from '../compile/compiled.ts';
import type { BoundRelation, BoundTable, PartitionRow } from '../sql/bound.ts';
import { quoteName, type SqlDialect } from '../sql/quote.ts';
import type { WindowRow } from '../sql/windows-relation.ts';

/** One upstream as a check may read it: cut to the batch, with what of it belongs to each partition. */
export interface CheckEdge {
  readonly relation: string;
  readonly table: BoundTable;
  /** What the table has; of a union not every member has every column. */
  readonly columns: ReadonlySet<string>;
  /** `same`: the partition's own date; `whole`: all of it; else the days of each partition's window. */
  readonly window: 'same' | 'whole' | readonly WindowRow[];
}

/** The rows under test, and what they may be held against. */
export interface CheckScope {
  readonly dialect: SqlDialect;
  readonly asset: CompiledAsset;
  /** The relation that holds the rows of these partitions, as SQL names it. */
  readonly rows: string;
  /** Published rows of partitions before these, or between them; absent when there are none or no check asks. */
  readonly history?: string | undefined;
  /** Absent for an unpartitioned asset. */
  readonly partitions: readonly PartitionRow[] | undefined;
  readonly relations: readonly BoundRelation[];
  readonly edges: readonly CheckEdge[];
}

/** A SELECT that returns offending rows with their partition column, and the CTEs that it reads. */
export interface CheckSelect {
  readonly ctes: readonly string[];
  readonly select: string;
}

/** What one check is written with: its scope, and a prefix that keeps its CTEs apart from those of others. */
export interface CheckContext extends CheckScope {
  readonly prefix: string;
}

/** The quoted partition column of the rows under test; undefined for an unpartitioned asset. */
export function partitionColumnOf({
  asset,
  partitions,
  dialect,
}: Pick<CheckScope, 'asset' | 'partitions' | 'dialect'>): string | undefined {
  if (partitions === undefined || asset.partitionColumn === undefined) return undefined;
  return quoteName(asset.partitionColumn, dialect);
}

/** An upstream with the columns that say which of its rows belong to a row of the asset. */
export interface JoinedUpstream {
  /** `day` of the asset's partition column under its own name where it has one, then the columns of `on`. */
  readonly columns: readonly string[];
  /** The same as expressions over the upstream's rows, called `_u`, and partitions, called `_p`. */
  readonly values: readonly string[];
  readonly from: string;
}

/** The rows of an upstream by partition: of the same date, or all of it for each. */
export function joinedUpstream(
  { relation, on }: { readonly relation: string; readonly on: Readonly<Record<string, string>> },
  context: CheckContext,
): JoinedUpstream {
  const { dialect, edges } = context;
  const quote = (name: string): string => quoteName(name, dialect);
  const own = partitionColumnOf(context);
  const day = edges.find((edge) => edge.relation === relation)?.table.partitionColumn;
  const pairs = Object.entries(on).filter(([name]) => own !== quote(name));
  const isDated = own !== undefined && day !== undefined;
  const from =
    own === undefined || isDated
      ? `${quote(relation)} AS _u`
      : `partitions AS _p CROSS JOIN ${quote(relation)} AS _u`;
  const dateValue = isDated ? `_u.${quote(day)}` : '_p.partition_date';
  return {
    columns: [...(own === undefined ? [] : [own]), ...pairs.map(([name]) => quote(name))],
    values: [
      ...(own === undefined ? [] : [dateValue]),
      ...pairs.map(([, name]) => `_u.${quote(name)}`),
    ],
    from,
  };
}

/** `a.x = b.x AND ...`; true without columns. */
export function equalOn(columns: readonly string[], left: string, right: string): string {
  return columns.map((name) => `${left}.${name} = ${right}.${name}`).join(' AND ') || 'TRUE';
}

/** `x IS NOT NULL AND ...`: a row without a value of its group belongs to none. */
export function allKnown(values: readonly string[]): string {
  return values.map((value) => `${value} IS NOT NULL`).join(' AND ') || 'TRUE';
}

/** `GROUP BY ...`, or nothing without columns: then all rows are one group. */
export function groupBy(columns: readonly string[]): string {
  return columns.length === 0 ? '' : `\nGROUP BY ${columns.join(', ')}`;
}
