import type { SqlToken } from './parse.ts';

/** Tokens `start <= index < end`. */
export interface TokenRange {
  readonly start: number;
  readonly end: number;
}

/** `NAME(…)` in a statement; positions are indexes of tokens. */
export interface FunctionCall {
  /** In upper case. */
  readonly name: string;
  readonly nameIndex: number;
  readonly open: number;
  readonly close: number;
  /** The arguments, cut at the commas between them. */
  readonly args: readonly TokenRange[];
  /** The innermost call around this one. */
  readonly parent?: FunctionCall;
}

const NOT_FUNCTIONS = new Set([
  'AND',
  'OR',
  'NOT',
  'IN',
  'ON',
  'AS',
  'FROM',
  'JOIN',
  'WHERE',
  'SELECT',
  'OVER',
  'USING',
  'BY',
  'WHEN',
  'THEN',
  'ELSE',
  'CASE',
  'HAVING',
  'QUALIFY',
  'ALL',
  'DISTINCT',
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'EXISTS',
  'BETWEEN',
  'LIKE',
  'LIMIT',
  'WITH',
  'INTERVAL',
  'SET',
  'IS',
  'REPLACE',
]);

const LITERALS = /STRING|NUMBER|QUOTED/;

export function isWord(token: SqlToken | undefined): token is SqlToken {
  return token !== undefined && !LITERALS.test(token.kind) && /^[A-Za-z_]\w*$/.test(token.text);
}

/** The token's text in upper case when it is a keyword or name, else its own text; '' past the ends. */
export function wordAt(tokens: readonly SqlToken[], index: number): string {
  const token = tokens[index];
  if (token === undefined || LITERALS.test(token.kind)) return '';
  return token.text.toUpperCase();
}

/** For every opening parenthesis or bracket the index of the one that closes it, and back. */
export function matchParentheses(tokens: readonly SqlToken[]): ReadonlyMap<number, number> {
  const partner = new Map<number, number>();
  const open: number[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'L_PAREN' || token.kind === 'L_BRACKET') open.push(index);
    if (token.kind !== 'R_PAREN' && token.kind !== 'R_BRACKET') continue;
    const start = open.pop();
    if (start === undefined) continue;
    partner.set(start, index);
    partner.set(index, start);
  }
  return partner;
}

/** Every function call, outer ones first. */
export function findCalls(tokens: readonly SqlToken[]): readonly FunctionCall[] {
  const partner = matchParentheses(tokens);
  const calls: FunctionCall[] = [];
  const enclosing: FunctionCall[] = [];
  for (const [index, token] of tokens.entries()) {
    while ((enclosing.at(-1)?.close ?? Infinity) < index) enclosing.pop();
    const isCall = token.kind === 'L_PAREN' && isFunctionName(tokens, index - 1);
    const close = partner.get(index);
    if (!isCall || close === undefined) continue;
    const parent = enclosing.at(-1);
    const call: FunctionCall = {
      name: wordAt(tokens, index - 1),
      nameIndex: index - 1,
      open: index,
      close,
      args: splitArguments(tokens, index, close),
      ...(parent === undefined ? {} : { parent }),
    };
    calls.push(call);
    enclosing.push(call);
  }
  return calls;
}

function isFunctionName(tokens: readonly SqlToken[], index: number): boolean {
  const word = wordAt(tokens, index);
  if (!isWord(tokens[index])) return false;
  if (word === 'REPLACE') return wordAt(tokens, index - 1) !== '*';
  return !NOT_FUNCTIONS.has(word);
}

function splitArguments(
  tokens: readonly SqlToken[],
  open: number,
  close: number,
): readonly TokenRange[] {
  if (close === open + 1) return [];
  const commas = topLevel(tokens, { start: open + 1, end: close }, (word) => word === ',');
  const starts = [open + 1, ...commas.map((comma) => comma + 1)];
  return starts.map((start, index) => ({ start, end: commas[index] ?? close }));
}

/** Indexes of tokens of a range that stand outside all parentheses within it and match. */
export function topLevel(
  tokens: readonly SqlToken[],
  range: TokenRange,
  matches: (word: string) => boolean,
): readonly number[] {
  const found: number[] = [];
  let depth = 0;
  for (let index = range.start; index < range.end; index++) {
    const kind = tokens[index]?.kind ?? '';
    if (kind === 'L_PAREN' || kind === 'L_BRACKET') depth++;
    else if (kind === 'R_PAREN' || kind === 'R_BRACKET') depth--;
    else if (depth === 0 && matches(wordAt(tokens, index))) found.push(index);
  }
  return found;
}
