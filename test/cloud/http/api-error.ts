/** An error as Google's JSON APIs report it. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly location: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    reason: string,
    message: string,
    more: { readonly location?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.location = more.location;
    this.headers = more.headers ?? {};
  }

  /** The body that goes with the status. */
  toBody(): unknown {
    const detail = { domain: 'global', reason: this.reason, message: this.message };
    const located = this.location === undefined ? detail : { ...detail, location: this.location };
    return {
      error: {
        code: this.status,
        message: this.message,
        errors: [located],
        status: CANONICAL[this.status] ?? 'UNKNOWN',
      },
    };
  }
}

const CANONICAL: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  409: 'ALREADY_EXISTS',
  412: 'FAILED_PRECONDITION',
  416: 'OUT_OF_RANGE',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** A 404 in the words of the service: `Not found: Table p:d.t`. */
export function notFound(what: string): ApiError {
  return new ApiError(404, 'notFound', `Not found: ${what}`);
}
