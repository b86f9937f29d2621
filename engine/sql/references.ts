import type { SqlTree } from './parse.ts';
import {
  childrenOf,
  type Identifier,
  identifier,
  isRecord,
  listAt,
  recordAt,
  type TreeRecord,
} from './tree.ts';

/** A relation that a statement reads. */
export interface Reference extends Identifier {
  /** `dataset` in `dataset.name`; undefined for a bare name. */
  readonly qualifier?: string;
}

export interface References {
  /** Every place where a relation from outside the statement is read, in order of the text. */
  readonly relations: readonly Reference[];
  /** Every common table expression that the statement defines. */
  readonly ctes: readonly Identifier[];
}

/** Relations that a statement reads, without its own CTEs; an inner CTE hides a relation only where it is in scope. */
export function findReferences(statement: SqlTree): References {
  const relations: Reference[] = [];
  const ctes: Identifier[] = [];
  walk(statement, new Set(), { relations, ctes });
  relations.sort((a, b) => a.start - b.start);
  return { relations, ctes };
}

interface Found {
  readonly relations: Reference[];
  readonly ctes: Identifier[];
}

function walk(tree: SqlTree, scope: ReadonlySet<string>, found: Found): void {
  if (!isRecord(tree)) {
    for (const child of childrenOf(tree)) walk(child, scope, found);
    return;
  }
  const reference = referenceOf(tree);
  if (reference !== undefined) {
    const isCte = reference.qualifier === undefined && scope.has(reference.name.toLowerCase());
    if (!isCte) found.relations.push(reference);
  }
  const inner = recordAt(tree, 'with') === undefined ? scope : walkCtes(tree, scope, found);
  for (const [key, child] of Object.entries(tree)) {
    if (key !== 'with') walk(child, inner, found);
  }
}

/** Each CTE sees those before it, and itself when recursive; the statement sees them all. */
function walkCtes(tree: TreeRecord, scope: ReadonlySet<string>, found: Found): ReadonlySet<string> {
  const clause = recordAt(tree, 'with');
  const definitions = listAt(clause, 'ctes').map((cte) => ({
    name: identifier(recordAt(cte, 'alias')),
    body: isRecord(cte) ? (cte['this'] ?? null) : null,
  }));
  const inner = new Set(scope);
  if (clause?.['recursive'] === true) {
    for (const { name } of definitions) if (name) inner.add(name.name.toLowerCase());
  }
  for (const { name, body } of definitions) {
    walk(body, new Set(inner), found);
    if (name === undefined) continue;
    found.ctes.push(name);
    inner.add(name.name.toLowerCase());
  }
  return inner;
}

/** The relation of a `{table: {name: {name, span}, schema, alias}}` object. */
export function referenceOf(tree: TreeRecord): Reference | undefined {
  const table = recordAt(tree, 'table');
  const name = identifier(recordAt(table, 'name'));
  if (name === undefined) return undefined;
  const qualifier = identifier(recordAt(table, 'schema'))?.name;
  return qualifier === undefined ? name : { ...name, qualifier };
}
