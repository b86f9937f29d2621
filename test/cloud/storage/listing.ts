import type { StoredObject } from './objects.ts';

export interface Listing {
  readonly items: readonly StoredObject[];
  readonly prefixes: readonly string[];
  readonly next: string | undefined;
}

/** The page of objects that a list call asks for: by prefix, in order of their names, folded at a delimiter. */
export function listObjects(
  objects: Iterable<StoredObject>,
  query: URLSearchParams,
  most: number,
): Listing {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const from = startName(query);
  const size = Math.min(most, Number(query.get('maxResults') ?? most));
  const entries = new Map<string, StoredObject | undefined>();
  const sorted = [...objects].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const object of sorted.filter(({ name }) => name.startsWith(prefix))) {
    const cut = delimiter === '' ? -1 : object.name.indexOf(delimiter, prefix.length);
    if (cut < 0) entries.set(object.name, object);
    else entries.set(object.name.slice(0, cut + delimiter.length), undefined);
  }
  const wanted = [...entries].filter(([name]) => name > from);
  const page = wanted.slice(0, size);
  const last = page.at(-1)?.[0];
  return {
    items: page.flatMap(([, object]) => (object === undefined ? [] : [object])),
    prefixes: page.flatMap(([name, object]) => (object === undefined ? [name] : [])),
    next:
      wanted.length > size && last !== undefined
        ? Buffer.from(last).toString('base64url')
        : undefined,
  };
}

/** The name after which the page begins. */
function startName(query: URLSearchParams): string {
  const token = query.get('pageToken');
  return token === null ? '' : Buffer.from(token, 'base64url').toString();
}
