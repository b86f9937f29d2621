import { type PipelineDocument, type YamlPath, loadDocument } from './load.ts';
import { Problems } from './problems.ts';
import type { Diagnostic } from '../diagnostics.ts';

/** What a variant file changes of a module's settings. Names and meaning are unchecked. */
export interface Variant {
  /** Another model of the asset to begin with. */
  readonly model: string | undefined;
  /** Features that the model is to do without. */
  readonly drop: readonly string[];
  /** Features that it gets besides, by the relation that has them. */
  readonly add: Readonly<Record<string, readonly string[]>>;
  /** Settings with their new values; null takes one away. */
  readonly set: Readonly<Record<string, unknown>>;
  /** The file, to say where something stands. */
  readonly document: PipelineDocument;
}

export type ReadVariant =
  | { readonly ok: true; readonly variant: Variant }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

const KEYS = ['model', 'drop', 'add', 'set'];

/** Reads the text of a variant file; whatever is not of its form comes back with its place. */
export function readVariant(file: string, text: string): ReadVariant {
  const loaded = loadDocument(file, text);
  if (!loaded.ok) return loaded;
  const { document } = loaded;
  const problems = new Problems(document);
  const content = mapOf(document.value, { problems, path: [] });
  for (const key of Object.keys(content)) {
    if (KEYS.includes(key)) continue;
    problems.unknown({ what: 'key', name: key, known: KEYS, path: [key], atKey: true });
  }
  const variant: Variant = {
    model: textOf(content['model'], { problems, path: ['model'] }),
    drop: namesOf(content['drop'], { problems, path: ['drop'] }),
    add: Object.fromEntries(
      Object.entries(mapOf(content['add'], { problems, path: ['add'] })).map(([name, features]) => [
        name,
        namesOf(features, { problems, path: ['add', name] }),
      ]),
    ),
    set: mapOf(content['set'], { problems, path: ['set'] }),
    document,
  };
  const { diagnostics } = problems;
  return diagnostics.length > 0 ? { ok: false, diagnostics } : { ok: true, variant };
}

interface Place {
  readonly problems: Problems;
  readonly path: YamlPath;
}

function mapOf(value: unknown, place: Place): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  // YAML's maps come as plain objects.
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  wrong(value, 'a map', place);
  return {};
}

function namesOf(value: unknown, { problems, path }: Place): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    wrong(value, 'a list of names', { problems, path });
    return [];
  }
  const items: readonly unknown[] = value;
  return items.flatMap((item, at) => textOf(item, { problems, path: [...path, at] }) ?? []);
}

function textOf(value: unknown, place: Place): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  wrong(value, 'a name', place);
  return undefined;
}

function wrong(value: unknown, expected: string, { problems, path }: Place): void {
  problems.add({
    code: 'BAD_VARIANT',
    message: `expected ${expected}, found ${JSON.stringify(value)}`,
    path,
    hint: 'a variant has model:, drop: [features], add: { relation: [features] } and set: { name: value }',
  });
}
