import type { CompiledAsset, CompiledPipeline } from '../compile/compiled.ts';
import type { Target } from '../config/pipeline.ts';
import type { PipelineError } from '../errors.ts';
import { nullColumn } from '../sql/bound.ts';
import type { SqlParser, SqlToken, SqlTree } from '../sql/parse.ts';
import { quoteName, quoteTable } from '../sql/quote.ts';
import { findReferences, type Reference } from '../sql/references.ts';
import type { LintInput } from '../sql/lint-finding.ts';
import { lintStatement } from '../sql/lint.ts';
import { findCalls } from '../sql/token-view.ts';
import { identifier, recordAt, recordsIn, type TreeRecord } from '../sql/tree.ts';
import { didYouMean } from '../util/nearest-name.ts';
import { unionColumns } from '../util/union-columns.ts';
import { badQuery, checkReadsOnly } from './query-rules.ts';

export interface QueryRequest {
  readonly sql: string;
  readonly pipeline: CompiledPipeline;
  readonly target: Target;
  /** Largest number of rows wanted. */
  readonly limit: number | undefined;
}

/** A query that is safe to run, with the tables in place of the asset names. */
export interface PreparedQuery {
  /** GoogleSQL. */
  readonly sql: string;
  /** Assets that it reads, members of unions included. */
  readonly assets: readonly CompiledAsset[];
  /** Names of the project's functions that it calls. */
  readonly functions: readonly string[];
  /** What would not come out the same on both kinds of warehouse. */
  readonly warnings: readonly string[];
}

/** Findings about what is stored, about names, and about what the translation mends by itself. */
const IGNORED = new Set([
  'SQL_ALIAS_LIKE_RELATION',
  'SQL_ARRAY_OF_SELECT',
  'SQL_COUNTIF',
  'SQL_DATE_BECOMES_TIMESTAMP',
  'SQL_DECIMAL_LITERAL',
  'SQL_DIV_MOD_ARGUMENT',
  'SQL_DIV_MOD_OPERAND',
  'SQL_DUPLICATE_CTE',
  'SQL_DUPLICATE_OUTPUT',
  'SQL_NOT_A_SELECT',
  'SQL_PARENTHESISED_JOIN',
  'SQL_ROUND_DIGITS',
  'SQL_SELECT_STAR',
  'SQL_UNNAMED_COLUMN',
]);

/** Checks that the text is one query that only reads assets, and resolves their names for the target. */
export function prepareQuery(request: QueryRequest, parser: SqlParser): PreparedQuery {
  const { sql, pipeline, target } = request;
  const parsed = parser.parse(sql);
  if (!parsed.ok) {
    const { message, start, end } = parsed.fault;
    throw badQuery(`the query cannot be parsed: ${message}`, { sql, start, end });
  }
  const tokens = parser.tokenize(sql);
  const statement = checkReadsOnly(sql, parsed.statements, tokens);
  const { relations, ctes } = findReferences(statement);
  const names = ctes.map((cte) => cte.name);
  const resolved = relations.map((reference) => resolve(request, reference, names));
  const edits = resolved.map(({ reference, text }) => tableEdit(statement, reference, text));
  const end = tokens.findLast((token) => token.kind !== 'SEMICOLON')?.end ?? sql.length;
  return {
    sql: splice(sql.slice(0, end), edits) + limitClause(statement, request.limit),
    assets: [...new Set(resolved.flatMap(({ assets }) => assets))],
    functions: calledFunctions(pipeline, tokens),
    warnings: target.warehouse === 'duckdb' ? warningsOf({ text: sql, tokens, statement }) : [],
  };
}

interface Resolved {
  readonly reference: Reference;
  /** What stands in its place, without an alias. */
  readonly text: string;
  readonly assets: readonly CompiledAsset[];
}

function resolve(request: QueryRequest, reference: Reference, ctes: readonly string[]): Resolved {
  const { pipeline, target } = request;
  const parts = [reference.qualifier, reference.name].join('.').split('.').slice(-2);
  const [qualifier = '', name = ''] = parts;
  const asset = pipeline.assets.find(
    (each) => each.name === name && isDataset(qualifier, each, target),
  );
  if (asset !== undefined) return { reference, text: tableOf(asset), assets: [asset] };
  const union = qualifier === '' && pipeline.unions.find((each) => each.name === name);
  if (!union) throw unknownRelation(request, reference, ctes);
  const members = pipeline.assets.filter((each) => union.members.includes(each.name));
  return { reference, text: unionOf(members), assets: members };
}

