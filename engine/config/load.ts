import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLParseError,
} from 'yaml';
import type { Diagnostic, FileRange } from '../diagnostics.ts';
import { messageOf } from '../errors.ts';
import { scalarOffset } from './scalar-offset.ts';

/** Keys and list indexes from the root of the document. */
export type YamlPath = readonly (string | number)[];

/** Where something stands, in the file and in the document. */
export interface Place {
  readonly range: FileRange;
  readonly path: string;
}

export type LoadedDocument =
  | { readonly ok: true; readonly document: PipelineDocument }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Reads YAML text; syntax errors and duplicate keys come back with their positions. */
export function loadDocument(file: string, text: string): LoadedDocument {
  const lines = new LineCounter();
  const source: Source = { file, text, lines };
  if (/[\0\uFFFD]/.test(text)) return { ok: false, diagnostics: [notText(file)] };
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    merge: true,
  });
  if (document.errors.length > 0) {
    const errors = withoutFollowUps(document.errors);
    return { ok: false, diagnostics: errors.map((error) => syntaxError(error, source)) };
  }
  try {
    return { ok: true, document: new PipelineDocument({ ...source, document }) };
  } catch (error) {
    return { ok: false, diagnostics: [aliasFault(error, source)] };
  }
}

function notText(file: string): Diagnostic {
  return {
    code: 'YAML_SYNTAX',
    message: `expected ${file} to be UTF-8 text, found other bytes`,
    hint: 'save the file as UTF-8, or name the right one with --file',
  };
}

/** After the first syntax error the rest of the file is read wrongly; keys that are there twice are there twice. */
function withoutFollowUps(errors: readonly YAMLParseError[]): readonly YAMLParseError[] {
  const first = errors.find((error) => error.code !== 'DUPLICATE_KEY');
  return errors.filter((error) => error === first || error.code === 'DUPLICATE_KEY').slice(0, 100);
}

/** Aliases that multiply to millions of values, or that name no anchor. */
function aliasFault(error: unknown, source: Source): Diagnostic {
  return {
    code: 'YAML_ALIASES',
    message: `expected aliases (*name) that can be written out, found: ${lowerFirst(messageOf(error))}`,
    range: fileRange(source, Math.max(0, source.text.indexOf('*')), 1),
    hint: 'write the values themselves',
  };
}

/** The parsed pipeline.yaml: plain values, and the place of each. */
export class PipelineDocument {
  readonly file: string;
  readonly value: unknown;
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #document: Document;

  constructor(source: {
    readonly file: string;
    readonly text: string;
    readonly lines: LineCounter;
    readonly document: Document;
  }) {
    this.file = source.file;
    this.#text = source.text;
    this.#lines = source.lines;
    this.#document = source.document;
    this.value = source.document.toJS() as unknown;
  }

  /** The place of a value, or of the nearest thing around it that exists. */
  place(path: YamlPath): Place {
    return this.#placeOf(path, this.#node(path));
  }

  /** The place of a key rather than of its value. */
  keyPlace(path: YamlPath): Place {
    return this.#placeOf(path, this.#pair(path)?.key ?? this.#node(path));
  }

