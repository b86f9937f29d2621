import { ApiError } from '../http/api-error.ts';
import type { ApiReply } from '../http/call.ts';
import type { StoredObject } from './objects.ts';

/** The bytes of an object, all of them or those of a Range header, with its checksums. */
export function download(object: StoredObject, range: string | undefined): ApiReply {
  const headers = {
    'content-type': object.contentType,
    'accept-ranges': 'bytes',
    etag: object.generation,
    'x-goog-hash': `crc32c=${object.crc32c},md5=${object.md5Hash}`,
    'x-goog-generation': object.generation,
    'x-goog-metageneration': '1',
    'x-goog-stored-content-encoding': 'identity',
    'x-goog-stored-content-length': String(object.bytes.length),
  };
  const part = range === undefined ? undefined : parseRange(range, object.bytes.length);
  if (part === undefined) return { headers, bytes: object.bytes };
  const { start, end } = part;
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${start}-${end}/${object.bytes.length}` },
    bytes: object.bytes.subarray(start, end + 1),
  };
}

/** `bytes=10-20`, `bytes=10-` or `bytes=-10`; the end is included. Undefined for the whole object. */
function parseRange(
  range: string,
  length: number,
): { readonly start: number; readonly end: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  if (first === '' && last === '') return undefined;
  if (length === 0) return undefined;
  const { start, end } = boundsOf(first, last, length);
  if (start < length && start <= end) return { start, end };
  throw new ApiError(416, 'requestedRangeNotSatisfiable', 'Request range not satisfiable', {
    location: 'Range',
    headers: { 'content-range': `bytes */${length}` },
  });
}

function boundsOf(
  first: string,
  last: string,
  length: number,
): { readonly start: number; readonly end: number } {
  if (first === '') return { start: Math.max(0, length - Number(last)), end: length - 1 };
  return {
    start: Number(first),
    end: last === '' ? length - 1 : Math.min(Number(last), length - 1),
  };
}