/** With the target's prefix or without: the same query is to run on every target. */
function isDataset(qualifier: string, { dataset }: CompiledAsset, target: Target): boolean {
  const prefix = target.warehouse === 'bigquery' ? target.datasetPrefix : '';
  return qualifier === '' || qualifier === dataset || `${prefix}${qualifier}` === dataset;
}

function tableOf(asset: CompiledAsset): string {
  return quoteTable(asset.dataset, asset.name, 'bigquery');
}

/** By name, not by position: the members' tables need not have their columns in the same order, nor all of them. */
function unionOf(members: readonly CompiledAsset[]): string {
  const columns = unionColumns(members);
  const selects = members.map((member) => {
    const own = new Set(member.columns.map(({ name }) => name));
    const items = columns.map(({ name, type }) =>
      own.has(name) ? quoteName(name, 'bigquery') : nullColumn(name, type, 'bigquery'),
    );
    return `SELECT ${items.join(', ')} FROM ${tableOf(member)}`;
  });
  return `(${selects.join(' UNION ALL ')})`;
}

function unknownRelation(
  { sql, pipeline }: QueryRequest,
  reference: Reference,
  ctes: readonly string[],
): PipelineError {
  const { name, qualifier, start, end } = reference;
  if (name === 'partitions' && qualifier === undefined) {
    return badQuery('`partitions` exists only in the SQL of assets', { sql, start, end });
  }
  const known = [...pipeline.assets, ...pipeline.unions].map((each) => each.name as string);
  const full = qualifier === undefined ? name : `${qualifier}.${name}`;
  return badQuery(`unknown asset "${full}"${didYouMean(name, [...known, ...ctes])}`, {
    sql,
    start,
    end,
    code: 'UNKNOWN_ASSET',
    hint: 'a query reads assets by their bare names; fastbreak status lists them',
  });
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The table takes the name's place and keeps it as its alias, so that `asset.column` still means something. */
function tableEdit(statement: SqlTree, reference: Reference, text: string): Edit {
  const table = tableAt(statement, reference.start);
  const catalog = identifier(recordAt(table, 'catalog'));
  const schema = identifier(recordAt(table, 'schema'));
  const hasAlias = identifier(recordAt(table, 'alias')) !== undefined;
  const alias = hasAlias
    ? ''
    : ` AS ${quoteName(reference.name.split('.').at(-1) ?? '', 'bigquery')}`;
  const start = (catalog ?? schema ?? reference).start;
  return { start, end: reference.end, text: `${text}${alias}` };
}

function tableAt(statement: SqlTree, start: number): TreeRecord | undefined {
  for (const record of recordsIn(statement)) {
    const table = recordAt(record, 'table');
    if (identifier(recordAt(table, 'name'))?.start === start) return table;
  }
  return undefined;
}

function splice(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const edit of edits.toSorted((a, b) => b.start - a.start)) {
    result = result.slice(0, edit.start) + edit.text + result.slice(edit.end);
  }
  return result;
}

/** One row more than wanted, to tell whether there are more; nothing where the query has a limit of its own. */
function limitClause(statement: SqlTree, limit: number | undefined): string {
  if (limit === undefined) return '';
  const root = ['select', 'union', 'intersect', 'except'].map((key) => recordAt(statement, key));
  const query = root.find((each) => each !== undefined);
  if (query === undefined || isSet(query, 'limit') || isSet(query, 'offset')) return '';
  return `\nLIMIT ${limit + 1}`;
}

function isSet(tree: TreeRecord, key: string): boolean {
  return tree[key] !== null && tree[key] !== undefined;
}

/** Where the embedded warehouse would answer otherwise than BigQuery; matters of style are left to assets. */
function warningsOf(input: Pick<LintInput, 'text' | 'tokens' | 'statement'>): readonly string[] {
  return lintStatement({ ...input, calls: findCalls(input.tokens), isExpression: false })
    .filter((finding) => !IGNORED.has(finding.code))
    .map(({ start, end, message, hint }) => {
      const text = input.text.slice(start, end).replace(/\s+/g, ' ');
      return `${text.length > 40 ? `${text.slice(0, 39)}…` : text}: ${message}; ${hint}`;
    });
}

function calledFunctions(
  pipeline: CompiledPipeline,
  tokens: readonly SqlToken[],
): readonly string[] {
  const called = new Set(findCalls(tokens).map((call) => call.name));
  return pipeline.functions
    .map(({ name }) => name)
    .filter((name) => called.has(name.toUpperCase()));
}
