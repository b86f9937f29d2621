import { loadSqlParser, type SqlParser, type SqlToken } from '../../../../engine/sql/parse.ts';
import { transpileToDuckdb } from '../../../../engine/sql/transpile.ts';
import { ApiError, notFound } from '../../http/api-error.ts';
import type { Catalog, Table } from '../catalog.ts';
import type { QueryParameter } from '../resources.ts';
import { systemView } from './information-schema.ts';
import { parameterEdits } from './parameters.ts';
import { applyEdits, type Edit, pathEdit, rewriteEdits, TIMESTAMP_MARK } from './rewrite.ts';
import { namePaths, type NamePath, pathAt } from './table-paths.ts';
import { wordAt } from '../../../../engine/sql/token-view.ts';

/** What names and `@parameters` of a statement mean. */
export interface Scope {
  readonly catalog: Catalog;
  /** Where the job runs; it sees only datasets there. */
  readonly location: string;
  readonly defaultDataset: string | undefined;
  readonly parameters: readonly QueryParameter[];
  /** Rows that the statement before wrote. */
  readonly rowCount: number;
  /** Names of temporary tables. */
  readonly temporary: ReadonlySet<string>;
}

/** GoogleSQL whose names are resolved, not yet in DuckDB's dialect. */
export interface Resolved {
  readonly text: string;
  readonly tokens: readonly SqlToken[];
  readonly tables: readonly Table[];
  /** Statements that make the relations of INFORMATION_SCHEMA that it reads. */
  readonly before: readonly string[];
}

/** Translates statements; make it once, since the parser takes long to load. */
export class Translator {
  readonly #parser: SqlParser;
  readonly #known = new Map<string, string>();

  private constructor(parser: SqlParser) {
    this.#parser = parser;
  }

  static async load(): Promise<Translator> {
    return new Translator(await loadSqlParser());
  }

  tokenize(text: string): readonly SqlToken[] {
    return this.#parser.tokenize(text);
  }

  /** Resolves names and parameters; throws a 404 for a table that is not there. */
  resolve(text: string, scope: Scope): Resolved {
    const tokens = this.tokenize(text);
    const tables = new Set<Table>();
    const before: string[] = [];
    const names = namePaths(tokens).flatMap((path): readonly Edit[] => {
      const view = systemView(path, scope.catalog);
      if (view !== undefined) {
        before.push(view.create);
        return [pathEdit(path, [view.name])];
      }
      const found = resolvePath(path, tokens, scope);
      if (found.table !== undefined) tables.add(found.table);
      return found.parts === undefined ? [] : [pathEdit(path, found.parts)];
    });
    const values = [...parameterEdits(tokens, scope.parameters), ...rowCountEdits(tokens, scope)];
    const resolved = applyEdits(text, [...names, ...values]);
    return { text: resolved, tokens: this.tokenize(resolved), tables: [...tables], before };
  }

