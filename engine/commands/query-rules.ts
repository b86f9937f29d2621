import { PipelineError } from '../errors.ts';
import type { SqlToken, SqlTree } from '../sql/parse.ts';
import { findCalls } from '../sql/token-view.ts';
import { firstSpan, isRecord, listAt, recordAt, recordsIn, type Span } from '../sql/tree.ts';

const HINT = 'write one SELECT, or WITH … SELECT, over asset names';
const QUERIES = new Set(['select', 'union', 'intersect', 'except', 'subquery', 'paren']);
const RELATIONS = new Set([...QUERIES, 'table', 'unnest', 'joined_table']);
/** Wrappers whose `this` is the relation. */
const WRAPPERS = ['alias', 'annotated', 'pivot', 'unpivot', 'paren'];

/** Functions of the embedded warehouse that reach outside the assets or change it. */
const OUTSIDE =
  /^(read_\w+|write_\w+|\w+_scan|scan_\w+|glob|sniff_\w+|pragma_\w+|duckdb_\w+|query|query_table|getenv|current_setting|getvariable|nextval|currval|st_read\w*|external_query)$/i;

/** The one statement of a text, which must be a query that reads nothing but relations by name. */
export function checkReadsOnly(
  sql: string,
  statements: readonly SqlTree[],
  tokens: readonly SqlToken[],
): SqlTree {
  const [statement, second] = statements;
  if (statement === undefined) throw badQuery('expected a query, found nothing', { sql });
  if (second !== undefined) {
    const message = `expected one query, found ${statements.length} statements`;
    throw badQuery(message, { sql, ...startOfSecond(tokens) });
  }
  const kind = kindOf(statement);
  if (kind === undefined || !QUERIES.has(kind)) {
    const found = tokens[0]?.text.toUpperCase() ?? 'something else';
    throw badQuery(`expected a query, found ${found}: queries only read`, { sql, ...tokens[0] });
  }
  checkParts(sql, statement);
  checkCalls(sql, tokens);
  return statement;
}

/** The one wording for a query that is refused, with the place in it. */
export function badQuery(
  message: string,
  details: {
    readonly sql: string;
    readonly start?: number;
    readonly end?: number;
    readonly code?: string;
    readonly hint?: string;
  },
): PipelineError {
  const frame =
    details.start === undefined ? '' : `\n${codeFrame(details.sql, details.start, details.end)}`;
  return new PipelineError(`${message}${frame}`, {
    code: details.code ?? 'INVALID_QUERY',
    hint: details.hint ?? HINT,
  });
}

function checkParts(sql: string, statement: SqlTree): void {
  for (const record of recordsIn(statement)) {
    for (const cte of listAt(recordAt(record, 'with'), 'ctes')) checkBody(sql, cte);
    const subquery = recordAt(record, 'subquery');
    if (subquery !== undefined) checkBody(sql, subquery);
    if (isRecord(record['into'])) {
      throw badQuery('SELECT … INTO writes: queries only read', {
        sql,
        ...firstSpan(record['into']),
      });
    }
    const from = recordAt(record, 'from');
    const joins = listAt(record, 'joins').map((join) =>
      isRecord(join) ? (join['this'] ?? null) : null,
    );
    const relations = [
      ...listAt(from, 'expressions'),
      ...joins,
      ...listAt(record, 'lateral_views'),
    ];
    for (const relation of relations) checkRelation(sql, relation);
  }
}

/** What stands in parentheses, in WITH or elsewhere, must be a query as well. */
function checkBody(sql: string, container: SqlTree): void {
  const body = isRecord(container) ? (container['this'] ?? null) : null;
  const kind = kindOf(body);
  if (kind !== undefined && RELATIONS.has(kind)) return;
  const found = (kind ?? 'something else').toUpperCase();
  throw badQuery(`expected a SELECT in parentheses, found ${found}: queries only read`, {
    sql,
    ...firstSpan(body),
  });
}

function checkRelation(sql: string, relation: SqlTree): void {
  for (const wrapper of WRAPPERS) {
    const inner = recordAt(relation, wrapper)?.['this'];
    if (isRecord(inner)) return checkRelation(sql, inner);
  }
  const kind = kindOf(relation);
  if (kind !== undefined && RELATIONS.has(kind)) return;
  const name = recordAt(relation, kind ?? '')?.['name'];
  const found = typeof name === 'string' ? `${name}(…)` : (kind ?? 'something else').toUpperCase();
  throw badQuery(
    `${found} cannot be read from: a query reads assets, its own WITH, subqueries and UNNEST`,
    { sql, ...(firstSpan(relation) ?? spanOfName(sql, typeof name === 'string' ? name : '')) },
  );
}

function checkCalls(sql: string, tokens: readonly SqlToken[]): void {
  for (const call of findCalls(tokens)) {
    const token = tokens[call.nameIndex];
    if (!OUTSIDE.test(call.name)) continue;
    throw badQuery(`${token?.text}(…) reaches outside the assets: queries only read these`, {
      sql,
      ...token,
    });
  }
  const parameter = tokens.find(({ kind, text }) => kind === 'PARAMETER' || text.startsWith('@'));
  if (parameter === undefined) return;
  throw badQuery(`a query has no parameters, found ${parameter.text}`, {
    sql,
    ...parameter,
    hint: 'write the value itself',
  });
}

/** The construct of a piece of tree: objects stand for one each, under its name. */
function kindOf(tree: SqlTree): string | undefined {
  if (!isRecord(tree)) return undefined;
  const [kind] = Object.keys(tree);
  if (kind !== 'annotated') return kind;
  return kindOf(recordAt(tree, 'annotated')?.['this'] ?? null);
}

function startOfSecond(tokens: readonly SqlToken[]): SqlToken | undefined {
  return tokens[tokens.findIndex((token) => token.kind === 'SEMICOLON') + 1];
}

function spanOfName(sql: string, name: string): Span | undefined {
  const start = name === '' ? -1 : sql.toLowerCase().indexOf(name.toLowerCase());
  return start < 0 ? undefined : { start, end: start + name.length };
}

/** The line of a place, with a mark under it. */
function codeFrame(sql: string, start: number, end = start + 1): string {
  const lineStart = sql.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = sql.indexOf('\n', start);
  const line = sql.slice(lineStart, lineEnd < 0 ? sql.length : lineEnd);
  const number = sql.slice(0, lineStart).split('\n').length;
  const length = Math.max(1, Math.min(end, lineStart + line.length) - start);
  const margin = `${number} | `;
  const mark = ' '.repeat(margin.length + start - lineStart) + '^'.repeat(length);
  return `  ${margin}${line}\n  ${mark}`;
}
