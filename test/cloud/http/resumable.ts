import { randomUUID } from 'node:crypto';
import { ApiError } from './api-error.ts';
import type { ApiReply, ApiRequest } from './call.ts';

interface Session<T> {
  readonly resource: T;
  readonly contentType: string;
  received: Buffer;
  reply: ApiReply | undefined;
}

/** An upload that arrived completely. */
export interface Upload<T> {
  readonly resource: T;
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** Resumable uploads: begun with a POST that answers an address, continued with PUTs to it. */
export class ResumableUploads<T> {
  readonly #sessions = new Map<string, Session<T>>();

  /** Answers the address; the resource is kept for the end. */
  begin(request: ApiRequest, resource: T): ApiReply {
    const id = randomUUID();
    this.#sessions.set(id, {
      resource,
      contentType: request.headers['x-upload-content-type'] ?? 'application/octet-stream',
      received: Buffer.alloc(0),
      reply: undefined,
    });
    const query = new URLSearchParams(request.call.query);
    query.set('upload_id', id);
    const host = request.headers['host'] ?? '';
    const location = `http://${host}${request.call.path}?${query.toString()}`;
    return { headers: { location, 'x-guploader-uploadid': id } };
  }

  /** Takes one PUT; when the last byte is there, `complete` decides the answer, which stays the same afterwards. */
  async put(
    request: ApiRequest,
    complete: (upload: Upload<T>) => Promise<ApiReply>,
  ): Promise<ApiReply> {
    const session = this.#sessions.get(request.call.query.get('upload_id') ?? '');
    if (session === undefined) throw new ApiError(404, 'notFound', 'No such upload session.');
    if (session.reply !== undefined) return session.reply;
    const range = parseRange(request.headers['content-range'], request.body.length);
    if (range.start !== undefined) append(session, range.start, request.body);
    if (range.total === undefined || session.received.length < range.total) {
      return incomplete(session.received.length);
    }
    session.reply = await complete({
      resource: session.resource,
      contentType: session.contentType,
      bytes: session.received,
    });
    return session.reply;
  }
}

/** Bytes that are there already may come again. */
function append<T>(session: Session<T>, start: number, bytes: Buffer): void {
  if (start > session.received.length) {
    throw new ApiError(400, 'badRequest', `expected bytes from ${session.received.length} on`);
  }
  session.received = Buffer.concat([session.received.subarray(0, start), bytes]);
}

function incomplete(received: number): ApiReply {
  const range: Readonly<Record<string, string>> =
    received === 0 ? {} : { range: `bytes=0-${received - 1}` };
  return { status: 308, headers: range };
}

// `bytes 0-9/100`, `bytes 0-9/*`, `bytes */100` (asks how much arrived), or absent: all at once.
function parseRange(
  header: string | undefined,
  length: number,
): { readonly start: number | undefined; readonly total: number | undefined } {
  if (header === undefined) return { start: 0, total: length };
  const match = /^bytes (?:(\d+)-(?:\d+|\*)|\*)\/(\d+|\*)$/.exec(header);
  if (match === null) throw new ApiError(400, 'badRequest', `Invalid Content-Range: ${header}`);
  const start = match[1] === undefined ? undefined : Number(match[1]);
  if (match[2] !== '*') return { start, total: Number(match[2]) };
  // A stream of unknown length that ends with this request, if it names no end.
  return { start, total: header.includes('-*/') ? (start ?? 0) + length : undefined };
}
