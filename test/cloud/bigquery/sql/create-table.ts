import type { SqlToken } from '../../../../engine/sql/parse.ts';
import { matchParentheses, topLevel, wordAt } from '../../../../engine/sql/token-view.ts';
import { ApiError } from '../../http/api-error.ts';
import { parseGoogleType } from '../field-types.ts';
import type { Field, TimePartitioning } from '../resources.ts';
import { pathAt } from './table-paths.ts';

/** A CREATE TABLE, taken apart. */
export interface CreateTable {
  readonly parts: readonly string[];
  readonly orReplace: boolean;
  readonly isTemporary: boolean;
  readonly ifNotExists: boolean;
  readonly fields: readonly Field[] | undefined;
  readonly timePartitioning: TimePartitioning | undefined;
  readonly rangePartitioning: unknown;
  readonly clustering: readonly string[];
  readonly options: ReadonlyMap<string, string>;
  /** The table that LIKE, COPY or CLONE name. */
  readonly model:
    { readonly kind: 'LIKE' | 'COPY' | 'CLONE'; readonly parts: readonly string[] } | undefined;
  /** After AS. */
  readonly query: string | undefined;
}

/** Takes a statement apart that begins with CREATE … TABLE. */
export function parseCreateTable(text: string, tokens: readonly SqlToken[]): CreateTable {
  const reader = new TokenReader(text, tokens);
  reader.expect('CREATE');
  const orReplace = reader.take('OR', 'REPLACE');
  const isTemporary = reader.take('TEMP') || reader.take('TEMPORARY');
  reader.expect('TABLE');
  const ifNotExists = reader.take('IF', 'NOT', 'EXISTS');
  const parts = reader.path();
  const model = parseModel(reader);
  const fields = reader.peek() === '(' ? parseColumns(text, tokens, reader) : undefined;
  const partitioning = reader.take('PARTITION', 'BY') ? parsePartitioning(reader) : {};
  const clustering = reader.take('CLUSTER', 'BY') ? reader.names() : [];
  const options = reader.take('OPTIONS')
    ? parseOptions(text, tokens, reader)
    : new Map<string, string>();
  const query = reader.take('AS') ? text.slice(reader.offset()) : undefined;
  if (query === undefined && !reader.isAtEnd()) throw reader.unexpected();
  return {
    parts,
    orReplace,
    isTemporary,
    ifNotExists,
    fields,
    timePartitioning: partitioning.time,
    rangePartitioning: partitioning.range,
    clustering,
    options,
    model,
    query,
  };
}

function parseModel(reader: TokenReader): CreateTable['model'] {
  for (const kind of ['LIKE', 'COPY', 'CLONE'] as const) {
    if (reader.take(kind)) return { kind, parts: reader.path() };
  }
  return undefined;
}

/** Options of an OPTIONS list as GoogleSQL expressions. */
export function parseOptions(
  text: string,
  tokens: readonly SqlToken[],
  reader: TokenReader,
): ReadonlyMap<string, string> {
  const range = reader.parentheses();
  const commas = topLevel(tokens, range, (word) => word === ',');
  const starts = [range.start, ...commas.map((comma) => comma + 1)];
  const options = starts.flatMap((start, index): readonly (readonly [string, string])[] => {
    const end = commas[index] ?? range.end;
    const name = tokens[start]?.text;
    const first = tokens[start + 2];
    const last = tokens[end - 1];
    if (name === undefined || first === undefined || last === undefined || start >= end) return [];
    return [[name.toLowerCase(), text.slice(first.start, last.end)]];
  });
  return new Map(options);
}

function parseColumns(
  text: string,
  tokens: readonly SqlToken[],
  reader: TokenReader,
): readonly Field[] {
  const range = reader.parentheses();
  const fields: Field[] = [];
  let start = range.start;
  while (start < range.end) {
    const end = columnEnd(tokens, start, range.end);
    const isConstraint = ['PRIMARY', 'FOREIGN', 'CONSTRAINT'].includes(wordAt(tokens, start));
    if (!isConstraint) fields.push(parseColumn(text, tokens, start, end));
    start = end + 1;
  }
  return fields;
}

/** The comma after a column, outside of `(…)`, `[…]` and `<…>`. */
function columnEnd(tokens: readonly SqlToken[], start: number, end: number): number {
  let depth = 0;
  for (let index = start; index < end; index++) {
    const kind = tokens[index]?.kind ?? '';
    depth += DEPTHS[kind] ?? 0;
    if (depth === 0 && kind === 'COMMA') return index;
  }
  return end;
}

const DEPTHS: Readonly<Record<string, number>> = {
  L_PAREN: 1,
  L_BRACKET: 1,
  LT: 1,
  R_PAREN: -1,
  R_BRACKET: -1,
  GT: -1,
  GT_GT: -2,
};

const AFTER_TYPE = new Set(['NOT', 'OPTIONS', 'DEFAULT', 'COLLATE', 'PRIMARY']);

