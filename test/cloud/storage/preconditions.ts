import { ApiError } from '../http/api-error.ts';
import type { StoredObject } from './objects.ts';

/** Holds a call to its `ifGenerationMatch` and the like; 412, or 304 for a read that wanted something else. */
export function checkPreconditions(query: URLSearchParams, object: StoredObject | undefined): void {
  const generation = object?.generation ?? '0';
  const wanted = query.get('ifGenerationMatch');
  if (wanted !== null && wanted !== generation) throw failed('ifGenerationMatch');
  const unwanted = query.get('ifGenerationNotMatch');
  if (unwanted !== null && unwanted === generation) throw failed('ifGenerationNotMatch');
}

function failed(name: string): ApiError {
  return new ApiError(
    412,
    'conditionNotMet',
    'At least one of the pre-conditions you specified did not hold.',
    { location: name },
  );
}
