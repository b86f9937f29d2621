import { type FaultKind, isPipelineError, isWarehouseError, WarehouseError } from '../errors.ts';
import { LEASE_LOST } from './bigquery-sql.ts';

/** What the client throws, and what a failed job carries: a reason of Google's and a sentence. */
export interface ServiceError {
  readonly reason?: string | undefined;
  readonly message: string;
  /** HTTP status, or the code of a network fault such as `ECONNRESET`. */
  readonly code?: number | string | undefined;
  readonly retryAfterMs?: number | undefined;
}

interface Fault {
  readonly kind: FaultKind;
  readonly category: string;
  /** What to do about it; added to the service's own sentence. */
  readonly advice?: string;
}

const transient = (category: string, advice?: string): Fault => ({
  kind: 'transient',
  category,
  ...(advice === undefined ? {} : { advice }),
});
const unavailable = (category: string, advice: string): Fault => ({
  kind: 'unavailable',
  category,
  advice,
});

const CREDENTIALS_EXPIRED = unavailable(
  'CREDENTIALS_EXPIRED',
  'log in again: gcloud auth application-default login, or renew the key that GOOGLE_APPLICATION_CREDENTIALS names',
);
const API_DISABLED = unavailable(
  'API_DISABLED',
  'enable the API: gcloud services enable bigquery.googleapis.com',
);
const ACCESS_DENIED = unavailable(
  'ACCESS_DENIED',
  'grant the account roles/bigquery.jobUser on the project and roles/bigquery.dataEditor on its datasets (roles/storage.objectViewer on buckets)',
);

/** Google's reasons, as its table of error messages lists them. */
const BY_REASON: Readonly<Record<string, Fault>> = {
  rateLimitExceeded: transient('RATE_LIMITED'),
  jobRateLimitExceeded: transient('RATE_LIMITED'),
  backendError: transient('SERVICE_ERROR'),
  internalError: transient('SERVICE_ERROR'),
  jobBackendError: transient('SERVICE_ERROR'),
  jobInternalError: transient('SERVICE_ERROR'),
  tableUnavailable: transient('SERVICE_ERROR'),
  quotaExceeded: transient(
    'QUOTA_EXCEEDED',
    'see the quota that is used up under IAM & Admin > Quotas; it may come back by itself, or run fewer partitions at once',
  ),
  billingNotEnabled: unavailable(
    'BILLING_DISABLED',
    'link the project to a billing account (Billing > Account management); the sandbox has no DML',
  ),
  accessDenied: ACCESS_DENIED,
  accessNotConfigured: API_DISABLED,
  authError: CREDENTIALS_EXPIRED,
  bytesBilledLimitExceeded: {
    kind: 'statement',
    category: 'TOO_EXPENSIVE',
    advice: 'raise max_bytes_billed of the asset or the target, or ask for fewer partitions',
  },
  resourcesExceeded: { kind: 'resources', category: 'RESOURCES_EXCEEDED' },
  responseTooLarge: { kind: 'resources', category: 'RESPONSE_TOO_LARGE' },
  // What the engine cancels itself is not asked for its reason.
  stopped: {
    kind: 'statement',
    category: 'JOB_CANCELLED',
    advice: 'somebody cancelled the job: run the command again',
  },
  timeout: { kind: 'timeout', category: 'TIMEOUT' },
  // What lies in another location looks the same; datasets are looked at before anything runs.
  notFound: { kind: 'statement', category: 'RELATION_NOT_FOUND' },
  resourceInUse: {
    kind: 'statement',
    category: 'RESOURCE_IN_USE',
    advice: 'delete what depends on it first',
  },
  duplicate: { kind: 'statement', category: 'ALREADY_EXISTS' },
  invalid: { kind: 'statement', category: 'STATEMENT_ERROR' },
  invalidQuery: { kind: 'statement', category: 'STATEMENT_ERROR' },
};

/** Sentences that say more than their reason does; looked at first. */
const BY_MESSAGE: readonly (Fault & { readonly pattern: RegExp })[] = [
  {
    pattern: new RegExp(LEASE_LOST),
    kind: 'interrupted',
    category: 'LEASE_LOST',
  },
  {
    pattern: /Could not load the default credentials|no credentials|Unable to detect a Project Id/i,
    ...unavailable(
      'CREDENTIALS_MISSING',
      'log in with: gcloud auth application-default login, or name a key file in GOOGLE_APPLICATION_CREDENTIALS',
    ),
  },
  {
    pattern:
      /invalid_grant|invalid authentication credentials|Token has been expired|invalid_rapt/i,
    ...CREDENTIALS_EXPIRED,
  },
  {
    pattern: /is in location|different location|does not support location/i,
    ...unavailable(
      'LOCATION_MISMATCH',
      'set `location` of the target in pipeline.yaml to where the datasets are; a dataset cannot be moved',
    ),
  },
  {
    pattern: /has not been used in project|API .*is disabled/i,
    ...API_DISABLED,
  },
  { pattern: /Job timed out after/, kind: 'timeout', category: 'TIMEOUT' },
  {
    pattern: /concurrent update|could not serialize access/i,
    ...transient('TRANSACTION_CONFLICT'),
  },
  // Of a statement that makes no sense, whatever it quotes; a batch of it is not worth splitting.
  {
    pattern:
      /Syntax error|Unrecognized name|No matching signature|Function not found|not found inside/,
    kind: 'statement',
    category: 'STATEMENT_ERROR',
  },
  {
    pattern:
      /division by zero|Bad (int64|double|bool|date|numeric|timestamp)|Could not (cast|parse|convert)|(integer|int64|float|double|numeric|date|timestamp)\w* (overflow|value .*out of)|\boverflow\b|out of range|out of bounds|Scalar subquery produced more than one|Invalid (date|timestamp|datetime)|Failed to parse/i,
    kind: 'data',
    category: 'DATA_ERROR',
  },
];

