import type { StoredObject } from './objects.ts';

/** An object as the API answers it. */
export function objectResource(object: StoredObject): Readonly<Record<string, unknown>> {
  const { bucket, name, generation } = object;
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${generation}`,
    name,
    bucket,
    generation,
    metageneration: '1',
    contentType: object.contentType,
    size: String(object.bytes.length),
    md5Hash: object.md5Hash,
    crc32c: object.crc32c,
    etag: generation,
    timeCreated: object.updated,
    updated: object.updated,
    storageClass: 'STANDARD',
    ...(Object.keys(object.metadata).length === 0 ? {} : { metadata: object.metadata }),
  };
}

/**
 * Keeps what a `fields` parameter names: `items(name,size),nextPageToken`. Nested selections are one level deep, as
 * clients use them.
 */
export function selectFields(
  resource: Readonly<Record<string, unknown>>,
  fields: string | null,
): Readonly<Record<string, unknown>> {
  if (fields === null || fields === '*') return resource;
  const selections = Array.from(fields.matchAll(/(\w+)(?:\(([^)]*)\)|\/([\w*]+))?/g));
  return Object.fromEntries(
    selections.flatMap(([, name = '', list, single]) => {
      const value = resource[name];
      if (value === undefined) return [];
      return [[name, selectInside(value, list ?? single)]];
    }),
  );
}

function selectInside(value: unknown, fields: string | undefined): unknown {
  if (fields === undefined || !Array.isArray(value)) return value;
  // Items of a list are resources.
  return value.map((item) => selectFields(item as Readonly<Record<string, unknown>>, fields));
}
