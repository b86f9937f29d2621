import type { CheckFinding } from '../checks/evaluate.ts';
import type { StopAfter } from '../config/pipeline.ts';
import type { AssetName } from '../ids.ts';
import type { Day } from '../partitions/date.ts';
import type { PartitionOutcome } from '../../state/store.ts';

export interface StopLimits extends StopAfter {
  /** Stop at the first partition that fails or is blocked, and at the first check of severity `error` that fails. */
  readonly failFast: boolean;
}

/** Says when a run is to begin nothing new although nobody interrupted it: too much has failed to go on. */
export class StopRule {
  readonly #limits: StopLimits;
  #failures = 0;
  #timeouts = 0;
  #reason: string | undefined;

  constructor(limits: StopLimits) {
    this.#limits = limits;
  }

  /** Why nothing new is to begin; undefined while the run is to go on. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Takes note of a step that has ended, in the order in which steps end. */
  stepEnded(
    asset: AssetName,
    {
      outcomes,
      findings,
    }: {
      readonly outcomes: readonly PartitionOutcome[];
      readonly findings: readonly CheckFinding[];
    },
  ): void {
    const failed = outcomes.filter((outcome) => outcome.type === 'failed');
    const isBlocked = outcomes.some(({ type }) => type === 'blocked');
    if (failed.length > 0 || isBlocked) this.#failFast('a partition failed');
    const days = daysOfFailedChecks(findings);
    for (const { day } of failed) days.delete(day);
    if (days.size > 0) this.#failFast('a check failed');
    const isOver = outcomes.some(({ type }) => type !== 'failed' && type !== 'blocked');
    // What is only blocked says nothing about how long statements take.
    if (isOver || failed.length > 0) {
      this.#countTimeout(asset, !isOver && failed.every(({ category }) => category === 'TIMEOUT'));
    }
    this.#countFailures(failed.length + days.size);
  }

  /** Takes note of an asset that failed as a whole. */
  assetFailed(asset: AssetName, category: string): void {
    this.#failFast('a partition failed');
    this.#countTimeout(asset, category === 'TIMEOUT');
    this.#countFailures(1);
  }

  #failFast(what: string): void {
    if (this.#limits.failFast) this.#stop(`${what} and the run was to fail fast`);
  }

  #countFailures(count: number): void {
    this.#failures += count;
    const { failures } = this.#limits;
    if (failures === undefined || this.#failures < failures) return;
    this.#stop(`${this.#failures} partition(s) failed, and stop_after: has failures: ${failures}`);
  }

  #countTimeout(asset: AssetName, isTimeout: boolean): void {
    this.#timeouts = isTimeout ? this.#timeouts + 1 : 0;
    const { timeoutsInARow } = this.#limits;
    if (timeoutsInARow === undefined || this.#timeouts < timeoutsInARow) return;
    this.#stop(
      `${this.#timeouts} step(s) in a row, the last one of ${asset}, ran longer than their timeout, and stop_after: has timeouts_in_a_row: ${timeoutsInARow}`,
    );
  }

  #stop(why: string): void {
    this.#reason ??= `${why}: what it did not get to was skipped`;
  }
}

/** The partitions whose rows a check of severity `error` found wanting. */
function daysOfFailedChecks(findings: readonly CheckFinding[]): Set<Day> {
  return new Set(findings.flatMap(({ severity, day }) => (severity === 'error' ? [day] : [])));
}
