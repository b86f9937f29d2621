import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ApiError } from './api-error.ts';
import type { ApiReply, ApiRequest, Call } from './call.ts';
import type { Fault, Faults } from './faults.ts';
import { metadataReply } from './metadata-server.ts';

export interface ApiServerOptions {
  readonly project: string;
  readonly faults: Faults;
  readonly calls: Call[];
  /** Cut from the front of a path, so that clients may be pointed at the server in several ways. */
  readonly prefix: RegExp;
  /** What the log of calls shall say of a request beyond its address. */
  readonly describe: (request: ApiRequest) => {
    readonly jobId?: string;
    readonly statement?: string;
  };
  readonly handle: (request: ApiRequest, fault: Fault | undefined) => Promise<ApiReply>;
}

/** A loopback HTTP server for one API, with faults. */
export class ApiServer {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    // It listens on TCP.
    const { port } = server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(options: ApiServerOptions): Promise<ApiServer> {
    const server = createServer((message, response) => {
      void answer(options, message, response);
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, '127.0.0.1', resolve);
    await promise;
    return new ApiServer(server);
  }

  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }
}

async function answer(
  options: ApiServerOptions,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(message.url ?? '/', 'http://loopback');
  const metadata = metadataReply(url.pathname, options.project);
  if (metadata !== undefined) {
    message.resume();
    send(message, response, metadata);
    return;
  }
  const headers = flatHeaders(message);
  const body = await readBody(message, headers).catch(() => undefined);
  // The client hung up.
  if (body === undefined) return;
  const request = toRequest(options, message, url, { headers, body });
  options.calls.push(request.call);
  await act(options, request, message, response);
}

async function act(
  options: ApiServerOptions,
  request: ApiRequest,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const fault = options.faults.take(request.call);
  if (fault === 'drop before') return cut(message);
  const refused = fault === undefined ? undefined : await refusal(fault, request);
  const reply = refused ?? (await handled(options, request, fault));
  if (fault === 'drop after') return cut(message);
  request.call.status = reply.status ?? 200;
  if (typeof fault === 'object' && 'breakAfterBytes' in fault && reply.bytes !== undefined) {
    return sendPart(message, response, reply, fault.breakAfterBytes);
  }
  send(message, response, fault === 'corrupt' ? corrupted(reply) : reply);
}

async function handled(
  options: ApiServerOptions,
  request: ApiRequest,
  fault: Fault | undefined,
): Promise<ApiReply> {
  try {
    return await options.handle(request, fault);
  } catch (error) {
    return errorReply(error);
  }
}

/** What a fault answers instead of the handler, if it does. */
async function refusal(fault: Fault, request: ApiRequest): Promise<ApiReply | undefined> {
  if (fault === 'html') return htmlReply();
  if (fault === 'token expired') return errorReply(unauthenticated());
  if (fault === 'page fails') {
    return errorReply(
      new ApiError(
        503,
        'backendError',
        'Error encountered during execution. Retrying may solve the problem.',
      ),
    );
  }
  if (typeof fault === 'string') return undefined;
  if ('slowMs' in fault) await sleep(fault.slowMs);
  if (!('status' in fault)) return undefined;
  const text = fault.message ?? `${fault.reason} for ${request.call.method} ${request.call.path}`;
  const headers: Readonly<Record<string, string>> =
    fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
  return errorReply(new ApiError(fault.status, fault.reason, text, { headers }));
}

function unauthenticated(): ApiError {
  return new ApiError(
    401,
    'authError',
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
    { location: 'Authorization', headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
  );
}

function htmlReply(): ApiReply {
  return {
    status: 502,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    bytes: Buffer.from('<!DOCTYPE html><title>Error 502 (Server Error)!!1</title>'),
  };
}

function errorReply(error: unknown): ApiReply {
  const known =
    error instanceof ApiError ? error : new ApiError(500, 'internalError', String(error));
  return { status: known.status, headers: known.headers, json: known.toBody() };
}

function corrupted(reply: ApiReply): ApiReply {
  if (reply.bytes === undefined || reply.bytes.length === 0) return reply;
  const bytes = Buffer.from(reply.bytes);
  bytes[0] = (bytes[0] ?? 0) ^ 0xff;
  return { ...reply, bytes };
}

function cut(message: IncomingMessage): void {
  message.socket.destroy();
}

function sendPart(
  message: IncomingMessage,
  response: ServerResponse,
  reply: ApiReply,
  length: number,
): void {
  const bytes = reply.bytes ?? Buffer.alloc(0);
  response.writeHead(reply.status ?? 200, {
    ...reply.headers,
    'content-length': String(bytes.length),
  });
  // Cut only when the part is on its way.
  response.write(bytes.subarray(0, length), () => cut(message));
}

function send(message: IncomingMessage, response: ServerResponse, reply: ApiReply): void {
  const isJson = reply.json !== undefined;
  const bytes = isJson ? Buffer.from(JSON.stringify(reply.json)) : (reply.bytes ?? Buffer.alloc(0));
  const accepts = message.headers['accept-encoding'] ?? '';
  const isZipped = isJson && bytes.length > 1 << 16 && String(accepts).includes('gzip');
  const content = isZipped ? gzipSync(bytes, { level: 1 }) : bytes;
  response.writeHead(reply.status ?? 200, {
    ...(isJson ? { 'content-type': 'application/json; charset=UTF-8' } : {}),
    ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
    'content-length': String(content.length),
    ...reply.headers,
  });
  response.end(message.method === 'HEAD' ? undefined : content);
}

function toRequest(
  options: ApiServerOptions,
  message: IncomingMessage,
  url: URL,
  content: { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer },
): ApiRequest {
  const method = (message.method ?? 'GET').toUpperCase();
  const path = url.pathname.replace(options.prefix, '');
  const call: Call = { method, path, query: url.searchParams };
  const request = { call, ...content };
  return { ...request, call: { ...call, ...options.describe(request) } };
}

function flatHeaders(message: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
}

async function readBody(
  message: IncomingMessage,
  headers: Readonly<Record<string, string>>,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
