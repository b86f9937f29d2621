import type { RunOutcome } from '../support/project.ts';
import { gamesProject, type Planted } from './games-project.ts';

/** A check that failed, as the run's document shows it. */
export interface FailedCheck {
  readonly check: string;
  readonly severity: string;
  readonly partitions: readonly string[];
  readonly rows: number;
  readonly message: string;
}

/** The checks that failed in a run. */
export function checksOf({ document }: RunOutcome): readonly FailedCheck[] {
  return (document as unknown as { readonly checks: readonly FailedCheck[] }).checks;
}

/** The checks of `scores` that fail: in one batch over all days, or in as many as it takes. */
export async function failedChecks(
  checks: string,
  planted: Planted,
  { batch }: { readonly batch?: number } = {},
): Promise<readonly FailedCheck[]> {
  const project = gamesProject(checks, planted);
  if (batch !== undefined) {
    project.edit(
      'pipeline.yaml',
      '  partition_column: day',
      `  partition_column: day\n  batch: ${batch}`,
    );
  }
  return checksOf(await project.materialize());
}