  /** The place of a character inside a text value, as far as the way it is written allows. */
  textPlace(path: YamlPath, offset: number, length = 1): Place {
    const node = this.#node(path);
    const start = isScalar(node) ? scalarOffset(node, this.#text, offset) : undefined;
    if (start === undefined) return this.place(path);
    return { range: this.#range(start, start + length), path: pathText(path) };
  }

  /** True when the document has a value there. */
  has(path: YamlPath): boolean {
    return this.#node(path) !== undefined;
  }

  /** Where an asset's setting was written: in the asset, in its group's defaults or in those of all. */
  settingPath(
    asset: { readonly name: string; readonly group: string },
    setting: YamlPath,
  ): YamlPath {
    const own = ['assets', asset.name];
    const layers = [own, ['groups', asset.group, 'defaults'], ['defaults']];
    const layer = layers.find((candidate) => this.has([...candidate, ...setting])) ?? own;
    return [...layer, ...setting];
  }

  /** Every text value with its path. */
  *strings(): Generator<{ readonly path: YamlPath; readonly text: string }> {
    yield* stringsIn(this.value, []);
  }

  #placeOf(path: YamlPath, item: unknown): Place {
    const range = rangeOf(item);
    if (range !== undefined) {
      return { range: this.#range(range[0], range[1]), path: pathText(path) };
    }
    if (path.length === 0) return { range: this.#range(0, 1), path: '' };
    return { ...this.keyPlace(path.slice(0, -1)), path: pathText(path) };
  }

  #range(start: number, end: number): FileRange {
    return fileRange({ file: this.file, text: this.#text, lines: this.#lines }, start, end);
  }

  #node(path: YamlPath): Node | undefined {
    let node: unknown = this.#document.contents;
    for (const step of path) {
      node = this.#resolve(node);
      if (isMap(node)) node = findPair(node.items, step)?.value;
      else if (isSeq(node) && typeof step === 'number') node = node.items[step];
      else return undefined;
    }
    return rangeOf(node) === undefined ? undefined : (node as Node);
  }

  #pair(path: YamlPath): Pair | undefined {
    const parent = this.#resolve(this.#node(path.slice(0, -1)));
    const last = path.at(-1);
    return isMap(parent) && last !== undefined ? findPair(parent.items, last) : undefined;
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }
}

/** `assets.player_box.columns[2]`, as messages write it. */
export function pathText(path: YamlPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}

interface Source {
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
}

function fileRange(source: Source, start: number, end: number): FileRange {
  const { line, col } = source.lines.linePos(start);
  const lineEnd = source.text.indexOf('\n', start);
  const stop = Math.min(end, lineEnd === -1 ? source.text.length : lineEnd);
  const length = Math.max(1, source.text.slice(start, stop).trimEnd().length);
  return { file: source.file, line: Math.max(line, 1), column: Math.max(col, 1), length };
}

const SYNTAX_MESSAGES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'expected spaces at the start of the line, found a tab',
  MULTIPLE_DOCS: 'expected one YAML document, found a second one',
};

const SYNTAX_HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with two spaces per level',
  MULTIPLE_DOCS: 'remove the line --- and what does not belong to the pipeline',
  BAD_INDENT:
    'a bracket that is not closed above this line, or an indentation that is not that of its neighbours',
  MISSING_CHAR: 'a bracket, quote or comma is missing here or just above',
};

function syntaxError(error: YAMLParseError, source: Source): Diagnostic {
  const [start, end] = error.pos;
  if (error.code !== 'DUPLICATE_KEY') {
    const range = fileRange(source, start, end);
    const hint = variableHint(source.text, start) ?? SYNTAX_HINTS[error.code];
    const message = SYNTAX_MESSAGES[error.code] ?? lowerFirst(error.message);
    return { code: 'YAML_SYNTAX', message, range, ...(hint === undefined ? {} : { hint }) };
  }
  const key = /^[^:\s]+/.exec(source.text.slice(start))?.[0] ?? '';
  return {
    code: 'DUPLICATE_KEY',
    message: `"${key}" is declared twice in the same place`,
    range: fileRange(source, start, start + Math.max(1, key.length)),
    hint: 'rename or remove one of them',
  };
}

/** A variable without quotes is where a map begins to YAML, inside of braces. */
function variableHint(text: string, start: number): string | undefined {
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1).split('\n', 1)[0] ?? '';
  return /[:,[{]\s*\$\{/.test(line)
    ? "put what begins with a variable into quotes: '${NAME}/file'"
    : undefined;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

function findPair(items: readonly Pair[], key: string | number): Pair | undefined {
  return items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

function rangeOf(item: unknown): readonly [number, number] | undefined {
  if (item === null || typeof item !== 'object' || isPair(item) || !('range' in item)) {
    return undefined;
  }
  const range = item.range;
  if (!Array.isArray(range) || typeof range[0] !== 'number' || typeof range[1] !== 'number') {
    return undefined;
  }
  return [range[0], range[1]];
}

function* stringsIn(
  value: unknown,
  path: YamlPath,
): Generator<{ readonly path: YamlPath; readonly text: string }> {
  if (typeof value === 'string') yield { path, text: value };
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* stringsIn(item, [...path, index]);
  } else if (value !== null && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) yield* stringsIn(item, [...path, key]);
  }
}