const BY_STATUS: Readonly<Record<number, Fault>> = {
  401: CREDENTIALS_EXPIRED,
  403: ACCESS_DENIED,
  404: { kind: 'statement', category: 'NOT_FOUND' },
  408: transient('NETWORK_ERROR'),
  412: transient('TRANSACTION_CONFLICT'),
  429: transient('RATE_LIMITED'),
};

const NETWORK = /^(E[A-Z_]+|UND_ERR_\w+)$/;
const NETWORK_TEXT =
  /socket hang up|network|fetch failed|timed? ?out|premature close|aborted|terminated/i;

/** Turns whatever the client threw, or a job's error, into a WarehouseError that says whether trying again can help. */
export function googleFault(error: unknown): WarehouseError {
  if (isWarehouseError(error)) return error;
  if (isPipelineError(error)) return serviceFault({ message: error.message }, error);
  return serviceFault(serviceErrorOf(error), error);
}

/** The fault that a service's answer stands for. */
export function serviceFault(answer: ServiceError, cause?: unknown): WarehouseError {
  const fault = faultOf(answer);
  const sentence = answer.message.trim().replace(/\s*\n[\s\S]*$/, '');
  const message = fault.advice === undefined ? sentence : `${sentence}; ${fault.advice}`;
  return new WarehouseError(message, {
    kind: fault.kind,
    category: fault.category,
    cause,
    ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }),
  });
}

function faultOf({ reason, message, code }: ServiceError): Fault {
  const told = BY_MESSAGE.find(({ pattern }) => pattern.test(message));
  const byReason = reason === undefined ? undefined : BY_REASON[reason];
  // A quota's message may quote anything; what is transient by its reason is so whatever it says.
  if (byReason?.kind === 'transient') return byReason;
  if (told) return told;
  if (byReason) return byReason;
  if (typeof code === 'number') {
    const byStatus = code >= 500 ? transient('SERVICE_ERROR') : BY_STATUS[code];
    if (byStatus) return byStatus;
  }
  const isNetwork = typeof code === 'string' ? NETWORK.test(code) : NETWORK_TEXT.test(message);
  if (isNetwork) return transient('NETWORK_ERROR');
  return { kind: 'statement', category: 'WAREHOUSE_ERROR' };
}

type FirstError = { readonly reason?: unknown; readonly message?: unknown } | undefined;

/** What the client's errors hold, however they are nested. */
export function serviceErrorOf(error: unknown): ServiceError {
  if (typeof error !== 'object' || error === null) return { message: String(error) };
  const found = error as {
    readonly message?: unknown;
    readonly code?: unknown;
    readonly errors?: unknown;
    readonly response?: { readonly headers?: unknown };
    readonly cause?: unknown;
  };
  const first = Array.isArray(found.errors) ? (found.errors[0] as FirstError) : undefined;
  const message = typeof first?.message === 'string' ? first.message : found.message;
  const { code } = found;
  return {
    reason: typeof first?.reason === 'string' ? first.reason : undefined,
    message: typeof message === 'string' ? message : String(error),
    code: typeof code === 'number' || typeof code === 'string' ? numeric(code) : undefined,
    retryAfterMs: retryAfterMs(found.response?.headers),
  };
}

/** Newer clients give the HTTP status as text. */
function numeric(code: number | string): number | string {
  return typeof code === 'string' && /^\d{3}$/.test(code) ? Number(code) : code;
}

/** `Retry-After` in seconds or as a date. */
function retryAfterMs(headers: unknown): number | undefined {
  const value = headerOf(headers, 'retry-after');
  if (value === undefined || value === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  // A date is told by the clock of the service that wrote it.
  const wait = Date.parse(value) - Date.parse(headerOf(headers, 'date') ?? '');
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

function headerOf(headers: unknown, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  if (typeof headers !== 'object' || headers === null) return undefined;
  const value = (headers as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : undefined;
}
