import { ApiError } from '../http/api-error.ts';
import type { Catalog } from './catalog.ts';
import type { ErrorProto } from './resources.ts';

/** What DuckDB says, and what BigQuery would have said. */
const MESSAGES: readonly (readonly [
  RegExp,
  (match: RegExpMatchArray, catalog: Catalog) => ErrorProto,
])[] = [
  [
    /Conflict on |write-write conflict|Transaction conflict|TransactionContext Error/i,
    (_, { project }) => ({
      reason: 'invalidQuery',
      message: `Transaction is aborted due to concurrent update against table in project ${project}.`,
      location: 'query',
    }),
  ],
  [
    /Table with name "?([\w.]+)"? does not exist/,
    ([, name = '']) => ({
      reason: 'invalidQuery',
      message: `Table "${name}" must be qualified with a dataset (e.g. dataset.table).`,
      location: 'query',
    }),
  ],
  [
    /NOT NULL constraint failed: (\S+)/,
    ([, name = '']) => ({
      reason: 'invalidQuery',
      message: `Required field ${name.split('.').at(-1) ?? name} cannot be null`,
      location: 'query',
    }),
  ],
  [
    /schema with name (\w+) does not exist/i,
    ([, name = ''], catalog) => ({
      reason: 'notFound',
      message: `Not found: Dataset ${catalog.project}:${name} was not found in location ${catalog.location}`,
      location: 'query',
    }),
  ],
  [
    /Referenced column "(\w+)" not found|does not have a column named "(\w+)"/,
    ([, first, second]) => ({
      reason: 'invalidQuery',
      message: `Unrecognized name: ${first ?? second ?? ''}`,
      location: 'query',
    }),
  ],
  [
    /Out of Memory Error/,
    () => ({ reason: 'resourcesExceeded', message: 'Resources exceeded during query execution.' }),
  ],
];

/** The error of a job for what was thrown while it ran. */
export function jobError(error: unknown, catalog: Catalog): ErrorProto {
  if (error instanceof ApiError) {
    const { reason, message, location } = error;
    return { reason, message, ...(location === undefined ? {} : { location }) };
  }
  const text = error instanceof Error ? error.message : String(error);
  for (const [pattern, toError] of MESSAGES) {
    const match = pattern.exec(text);
    if (match !== null) return toError(match, catalog);
  }
  const message = text.replace(/\n\n?LINE \d+:[\s\S]*$/, '').trim();
  return { reason: 'invalidQuery', message, location: 'query' };
}

const STATUSES: Readonly<Record<string, number>> = {
  accessDenied: 403,
  billingNotEnabled: 403,
  quotaExceeded: 403,
  rateLimitExceeded: 403,
  responseTooLarge: 403,
  notFound: 404,
  duplicate: 409,
  backendError: 503,
  jobBackendError: 400,
  internalError: 500,
  stopped: 499,
  timeout: 400,
};

/** The HTTP error with which asking for the results of a failed job is answered. */
export function resultError(error: ErrorProto): ApiError {
  const location = error.location;
  const more = location === undefined ? {} : { location };
  return new ApiError(STATUSES[error.reason] ?? 400, error.reason, error.message, more);
}
