/**
 * Partitions this far apart (in partitions of the asset) still go into one statement: one more statement costs
 * more than reading the few partitions between.
 */
export const LARGEST_GAP = 30;

/** Cuts ascending partition indexes into batches of at most `most`, none with a gap over LARGEST_GAP. */
export function cutBatches(indexes: readonly number[], most: number): number[][] {
  const batches: number[][] = [];
  let batch: number[] = [];
  for (const index of indexes) {
    const last = batch.at(-1);
    if (last !== undefined && (batch.length >= most || index - last > LARGEST_GAP)) {
      batches.push(batch);
      batch = [];
    }
    batch.push(index);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
