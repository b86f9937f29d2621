import { isWarehouseError, type WarehouseError } from '../errors.ts';

export interface SplitContext<T> {
  /** Computes some partitions in one statement. */
  readonly compute: (indexes: readonly number[]) => Promise<readonly T[]>;
  /** The outcomes of partitions that cannot be computed. */
  readonly fail: (indexes: readonly number[], error: WarehouseError) => readonly T[];
  readonly onSplit: (indexes: readonly number[], error: WarehouseError) => void;
}

/**
 * Computes a batch; where the data of some partitions make the statement fail, halves it until they stand
 * alone: k bad partitions of n cost O(k log n) statements, and the others are computed.
 */
export async function withSplit<T>(
  indexes: readonly number[],
  context: SplitContext<T>,
): Promise<readonly T[]> {
  try {
    return await context.compute(indexes);
  } catch (error) {
    if (!isWarehouseError(error)) throw error;
    if (!canSplit(error, indexes.length)) return context.fail(indexes, error);
    context.onSplit(indexes, error);
    const middle = indexes.length >> 1;
    const left = await withSplit(indexes.slice(0, middle), context);
    const right = await withSplit(indexes.slice(middle), context);
    return [...left, ...right];
  }
}

function canSplit(error: WarehouseError, count: number): boolean {
  if (count < 2) return false;
  // A full disk stays full; too little memory may be enough for half.
  return error.kind === 'data' || (error.kind === 'resources' && error.category !== 'DISK_FULL');
}
