import type { SqlTree } from './parse.ts';
import { identifier, isList, isRecord, listAt, recordAt, type TreeRecord } from './tree.ts';

const IGNORED = new Set(['span', 'alias_explicit_as', 'alias_keyword']);

/**
 * A text that stays the same when only formatting, comments, the names of CTEs or the case of functions change, and
 * differs whenever the statement means something else.
 */
export function normalForm(statement: SqlTree): string {
  return JSON.stringify(normalize(statement, { names: new Map(), counter: { next: 0 } }));
}

interface Scope {
  /** The new name of each CTE that is visible, by its lower-case name. */
  readonly names: ReadonlyMap<string, string>;
  readonly counter: { next: number };
}

function normalize(tree: SqlTree, scope: Scope): SqlTree {
  if (isList(tree)) return tree.map((item) => normalize(item, scope));
  if (!isRecord(tree)) return tree;
  const unwrapped = withoutComments(tree);
  if (unwrapped !== undefined) return normalize(unwrapped, scope);
  const renamed = renameTable(tree, scope) ?? renameQualifier(tree, scope);
  if (renamed !== undefined) return renamed;
  if (recordAt(tree, 'with') === undefined) return normalizeEntries(tree, scope);
  return normalizeWith(tree, scope);
}

/** A comment turns a literal into `{annotated: {this: …}}`. */
function withoutComments(tree: TreeRecord): SqlTree | undefined {
  return recordAt(tree, 'annotated')?.['this'];
}

function normalizeEntries(tree: TreeRecord, scope: Scope): TreeRecord {
  const entries = Object.entries(tree)
    .filter(([key]) => !IGNORED.has(key) && !key.endsWith('comments'))
    .map(([key, child]) => [key, normalize(child, scope)] as const);
  const normalized: Record<string, SqlTree> = Object.fromEntries(entries);
  if (!isCall(tree)) return normalized;
  for (const key of ['name', 'original_name']) {
    const name = normalized[key];
    if (typeof name === 'string') normalized[key] = name.toLowerCase();
  }
  return normalized;
}

/** The parser keeps how a function's name was written; names of tables and columns are no calls. */
function isCall(tree: TreeRecord): boolean {
  return 'args' in tree || 'distinct' in tree;
}

function normalizeWith(tree: TreeRecord, scope: Scope): SqlTree {
  const clause = recordAt(tree, 'with');
  const names = new Map(scope.names);
  const isRecursive = clause?.['recursive'] === true;
  const definitions = listAt(clause, 'ctes').map((cte) => {
    const name = identifier(recordAt(cte, 'alias'))?.name.toLowerCase() ?? '';
    return { cte, name, newName: `cte ${scope.counter.next++}` };
  });
  if (isRecursive) for (const { name, newName } of definitions) names.set(name, newName);
  const ctes = definitions.map(({ cte, name, newName }) => {
    const body = normalize(cte, { ...scope, names: new Map(names) });
    names.set(name, newName);
    return isRecord(body) ? { ...body, alias: newName } : body;
  });
  const { with: _clause, ...rest } = tree;
  return {
    with: { recursive: isRecursive, ctes },
    body: normalizeEntries(rest, { ...scope, names }),
  };
}

function renameTable(tree: TreeRecord, scope: Scope): SqlTree | undefined {
  const table = recordAt(tree, 'table');
  const name = identifier(recordAt(table, 'name'));
  if (table === undefined || name === undefined || isRecord(table['schema'])) return undefined;
  const newName = scope.names.get(name.name.toLowerCase());
  if (newName === undefined) return undefined;
  return { table: { ...normalizeEntries(table, scope), name: newName } };
}

function renameQualifier(tree: TreeRecord, scope: Scope): SqlTree | undefined {
  const column = recordAt(tree, 'column');
  const qualifier = identifier(recordAt(column, 'table'));
  if (column === undefined || qualifier === undefined) return undefined;
  const newName = scope.names.get(qualifier.name.toLowerCase());
  if (newName === undefined) return undefined;
  return { column: { ...normalizeEntries(column, scope), table: newName } };
}
