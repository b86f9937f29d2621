import type { SqlTree } from './parse.ts';

/** A part of the text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Identifier extends Span {
  readonly name: string;
}

export type TreeRecord = { readonly [key: string]: SqlTree };

export function isRecord(tree: SqlTree | undefined): tree is TreeRecord {
  return tree !== null && typeof tree === 'object' && !Array.isArray(tree);
}

/** The child of that key when it is an object. */
export function recordAt(tree: SqlTree | undefined, key: string): TreeRecord | undefined {
  const child = isRecord(tree) ? tree[key] : undefined;
  return isRecord(child) ? child : undefined;
}

/** The child of that key when it is a list, else an empty list. */
export function listAt(tree: SqlTree | undefined, key: string): readonly SqlTree[] {
  const child = isRecord(tree) ? tree[key] : undefined;
  return isList(child) ? child : [];
}

export function isList(tree: SqlTree | undefined): tree is readonly SqlTree[] {
  return Array.isArray(tree);
}

/** The identifier that a `{name, quoted, span}` object stands for. */
export function identifier(tree: SqlTree | undefined): Identifier | undefined {
  if (!isRecord(tree) || typeof tree['name'] !== 'string') return undefined;
  const span = tree['span'];
  if (!isRecord(span)) return { name: tree['name'], start: 0, end: 0 };
  return { name: tree['name'], start: Number(span['start']), end: Number(span['end']) };
}

/** The children of an object or a list. */
export function childrenOf(tree: SqlTree): readonly SqlTree[] {
  if (isList(tree)) return tree;
  return isRecord(tree) ? Object.values(tree) : [];
}

/** Every object in a tree, the tree itself first. */
export function recordsIn(tree: SqlTree): readonly TreeRecord[] {
  const found: TreeRecord[] = [];
  collectRecords(tree, found);
  return found;
}

function collectRecords(tree: SqlTree, found: TreeRecord[]): void {
  if (isRecord(tree)) found.push(tree);
  for (const child of childrenOf(tree)) {
    if (child !== null && typeof child === 'object') collectRecords(child, found);
  }
}

/** The first place in the text that a tree knows of. */
export function firstSpan(tree: SqlTree): Span | undefined {
  let first: Span | undefined;
  for (const record of recordsIn(tree)) {
    const span = recordAt(record, 'span');
    if (span === undefined) continue;
    const start = Number(span['start']);
    if (first === undefined || start < first.start) first = { start, end: Number(span['end']) };
  }
  return first;
}
