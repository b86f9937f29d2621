import type { CompiledAsset } from '../compile/compiled.ts';
import { isPipelineError } from '../errors.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import { commandText } from '../report/command-text.ts';
import { failureCountsText } from '../report/failures-text.ts';
import type { FailureCount } from '../warehouse/failures.ts';
import type { Effects, GlobalOptions, Project } from './context.ts';
import { openReadable } from './open-readable.ts';

/** Who was expected in one partition and has no row; nothing while somebody writes to the warehouse. */
export async function failuresOfPartition(
  project: Project,
  effects: Effects,
  of: { readonly asset: CompiledAsset; readonly day: Day },
): Promise<readonly FailureCount[]> {
  const { asset, day } = of;
  if (asset.universe === undefined) return [];
  try {
    const warehouse = await openReadable(project, effects);
    try {
      const days = [{ from: day, to: day }];
      return await warehouse.countFailures({ assets: [asset.name], days });
    } finally {
      await warehouse.close();
    }
  } catch (error) {
    // The story is told from the record, which can always be read.
    if (isPipelineError(error)) return [];
    throw error;
  }
}

/** `3 expected entities have no row: 3 INSUFFICIENT_DATA; fastbreak failures cache --partitions 2024-01-15` */
export function partitionFailuresText(
  counts: readonly FailureCount[],
  scope: Pick<GlobalOptions, 'file' | 'target'>,
): string {
  const text = failureCountsText(counts);
  const [first] = counts;
  if (first === undefined || text === '') return '';
  const words = ['failures', first.asset, '--partitions', formatDay(first.day)] as const;
  return `\nExpected, but without a row: ${text}; who and why: ${commandText(scope, ...words)}\n`;
}

/** The same for scripts. */
export function partitionFailuresJson(counts: readonly FailureCount[]): readonly object[] {
  return counts.map(({ category, reason, isExpected, resolution, entities }) => ({
    category,
    reason,
    expected: isExpected,
    resolution_status: resolution,
    entities,
  }));
}
