import { ApiError } from '../../http/api-error.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** The page that `pageToken`, `startIndex` and `maxResults` ask for. A token is the index of the first item, signed. */
export function pageOf<T>(items: readonly T[], query: URLSearchParams, most: number): Page<T> {
  const start = startOf(query);
  const asked = query.get('maxResults');
  const size = Math.min(most, asked === null ? Infinity : Number(asked));
  const end = start + size;
  // With `maxResults=0`, asked for to wait for a job, there is nothing to go on with.
  const hasMore = end < items.length && size > 0;
  return { items: items.slice(start, end), next: hasMore ? token(end) : undefined };
}

function startOf(query: URLSearchParams): number {
  const given = query.get('pageToken');
  if (given === null || given === '') return Number(query.get('startIndex') ?? 0);
  const match = /^page(\d+)$/.exec(Buffer.from(given, 'base64url').toString());
  if (match === null) throw new ApiError(400, 'invalid', `Invalid page token ${given}`);
  return Number(match[1]);
}

function token(start: number): string {
  return Buffer.from(`page${start}`).toString('base64url');
}
