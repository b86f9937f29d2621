import { shortHash } from '../util/hash.ts';
import { outputColumns, type OutputColumn } from './columns.ts';
import { lintStatement } from './lint.ts';
import { type LintFinding } from './lint-finding.ts';
import { lintUntranslated } from './lint-untranslated.ts';
import { normalForm } from './normal-form.ts';
import { loadSqlParser, type SqlParser, type SqlToken, type SqlTree } from './parse.ts';
import { findReferences, referenceOf, type Reference } from './references.ts';
import { findCalls, type FunctionCall, isWord, wordAt } from './token-view.ts';
import { transpileToDuckdb } from './transpile.ts';
import {
  type Identifier,
  identifier,
  listAt,
  recordAt,
  recordsIn,
  type Span,
  type TreeRecord,
} from './tree.ts';

/** A whole statement, or an expression such as a condition or the body of a function. */
export type SqlKind = 'select' | 'expression';

/** A text to analyze; an expression may have typed arguments. */
export interface SqlText {
  readonly kind: SqlKind;
  readonly text: string;
  readonly arguments?: readonly { readonly name: string; readonly type: string }[];
}

/** A column that an expression or a statement names. */
export interface ColumnUse extends Span {
  readonly name: string;
  readonly isQualified: boolean;
}

/** All that the compiler wants to know of an SQL text, independent of the rest of the pipeline; plain JSON. */
export interface SqlAnalysis {
  readonly relations: readonly Reference[];
  readonly ctes: readonly Identifier[];
  readonly columns: readonly OutputColumn[];
  readonly columnUses: readonly ColumnUse[];
  /** Every name that the statement gives to a column or a relation. */
  readonly aliases: readonly string[];
  /** Lower-case names of the functions called. */
  readonly calls: readonly string[];
  /** `CAST(column AS INT64)`: wrong for a FLOAT64 column. */
  readonly integerCasts: readonly Identifier[];
  readonly readsPeriod: boolean;
  /** Equal for texts that differ only in formatting, comments and names of CTEs. */
  readonly normalHash: string;
  readonly duckdbSql: string;
  readonly findings: readonly LintFinding[];
}

const PERIOD_COLUMNS = new Set(['period', 'period_start', '*']);
const BEFORE = 'SELECT ';
const SYNTAX_HINT =
  'write one SELECT in standard GoogleSQL; pipe syntax (|>), scripts and hints are not accepted';
const CUT_OFF = { message: 'the expression ends too early', hint: 'close what is open' };
const AFTER = '\n AS ok FROM partitions';

/** Parses, checks and transpiles one text; whatever is wrong with it is among the findings. */
export async function analyzeSql(sql: SqlText): Promise<SqlAnalysis> {
  const parser = await loadSqlParser();
  if (sql.kind === 'select') return analyzeStatement(parser, sql.text);
  return unwrap(analyzeStatement(parser, `${BEFORE}${sql.text}${AFTER}`, sql), sql);
}

function analyzeStatement(parser: SqlParser, text: string, expression?: SqlText): SqlAnalysis {
  const tokens = parser.tokenize(text);
  const parsed = parser.parse(text);
  if (!parsed.ok) {
    const { message, start, end } = parsed.fault;
    return failed({ code: 'SQL_SYNTAX', message, hint: SYNTAX_HINT, start, end });
  }
  const [statement, second] = parsed.statements;
  if (statement === undefined || second !== undefined) return failed(notOneStatement(tokens));
  const { relations, ctes } = findReferences(statement);
  const calls = findCalls(tokens);
  const duckdb = transpileToDuckdb(parser, withTypedArguments(text, tokens, expression));
  const findings = [
    ...lintStatement({ text, tokens, calls, statement, isExpression: expression !== undefined }),
  ];
  if (duckdb.ok) {
    findings.push(...lintUntranslated({ tokens, calls }, parser.tokenizeDuckdb(duckdb.sql)));
  } else {
    const hint = 'simplify the statement';
    findings.push({ code: 'SQL_TRANSPILE', message: duckdb.message, hint, start: 0, end: 1 });
  }
  return {
    relations,
    ctes,
    columns: outputColumns(statement, tokens),
    columnUses: columnUses(statement),
    aliases: aliasesIn(statement),
    calls: [...new Set(calls.map((call) => call.name.toLowerCase()))].sort(),
    integerCasts: integerCasts(tokens, calls),
    readsPeriod: readsPeriod(statement),
    normalHash: shortHash(normalForm(statement)),
    duckdbSql: duckdb.ok ? duckdb.sql : '',
    findings,
  };
}

function failed(finding: LintFinding): SqlAnalysis {
  return {
    relations: [],
    ctes: [],
    columns: [],
    columnUses: [],
    aliases: [],
    calls: [],
    integerCasts: [],
    readsPeriod: false,
    normalHash: '',
    duckdbSql: '',
    findings: [finding],
  };
}

function notOneStatement(tokens: readonly SqlToken[]): LintFinding {
  const end = tokens.findIndex((token) => token.kind === 'SEMICOLON');
  const next = tokens[end + 1] ?? tokens[0];
  return {
    code: 'SQL_STATEMENTS',
    message: 'expected one statement',
    hint: 'an asset is one SELECT per file; nothing follows the first ";"',
    start: next?.start ?? 0,
    end: next?.end ?? 1,
  };
}

