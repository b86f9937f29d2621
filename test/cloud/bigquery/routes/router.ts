import { ApiError, notFound } from '../../http/api-error.ts';
import type { ApiReply, ApiRequest } from '../../http/call.ts';
import type { Fault, Faults } from '../../http/faults.ts';
import type { ResumableUploads } from '../../http/resumable.ts';
import type { JobEngine } from '../jobs/job-engine.ts';
import type { JobResource } from '../resources.ts';
import type { Store } from '../store.ts';

/** What the routes work on. */
export interface Backend {
  readonly store: Store;
  readonly jobs: JobEngine;
  readonly faults: Faults;
  readonly uploads: ResumableUploads<JobResource>;
  /** Rows of a page at most, however many are asked for. */
  readonly pageRows: number;
}

export interface Visit {
  readonly backend: Backend;
  readonly request: ApiRequest;
  /** What stands in the places of the pattern. */
  readonly names: readonly string[];
  readonly fault: Fault | undefined;
}

export interface Route {
  readonly method: string;
  /** Of the path behind `/projects/PROJECT`, `*` for a name. */
  readonly pattern: string;
  readonly handle: (visit: Visit) => Promise<ApiReply> | ApiReply;
}

/** Finds the route of a request and takes it; throws a 404 for an address that is none. */
export async function route(
  routes: readonly Route[],
  visit: Omit<Visit, 'names'>,
): Promise<ApiReply> {
  const { method, path } = visit.request.call;
  const { project } = visit.backend.store.catalog;
  const [prefix, inProject, rest] = /^(?:\/upload)?\/projects\/([^/]+)(\/.*)$/.exec(path) ?? [];
  if (prefix === undefined || rest === undefined) throw unknownAddress(method, path);
  if (inProject !== project) throw notFound(`Project ${inProject ?? ''}`);
  for (const each of routes) {
    const names =
      each.method === method
        ? matchPattern(each.pattern, path.startsWith('/upload') ? `/upload${rest}` : rest)
        : undefined;
    if (names !== undefined) return each.handle({ ...visit, names });
  }
  throw unknownAddress(method, path);
}

function matchPattern(pattern: string, path: string): readonly string[] | undefined {
  const wanted = pattern.split('/');
  const found = path.split('/');
  if (wanted.length !== found.length) return undefined;
  const isSame = wanted.every((part, index) => part === '*' || part === found[index]);
  if (!isSame) return undefined;
  return found.filter((_, index) => wanted[index] === '*').map((part) => decodeURIComponent(part));
}

function unknownAddress(method: string, path: string): ApiError {
  return new ApiError(404, 'notFound', `the test server has no ${method} ${path}`);
}