function parseColumn(text: string, tokens: readonly SqlToken[], start: number, end: number): Field {
  let typeEnd = start + 2;
  while (typeEnd < end && !AFTER_TYPE.has(wordAt(tokens, typeEnd))) typeEnd++;
  const type = text.slice(tokens[start + 1]?.start, tokens[typeEnd - 1]?.end);
  const field = parseGoogleType(tokens[start]?.text ?? '', type);
  const rest = new TokenReader(text, tokens.slice(0, end), typeEnd);
  const isRequired = rest.take('NOT', 'NULL');
  rest.skipTo('OPTIONS');
  const options = rest.take('OPTIONS') ? parseOptions(text, tokens, rest) : undefined;
  const description = options?.get('description');
  return {
    ...field,
    ...(isRequired ? { mode: 'REQUIRED' } : {}),
    ...(description === undefined ? {} : { description: unquote(description) }),
  };
}

/** The content of a plain text literal. */
export function unquote(literal: string): string {
  const inner = literal.replace(/^(?:'''|"""|'|")([\s\S]*?)(?:'''|"""|'|")$/, '$1');
  return inner.replaceAll(/\\(.)/gs, (_, character: string) =>
    character === 'n' ? '\n' : character,
  );
}

interface Partitioning {
  readonly time?: TimePartitioning;
  readonly range?: unknown;
}

/** `d`, `DATE(t)`, `DATE_TRUNC(d, MONTH)`, `TIMESTAMP_TRUNC(t, DAY)` or `RANGE_BUCKET(n, GENERATE_ARRAY(a, b, c))`. */
function parsePartitioning(reader: TokenReader): Partitioning {
  const name = reader.word();
  if (reader.peek() !== '(') return { time: { type: 'DAY', field: name } };
  const inside = reader.textInParentheses();
  const [field = '', second = 'DAY'] = inside
    .split(',')
    .map((part) => part.trim().replaceAll('`', ''));
  if (name.toUpperCase() !== 'RANGE_BUCKET') return { time: { type: second.toUpperCase(), field } };
  const numbers = Array.from(inside.matchAll(/-?\d+/g), ([number]) => number);
  const [start, end, interval = '1'] = numbers;
  return { range: { field, range: { start, end, interval } } };
}

/** Reads the tokens of a statement one after another. */
export class TokenReader {
  readonly #text: string;
  readonly #tokens: readonly SqlToken[];
  readonly #partner: ReadonlyMap<number, number>;
  #index: number;

  constructor(text: string, tokens: readonly SqlToken[], index = 0) {
    this.#text = text;
    this.#tokens = tokens;
    this.#partner = matchParentheses(tokens);
    this.#index = index;
  }

  peek(): string {
    return wordAt(this.#tokens, this.#index);
  }

  isAtEnd(): boolean {
    return this.#index >= this.#tokens.length;
  }

  /** Where the next token begins in the text. */
  offset(): number {
    return this.#tokens[this.#index]?.start ?? this.#text.length;
  }

  /** Passes these words if all of them come next. */
  take(...words: readonly string[]): boolean {
    const isNext = words.every((word, at) => wordAt(this.#tokens, this.#index + at) === word);
    if (isNext) this.#index += words.length;
    return isNext;
  }

  expect(word: string): void {
    if (!this.take(word)) throw this.unexpected(word);
  }

  skipTo(word: string): void {
    while (!this.isAtEnd() && this.peek() !== word) this.#index++;
  }

  /** A name of several parts. */
  path(): readonly string[] {
    const path = pathAt(this.#tokens, this.#index);
    if (path === undefined) throw this.unexpected('a name');
    this.#index = path.to;
    return path.parts;
  }

  word(): string {
    const text = this.#tokens[this.#index]?.text;
    if (text === undefined) throw this.unexpected('a name');
    this.#index++;
    return text;
  }

  /** Names with commas between them. */
  names(): readonly string[] {
    const names = [this.word()];
    while (this.take(',')) names.push(this.word());
    return names;
  }

  /** Indexes of the tokens inside the parentheses that come next; passes them. */
  parentheses(): { readonly start: number; readonly end: number } {
    const end = this.#partner.get(this.#index);
    if (this.peek() !== '(' || end === undefined) throw this.unexpected('(');
    const start = this.#index + 1;
    this.#index = end + 1;
    return { start, end };
  }

  textInParentheses(): string {
    const { start, end } = this.parentheses();
    return this.#text.slice(this.#tokens[start]?.start, this.#tokens[end - 1]?.end);
  }

  unexpected(wanted = 'end of statement'): ApiError {
    const found = this.#tokens[this.#index]?.text ?? 'end of statement';
    return new ApiError(
      400,
      'invalidQuery',
      `Syntax error: Expected ${wanted} but got "${found}"`,
      { location: 'query' },
    );
  }
}
