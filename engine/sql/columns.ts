import type { LineageTree, SqlToken, SqlTree } from './parse.ts';
import { unionColumns } from '../util/union-columns.ts';
import { loadSqlParser } from './parse.ts';
import { topLevel, wordAt, type TokenRange } from './token-view.ts';
import { identifier, isRecord, listAt, recordAt, type Span, type TreeRecord } from './tree.ts';

/** One item of the output of a SELECT; unnamed expressions and stars have no name. */
export interface OutputColumn extends Span {
  readonly type: 'named' | 'unnamed' | 'star';
  readonly name: string;
}

/** The output columns of a statement in order; for set operations those of the first SELECT. */
export function outputColumns(
  statement: SqlTree,
  tokens: readonly SqlToken[],
): readonly OutputColumn[] {
  const select = firstSelect(statement);
  if (select === undefined) return [];
  const items = listAt(select, 'expressions');
  const ranges = outputRanges(tokens);
  return items.map((item, index) => {
    const range = ranges.length === items.length ? ranges[index] : undefined;
    const start = range === undefined ? 0 : (tokens[range.start]?.start ?? 0);
    const end = range === undefined ? start + 1 : (tokens[range.end - 1]?.end ?? start + 1);
    return outputColumn(item, { start, end });
  });
}

/** The SELECT whose items are the statement's output. */
export function firstSelect(statement: SqlTree): TreeRecord | undefined {
  const select = recordAt(statement, 'select');
  if (select !== undefined) return select;
  for (const key of ['union', 'intersect', 'except', 'subquery', 'paren']) {
    const inner = recordAt(statement, key);
    if (inner !== undefined) return firstSelect(inner['left'] ?? inner['this'] ?? null);
  }
  return undefined;
}

function outputColumn(item: SqlTree, span: Span): OutputColumn {
  if (!isRecord(item)) return { type: 'unnamed', name: '', ...span };
  const inner = recordAt(item, 'annotated')?.['this'];
  if (inner !== undefined) return outputColumn(inner, span);
  const alias = identifier(recordAt(recordAt(item, 'alias'), 'alias'));
  if (alias !== undefined) {
    const place = alias.end > 0 ? { start: alias.start, end: alias.end } : span;
    return { type: 'named', name: alias.name, ...place };
  }
  if (isStar(item)) return { type: 'star', name: '*', ...span };
  const column = identifier(recordAt(recordAt(item, 'column'), 'name'));
  if (column?.name === '*') return { type: 'star', name: '*', ...span };
  const name = column ?? identifier(recordAt(recordAt(item, 'dot'), 'field'));
  if (name === undefined) return { type: 'unnamed', name: '', ...span };
  return { type: 'named', name: name.name, ...span };
}

function isStar(item: TreeRecord): boolean {
  return ['star', 'braced_wildcard', 'qualified_star'].some((key) => key in item);
}

/** The items of the statement's own SELECT: the first one outside all parentheses. */
function outputRanges(tokens: readonly SqlToken[]): readonly TokenRange[] {
  const whole = { start: 0, end: tokens.length };
  const [select] = topLevel(tokens, whole, (word) => word === 'SELECT');
  if (select === undefined) return [];
  const isQuantified = ['DISTINCT', 'ALL'].includes(wordAt(tokens, select + 1));
  const start = select + (isQuantified ? 2 : 1);
  const rest = { start, end: tokens.length };
  const [end = tokens.length] = topLevel(tokens, rest, (word) => END_OF_ITEMS.has(word));
  const commas = topLevel(tokens, { start, end }, (word) => word === ',');
  const starts = [start, ...commas.map((comma) => comma + 1)];
  return starts
    .map((first, index) => ({ start: first, end: commas[index] ?? end }))
    .filter((range) => range.end > range.start);
}

const END_OF_ITEMS = new Set([
  'FROM',
  'UNION',
  'INTERSECT',
  'EXCEPT',
  'WHERE',
  'GROUP',
  'ORDER',
  'LIMIT',
  'QUALIFY',
  ';',
]);

/** A column that an output column's values derive from. */
export interface ColumnSource {
  readonly relation: string;
  readonly column: string;
}

interface LineageAsset {
  readonly columns: readonly { readonly name: string }[];
  readonly upstream: readonly { readonly relation: string; readonly asset: string }[];
  readonly sql?: { readonly duckdbSql: string };
}

interface LineageGraph {
  asset(name: string): { readonly columns: readonly { readonly name: string }[] };
}

/** For every output column of an SQL asset the columns of its relations that it derives from. */
export async function columnLineage(
  asset: LineageAsset,
  graph: LineageGraph,
): Promise<ReadonlyMap<string, readonly ColumnSource[]>> {
  const sql = asset.sql?.duckdbSql ?? '';
  if (sql === '') return new Map();
  const parser = await loadSqlParser();
  const readable = withoutListagg(sql, parser.tokenizeDuckdb(sql));
  const columnsByRelation = new Map<string, readonly string[]>([
    ['partitions', ['partition_date', 'period', 'period_start']],
  ]);
  const byRelation = Map.groupBy(asset.upstream, ({ relation }) => relation);
  for (const [relation, edges] of byRelation) {
    const columns = unionColumns(edges.map((edge) => graph.asset(edge.asset)));
    columnsByRelation.set(
      relation,
      columns.map((column) => column.name),
    );
  }
  const lineage = new Map<string, readonly ColumnSource[]>();
  for (const { name } of asset.columns) {
    const tree = parser.lineage(name, readable);
    lineage.set(name, tree === undefined ? [] : sourcesOf(tree, columnsByRelation));
  }
  return lineage;
}

/** The transpiler writes LISTAGG for STRING_AGG, and cannot read it back. */
function withoutListagg(sql: string, tokens: readonly SqlToken[]): string {
  return tokens
    .filter((_, index) => wordAt(tokens, index) === 'LISTAGG')
    .reduceRight(
      (text, { start, end }) => text.slice(0, start) + 'STRING_AGG' + text.slice(end),
      sql,
    );
}

function sourcesOf(
  tree: LineageTree,
  columnsByRelation: ReadonlyMap<string, readonly string[]>,
): readonly ColumnSource[] {
  const found = new Map<string, ColumnSource>();
  for (const leaf of leavesOf(tree)) {
    const column = leaf.name.slice(leaf.name.lastIndexOf('.') + 1).replaceAll('"', '');
    for (const relation of relationsOf(leaf, column, columnsByRelation)) {
      found.set(`${relation}.${column}`, { relation, column });
    }
  }
  return [...found.values()].sort((a, b) =>
    `${a.relation}.${a.column}` < `${b.relation}.${b.column}` ? -1 : 1,
  );
}

function leavesOf(tree: LineageTree): readonly LineageTree[] {
  return tree.downstream.length === 0 ? [tree] : tree.downstream.flatMap(leavesOf);
}

/**
 * The leaf's relation; a column whose relation the parser cannot tell belongs to whichever has one of that name. A leaf
 * without any source is a constant or a count: it derives from no column, even where it is named like one.
 */
function relationsOf(
  leaf: LineageTree,
  column: string,
  columnsByRelation: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const own = columnsByRelation.get(leaf.sourceName);
  if (own !== undefined) return own.includes(column) ? [leaf.sourceName] : [];
  if (leaf.sourceKind === 'root') return [];
  return [...columnsByRelation].flatMap(([relation, names]) =>
    names.includes(column) ? [relation] : [],
  );
}
