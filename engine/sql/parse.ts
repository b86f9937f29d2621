import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as sdkTypes from '@polyglot-sql/sdk';

/** A piece of a syntax tree: plain JSON whose object keys name the construct. */
export type SqlTree =
  string | number | boolean | null | readonly SqlTree[] | { readonly [key: string]: SqlTree };

/** A token of GoogleSQL text; `start` and `end` are offsets into the text. */
export interface SqlToken {
  readonly kind: string;
  /** As written, without the quotes of a literal. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface SqlFault {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

export type Parsed =
  | { readonly ok: true; readonly statements: readonly SqlTree[] }
  | { readonly ok: false; readonly fault: SqlFault };

export type Transpiled =
  { readonly ok: true; readonly sql: string } | { readonly ok: false; readonly message: string };

/** Where a column's values come from, as the transpiler reports it: a tree whose leaves are columns of relations. */
export interface LineageTree {
  readonly name: string;
  readonly sourceName: string;
  readonly sourceKind: string;
  readonly downstream: readonly LineageTree[];
}

/** The SQL parser and transpiler, behind the few functions that the compiler needs. */
export interface SqlParser {
  readonly version: string;
  tokenize(googleSql: string): readonly SqlToken[];
  tokenizeDuckdb(duckdbSql: string): readonly SqlToken[];
  parse(googleSql: string): Parsed;
  /** Verbatim, without repairs: those are in `transpile.ts`. */
  transpile(googleSql: string): Transpiled;
  lineage(column: string, duckdbSql: string): LineageTree | undefined;
}

interface RawToken {
  readonly token_type: string;
  readonly text: string;
  readonly span: { readonly start: number; readonly end: number };
}

type Sdk = typeof sdkTypes;

const SIGNS: Readonly<Record<string, string>> = {
  LParen: '(',
  RParen: ')',
  Comma: ',',
  LBracket: '[',
  RBracket: ']',
};
const GUARD = { maxParserDepth: 256 };
let loading: Promise<SqlParser> | undefined;

/** Loads the parser on first use: it costs 130 ms and 110 MB, which only a compilation should pay. */
export function loadSqlParser(): Promise<SqlParser> {
  loading ??= import('@polyglot-sql/sdk').then(toParser);
  return loading;
}

/** The transpiler's version, without loading it. */
export function sqlParserVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@polyglot-sql/sdk');
  const text = readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8');
  // The manifest of an installed package.
  return (JSON.parse(text) as { readonly version: string }).version;
}

function toParser(sdk: Sdk): SqlParser {
  return {
    version: sdk.getVersion(),
    tokenize: (googleSql) => tokenizeWith(sdk, googleSql, sdk.Dialect.BigQuery),
    tokenizeDuckdb: (duckdbSql) => tokenizeWith(sdk, duckdbSql, sdk.Dialect.DuckDB),
    parse: (googleSql) => parseGoogleSql(sdk, googleSql),
    transpile(googleSql) {
      const result = sdk.transpile(googleSql, sdk.Dialect.BigQuery, sdk.Dialect.DuckDB, {
        complexityGuard: GUARD,
      });
      const [sql, ...others] = result.sql ?? [];
      if (result.success && sql !== undefined && others.length === 0) return { ok: true, sql };
      return { ok: false, message: result.error ?? 'expected one statement' };
    },
    lineage(column, duckdbSql) {
      const result = sdk.lineage(column, duckdbSql, sdk.Dialect.DuckDB);
      // Declared as absent when there is none; what arrives is null.
      const tree = result.lineage ?? undefined;
      return tree === undefined ? undefined : toLineage(tree);
    },
  };
}

function tokenizeWith(
  sdk: Sdk,
  sql: string,
  dialect: Parameters<Sdk['tokenize']>[1],
): readonly SqlToken[] {
  const offsets = offsetsOf(sql);
  // The declared type says `tokenType`; what arrives is `token_type`.
  const tokens = (sdk.tokenize(sql, dialect).tokens ?? []) as unknown as readonly RawToken[];
  return tokens.map((token) => ({
    kind: token.token_type,
    text: token.text,
    start: offsets(token.span.start),
    end: offsets(token.span.end),
  }));
}

function parseGoogleSql(sdk: Sdk, sql: string): Parsed {
  const result = sdk.parse(sql, sdk.Dialect.BigQuery);
  const offsets = offsetsOf(sql);
  if (result.success) {
    // The tree is documented as JSON; only spans need other units.
    const statements = result.ast as unknown as readonly SqlTree[];
    return {
      ok: true,
      statements: hasSurrogates(sql) ? shiftSpans(statements, offsets) : statements,
    };
  }
  return { ok: false, fault: faultOf(result, sql, offsets) };
}

function faultOf(
  result: { readonly error?: string; readonly errorStart?: number; readonly errorEnd?: number },
  sql: string,
  offsets: (codePoint: number) => number,
): SqlFault {
  const message = (result.error ?? 'the statement cannot be parsed')
    .replace(/^(?:Parse|Tokenization) error at line \d+, column \d+: /i, '')
    .replace(/^E_GUARD_\w+_DEPTH_EXCEEDED.*$/s, 'expressions are nested too deeply')
    .replace(/ near \[.*\]$/s, '')
    .replaceAll(/\b(LParen|RParen|Comma|LBracket|RBracket)\b/g, (name) => `"${SIGNS[name]}"`)
    .replace(/, got \w+ \('(.*)'\)/s, ', got "$1"')
    .replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  const last = Math.max(0, sql.trimEnd().length - 1);
  const start = result.errorStart === undefined ? last : offsets(result.errorStart);
  const end = result.errorEnd === undefined ? start + 1 : offsets(result.errorEnd);
  return { message, start, end };
}

function toLineage(node: {
  readonly name: string;
  readonly source_name: string;
  readonly source_kind: string;
  readonly downstream: readonly Parameters<typeof toLineage>[0][];
}): LineageTree {
  return {
    name: node.name,
    sourceName: node.source_name,
    sourceKind: node.source_kind,
    downstream: node.downstream.map(toLineage),
  };
}

function hasSurrogates(sql: string): boolean {
  return /[\uD800-\uDBFF]/.test(sql);
}

/** The parser counts code points, JavaScript counts UTF-16 units. */
function offsetsOf(sql: string): (codePoint: number) => number {
  if (!hasSurrogates(sql)) return (codePoint) => codePoint;
  const starts = [0];
  for (const character of sql) starts.push((starts.at(-1) ?? 0) + character.length);
  return (codePoint) => starts[codePoint] ?? sql.length;
}

function shiftSpans<T extends SqlTree | readonly SqlTree[]>(
  tree: T,
  offsets: (codePoint: number) => number,
): T {
  const text = JSON.stringify(tree, (key, value: unknown) => {
    if (key !== 'span' || value === null || typeof value !== 'object') return value;
    // A span of the parser: {start, end, line, column}.
    const span = value as { readonly start: number; readonly end: number };
    return { ...span, start: offsets(span.start), end: offsets(span.end) };
  });
  return JSON.parse(text) as T;
}
