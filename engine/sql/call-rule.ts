import type { SqlToken } from './parse.ts';
import { type FunctionCall, topLevel, wordAt } from './token-view.ts';

/** One function that must not be called, or not in that way. */
export interface CallRule {
  /** In upper case. */
  readonly names: readonly string[];
  readonly code: string;
  /** What happens if it stays. */
  readonly message: string;
  /** The form to write instead. */
  readonly hint: string;
  /** Default: always. */
  readonly applies?: (call: FunctionCall, tokens: readonly SqlToken[]) => boolean;
}

/** True when the call's arguments hold one of the words outside inner parentheses. */
export function hasWord(
  call: FunctionCall,
  tokens: readonly SqlToken[],
  ...words: readonly string[]
): boolean {
  const inside = { start: call.open + 1, end: call.close };
  return topLevel(tokens, inside, (word) => words.includes(word)).length > 0;
}

/** The text of an argument that is a single literal; undefined for anything else. */
export function literalArgument(
  call: FunctionCall,
  tokens: readonly SqlToken[],
  index: number,
): string | undefined {
  const range = call.args[index];
  const token = range === undefined ? undefined : tokens[range.start];
  if (range === undefined || token === undefined || range.end !== range.start + 1) return undefined;
  return /STRING|NUMBER/.test(token.kind) ? token.text : undefined;
}

/** The first word of an argument, in upper case. */
export function firstWord(call: FunctionCall, tokens: readonly SqlToken[], index: number): string {
  const range = call.args[index];
  return range === undefined ? '' : wordAt(tokens, range.start);
}

/** True when the call stands somewhere inside a call of one of these functions. */
export function isInside(call: FunctionCall, ...names: readonly string[]): boolean {
  for (let outer = call.parent; outer !== undefined; outer = outer.parent) {
    if (names.includes(outer.name)) return true;
  }
  return false;
}

/** True when the call is itself an argument of one of these functions. */
export function isArgumentOf(call: FunctionCall, ...names: readonly string[]): boolean {
  return call.parent !== undefined && names.includes(call.parent.name);
}
