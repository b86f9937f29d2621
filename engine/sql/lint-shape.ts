import { outputColumns } from './columns.ts';
import { type LintFinding, type LintInput, spanOf } from './lint-finding.ts';
import type { SqlToken, SqlTree } from './parse.ts';
import { matchParentheses, wordAt } from './token-view.ts';
import { findReferences } from './references.ts';
import { firstSpan, identifier, listAt, recordAt, recordsIn } from './tree.ts';

/** What a file may hold: one SELECT. */
export function lintStatementKind({ statement, tokens }: LintInput): readonly LintFinding[] {
  const isSelect = ['select', 'union', 'intersect', 'except', 'subquery', 'paren'].some(
    (kind) => recordAt(statement, kind) !== undefined,
  );
  if (isSelect) return [];
  const word = wordAt(tokens, 0) || 'another statement';
  return [
    {
      code: 'SQL_NOT_A_SELECT',
      message: `expected a SELECT, found ${word}`,
      hint: 'an asset is one SELECT; the engine writes its rows',
      ...spanOf(tokens, 0),
    },
  ];
}

/** Output columns are named, once each, and spelled out. */
export function lintOutput(input: LintInput): readonly LintFinding[] {
  if (input.isExpression) return [];
  const seen = new Set<string>();
  return outputColumns(input.statement, input.tokens).flatMap((column): LintFinding[] => {
    const { start, end, name } = column;
    if (column.type === 'star') {
      const message = 'the output is not spelled out';
      const hint = 'list the columns, so that they can be held against the declared ones';
      return [{ code: 'SQL_SELECT_STAR', message, hint, start, end }];
    }
    if (column.type === 'unnamed') {
      const message = 'this output column has no name';
      return [{ code: 'SQL_UNNAMED_COLUMN', message, hint: 'add AS name', start, end }];
    }
    const isRepeated = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    if (!isRepeated) return [];
    const message = `two output columns are called "${name}"`;
    return [{ code: 'SQL_DUPLICATE_OUTPUT', message, hint: 'rename one of them', start, end }];
  });
}

/** Derived relations have an alias, and joins are not in parentheses. */
export function lintFrom({ tokens, statement }: LintInput): readonly LintFinding[] {
  const partner = matchParentheses(tokens);
  const findings = tokens.flatMap((token, index): LintFinding[] => {
    if (!['FROM', 'JOIN'].includes(wordAt(tokens, index))) return [];
    const close = partner.get(index + 1);
    if (wordAt(tokens, index + 1) !== '(' || close === undefined) return [];
    const place = { start: token.start, end: tokens[index + 1]?.end ?? token.end };
    const isQuery = ['SELECT', 'WITH', '('].includes(wordAt(tokens, index + 2));
    if (!isQuery) return isExtract(tokens, index) ? [] : [{ ...PARENTHESISED_JOIN, ...place }];
    if (hasAliasAt(tokens, close + 1) || isExtract(tokens, index)) return [];
    return [{ ...UNALIASED, ...place }];
  });
  return findings.length > 0 ? findings : unaliasedAfterComma(statement);
}

/** `EXTRACT(YEAR FROM (…))`. */
function isExtract(tokens: readonly SqlToken[], from: number): boolean {
  return wordAt(tokens, from - 2) === '(' && wordAt(tokens, from - 3) === 'EXTRACT';
}

function hasAliasAt(tokens: readonly SqlToken[], index: number): boolean {
  const isQuoted = tokens[index]?.kind === 'QUOTED_IDENTIFIER';
  return isQuoted || !AFTER_SUBQUERY.has(wordAt(tokens, index));
}

const UNALIASED = {
  code: 'SQL_UNALIASED_SUBQUERY',
  message: 'without an alias, a UNION after it is parsed into the FROM',
  hint: 'give it one: FROM (SELECT ...) AS q, or make it a CTE',
};

const PARENTHESISED_JOIN = {
  code: 'SQL_PARENTHESISED_JOIN',
  message: 'relations of a join in parentheses are lost to lineage',
  hint: 'write the joins one after the other, or make a CTE',
};

const AFTER_SUBQUERY = new Set([
  '',
  ')',
  ',',
  ';',
  'UNION',
  'INTERSECT',
  'EXCEPT',
  'WHERE',
  'GROUP',
  'HAVING',
  'ORDER',
  'LIMIT',
  'QUALIFY',
  'WINDOW',
  'JOIN',
  'LEFT',
  'RIGHT',
  'FULL',
  'INNER',
  'CROSS',
  'ON',
  'USING',
]);

/** `FROM a, (SELECT …)`: rare enough to be looked for in the tree. */
function unaliasedAfterComma(statement: SqlTree): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  for (const record of recordsIn(statement)) {
    for (const item of listAt(recordAt(record, 'from'), 'expressions').slice(1)) {
      const subquery = recordAt(item, 'subquery');
      if (subquery === undefined || identifier(recordAt(subquery, 'alias')) !== undefined) continue;
      findings.push({ ...UNALIASED, ...(firstSpan(item) ?? { start: 0, end: 1 }) });
    }
  }
  return findings;
}

/** CTEs of one name at two levels. */
export function lintCtes({ statement }: LintInput): readonly LintFinding[] {
  const seen = new Set<string>();
  return findReferences(statement).ctes.flatMap(({ name, start, end }) => {
    const isRepeated = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    if (!isRepeated) return [];
    return [
      {
        code: 'SQL_DUPLICATE_CTE',
        message: `two common table expressions are called "${name}"`,
        hint: 'rename one of them',
        start,
        end,
      },
    ];
  });
}
