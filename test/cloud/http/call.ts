import { ApiError } from './api-error.ts';

/** A call that reached a server, in the order of arrival. */
export interface Call {
  readonly method: string;
  /** Without host, `/bigquery/v2`, `/storage/v1` or query; uploads begin with `/upload`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly jobId?: string;
  /** The text of a query job. */
  readonly statement?: string;
  /** As answered; absent while it runs, and when the connection was cut. */
  status?: number;
}

/** A call with all that a handler needs. */
export interface ApiRequest {
  readonly call: Call;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** JSON, bytes, or nothing. */
export interface ApiReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly bytes?: Buffer;
}

/** The body of a request as JSON of the shape that the API documents; `{}` when there is none. */
export function jsonBody<T>(request: ApiRequest): T {
  const text = request.body.toString('utf8');
  try {
    return JSON.parse(text === '' ? '{}' : text) as T;
  } catch {
    throw new ApiError(400, 'parseError', 'Parse Error');
  }
}