  /** The DuckDB form of a resolved statement or part of one. */
  toDuckdb(resolvedText: string): string {
    const known = this.#known.get(resolvedText) ?? this.#translate(resolvedText);
    if (this.#known.size > 200) this.#known.clear();
    this.#known.set(resolvedText, known);
    return known;
  }

  #translate(resolvedText: string): string {
    const edits = rewriteEdits(resolvedText, this.tokenize(resolvedText));
    const result = transpileToDuckdb(this.#parser, applyEdits(resolvedText, edits));
    if (!result.ok) {
      throw new ApiError(400, 'invalidQuery', `Syntax error: ${result.message}`, {
        location: 'query',
      });
    }
    return result.sql.replaceAll(new RegExp(`"?${TIMESTAMP_MARK}"?`, 'gi'), 'TIMESTAMPTZ');
  }
}

function rowCountEdits(tokens: readonly SqlToken[], scope: Scope): readonly Edit[] {
  return tokens.flatMap((token, index) => {
    const next = tokens[index + 1];
    if (token.kind !== 'AT_AT' || next?.text.toLowerCase() !== 'row_count') return [];
    return [{ start: token.start, end: next.end, text: String(scope.rowCount) }];
  });
}

interface PathMeaning {
  readonly parts?: readonly string[];
  readonly table?: Table;
}

/** Words before the name of a table. */
const BEFORE_TABLE = new Set([
  'FROM',
  'JOIN',
  'INTO',
  'UPDATE',
  'DELETE',
  'MERGE',
  'USING',
  'TABLE',
  'INSERT',
]);

function resolvePath(path: NamePath, tokens: readonly SqlToken[], scope: Scope): PathMeaning {
  const { catalog } = scope;
  const hasProject = path.parts.length > 1 && path.parts[0] === catalog.project;
  const parts = hasProject ? path.parts.slice(1) : path.parts;
  const [dataset = '', name = ''] = parts;
  const isTable = isTablePlace(path, tokens);
  if (parts.length === 1) return isTable ? unqualified(dataset, scope) : {};
  if (parts.length === 2) {
    if (isTable) requireTable({ path, dataset, name }, tokens, scope);
    const table = catalog.findTable(dataset, name);
    if (table !== undefined) return { parts, table };
  }
  return hasProject || catalog.datasets.has(dataset) ? { parts } : {};
}

/** Throws a 404 for a table that the statement needs, when what was found in its place is not something else. */
function requireTable(
  wanted: { readonly path: NamePath; readonly dataset: string; readonly name: string },
  tokens: readonly SqlToken[],
  { catalog, location }: Scope,
): void {
  const { path, dataset, name } = wanted;
  const found = catalog.datasets.get(dataset);
  if (found === undefined) {
    if (!isAlias(dataset, tokens) && wordAt(tokens, 0) !== 'DROP') {
      throw missingDataset(dataset, catalog, location);
    }
  } else if (found.location.toUpperCase() !== location.toUpperCase()) {
    throw missingDataset(dataset, catalog, location);
  } else if (catalog.findTable(dataset, name) === undefined && !isBeingMade(path, tokens)) {
    throw missingTable(dataset, name, catalog);
  }
}

/** Whether a name is also that of a relation in the statement, so that `name.x` after FROM is an array of it. */
function isAlias(name: string, tokens: readonly SqlToken[]): boolean {
  return tokens.some(
    (token, index) =>
      token.text.toLowerCase() === name.toLowerCase() && tokens[index + 1]?.kind !== 'DOT',
  );
}

/**
 * Whether the name stands where a table does. Of the second and later names of `FROM a, b` only those with a project
 * are taken for tables: others may be columns of a SELECT list.
 */
function isTablePlace(path: NamePath, tokens: readonly SqlToken[]): boolean {
  const before = wordAt(tokens, path.from - 1);
  return BEFORE_TABLE.has(before) || (before === ',' && path.parts.length === 3);
}

function unqualified(name: string, scope: Scope): PathMeaning {
  if (scope.defaultDataset === undefined || scope.temporary.has(name.toLowerCase())) return {};
  const table = scope.catalog.findTable(scope.defaultDataset, name);
  return table === undefined ? {} : { table };
}

/** The name in `CREATE TABLE …` and in `… IF EXISTS …` need not be there. */
function isBeingMade(path: NamePath, tokens: readonly SqlToken[]): boolean {
  const first = wordAt(tokens, 0);
  if (first !== 'CREATE' && first !== 'DROP') return false;
  const target = targetIndex(tokens);
  return pathAt(tokens, target)?.from === path.from;
}

/** Index of the token at which the name of the table begins that a statement of DDL is about. */
export function targetIndex(tokens: readonly SqlToken[]): number {
  let index = tokens.findIndex((_, at) => ['TABLE', 'SCHEMA'].includes(wordAt(tokens, at))) + 1;
  while (['IF', 'NOT', 'EXISTS'].includes(wordAt(tokens, index))) index++;
  return index;
}

/** The 404 for a table, in the words of a query job. */
export function missingTable(dataset: string, name: string, catalog: Catalog): ApiError {
  const { location } = catalog.dataset(dataset);
  const { message } = notFound(
    `Table ${catalog.project}:${dataset}.${name} was not found in location ${location}`,
  );
  return new ApiError(404, 'notFound', message, { location: `${dataset}.${name}` });
}

/** The 404 for a dataset, also for one that is somewhere else. */
export function missingDataset(dataset: string, { project }: Catalog, location: string): ApiError {
  return notFound(`Dataset ${project}:${dataset} was not found in location ${location}`);
}