/** Arguments keep their declared type whatever a caller passes: macros have no types of their own. */
function withTypedArguments(
  text: string,
  tokens: readonly SqlToken[],
  expression: SqlText | undefined,
): string {
  let result = text;
  for (const [index, token] of [...tokens.entries()].reverse()) {
    const argument = expression?.arguments?.find(
      (candidate) => candidate.name.toLowerCase() === token.text.toLowerCase(),
    );
    const isArgument = isWord(token) && !['.', '('].includes(wordAt(tokens, index + 1));
    if (argument === undefined || !isArgument || wordAt(tokens, index - 1) === '.') continue;
    const cast = `CAST(${token.text} AS ${argument.type})`;
    result = result.slice(0, token.start) + cast + result.slice(token.end);
  }
  return result;
}

function columnUses(statement: SqlTree): readonly ColumnUse[] {
  const uses: ColumnUse[] = [];
  for (const record of recordsIn(statement)) {
    const column = recordAt(record, 'column');
    const name = identifier(recordAt(column, 'name'));
    if (name === undefined || name.end === 0) continue;
    uses.push({ ...name, isQualified: identifier(recordAt(column, 'table')) !== undefined });
  }
  return uses;
}

function aliasesIn(statement: SqlTree): readonly string[] {
  const names = recordsIn(statement).flatMap((record) => {
    const columns = ['columns', 'column_aliases'].flatMap((key) => listAt(record, key));
    return [record['alias'] ?? null, ...columns].flatMap((each) => identifier(each)?.name ?? []);
  });
  return [...new Set(names)].sort();
}

function integerCasts(
  tokens: readonly SqlToken[],
  calls: readonly FunctionCall[],
): readonly Identifier[] {
  const found: Identifier[] = [];
  for (const call of calls) {
    if (call.name !== 'CAST' || wordAt(tokens, call.close - 1) !== 'INT64') continue;
    const column = tokens[call.close - 3];
    const isPlain = call.close - 3 === call.open + 1 || wordAt(tokens, call.open + 2) === '.';
    if (!isPlain || !isWord(column) || call.close - call.open > 6) continue;
    found.push({ name: column.text, start: column.start, end: column.end });
  }
  return found;
}

/** True when a column `period` or `period_start` may be that of `partitions`. */
function readsPeriod(statement: SqlTree): boolean {
  const records = recordsIn(statement);
  const aliases = new Set(records.flatMap((record) => partitionsAlias(record) ?? []));
  if (aliases.size === 0) return false;
  return records.some((record) => {
    // COUNT says of itself whether it counts `*`; only a star of columns is a record.
    const star = recordAt(record, 'star');
    if (star !== undefined) {
      const of = identifier(recordAt(star, 'table'))?.name.toLowerCase();
      return of === undefined || aliases.has(of);
    }
    const column = recordAt(record, 'column');
    const name = identifier(recordAt(column, 'name'))?.name.toLowerCase() ?? '';
    if (!PERIOD_COLUMNS.has(name)) return false;
    const qualifier = identifier(recordAt(column, 'table'))?.name.toLowerCase();
    return qualifier === undefined || aliases.has(qualifier);
  });
}

/** What the statement calls `partitions` where it reads it. */
function partitionsAlias(record: TreeRecord): string | undefined {
  if (referenceOf(record)?.name !== 'partitions') return undefined;
  const alias = identifier(recordAt(recordAt(record, 'table'), 'alias'));
  return (alias?.name ?? 'partitions').toLowerCase();
}

/** The analysis of an expression from that of the statement put around it. */
function unwrap(analysis: SqlAnalysis, sql: SqlText): SqlAnalysis {
  const shift = <T extends Span>(item: T): T => ({
    ...item,
    start: Math.max(0, Math.min(item.start - BEFORE.length, sql.text.length - 1)),
    end: Math.max(1, Math.min(item.end - BEFORE.length, sql.text.length)),
  });
  const own = <T extends Span>(items: readonly T[]): readonly T[] =>
    items.filter((item) => item.start < BEFORE.length + sql.text.length).map(shift);
  const end = BEFORE.length + sql.text.length;
  const findings = analysis.findings.map((finding) =>
    shift(
      finding.code === 'SQL_SYNTAX' && finding.start >= end ? { ...finding, ...CUT_OFF } : finding,
    ),
  );
  const { duckdbSql } = analysis;
  const suffix = ' AS ok FROM partitions';
  const isWhole = duckdbSql.startsWith(BEFORE) && duckdbSql.endsWith(suffix);
  if (findings.length === 0 && (!isWhole || analysis.columns.length !== 1)) {
    findings.push({
      code: 'SQL_NOT_AN_EXPRESSION',
      message: 'expected one expression',
      hint: 'write a single GoogleSQL expression, without SELECT, commas or aliases',
      start: 0,
      end: sql.text.length,
    });
  }
  return {
    ...analysis,
    relations: own(analysis.relations),
    ctes: own(analysis.ctes),
    columns: [],
    columnUses: own(analysis.columnUses),
    integerCasts: own(analysis.integerCasts),
    duckdbSql: isWhole ? duckdbSql.slice(BEFORE.length, -suffix.length) : '',
    findings,
  };
}
