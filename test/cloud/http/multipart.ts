import { ApiError } from './api-error.ts';

/** A part of a `multipart/related` body. */
export interface Part {
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** The parts of a `multipart/related` body, by its Content-Type header; throws a 400 when it is none. */
export function multipartParts(contentType: string, body: Buffer): readonly Part[] {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (boundary === undefined) {
    throw new ApiError(400, 'badRequest', `expected multipart/related, found ${contentType}`);
  }
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: Part[] = [];
  let at = body.indexOf(delimiter);
  while (at >= 0) {
    const start = at + delimiter.length;
    const end = body.indexOf(delimiter, start);
    if (end < 0) break;
    parts.push(toPart(body.subarray(start, end)));
    at = end;
  }
  return parts;
}

/** Between two delimiters: a line break, headers, an empty line, the content, a line break. */
function toPart(section: Buffer): Part {
  const head = section.indexOf('\r\n\r\n');
  const headers = section.subarray(0, head).toString('latin1');
  return {
    contentType: /content-type:\s*([^\r\n]+)/i.exec(headers)?.[1] ?? '',
    bytes: section.subarray(head + 4, section.length - 2),
  };
}

/** The JSON and the bytes of an upload of two parts. */
export function uploadParts<T>(
  contentType: string,
  body: Buffer,
): { readonly resource: T; readonly media: Part } {
  const [first, media] = multipartParts(contentType, body);
  if (first === undefined || media === undefined) {
    throw new ApiError(400, 'badRequest', 'expected two parts: a resource and its media');
  }
  return { resource: JSON.parse(first.bytes.toString('utf8')) as T, media };
}
