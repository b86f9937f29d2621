import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { unsafeAssetName, unsafeCodeVersion, unsafeRunId } from '../../engine/ids.ts';
import { isPipelineError, type PipelineError } from '../../engine/errors.ts';
import { openStateStore } from '../../state/sqlite.ts';
import type {
  CheckResult,
  Hash64,
  PartitionOutcome,
  StateStore,
  StepStatus,
  StepSummary,
} from '../../state/store.ts';

export const LOCAL = 'local';
export const BOX = unsafeAssetName('player_box');
export const SHOTS = unsafeAssetName('shots');
export const RUN = unsafeRunId('run-1');
export const CODE = unsafeCodeVersion('c0de000000000001');

export const NO_SUMMARY: StepSummary = {
  materialized: 0,
  unchanged: 0,
  expectedEmpty: 0,
  failed: 0,
  blocked: 0,
  skipped: 0,
  statements: 0,
};

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** Runs something after the test, the newest first. */
export function afterwards(cleanup: () => void): void {
  cleanups.push(cleanup);
}

/** A folder of its own for a test; removed afterwards. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fastbreak-test-'));
  afterwards(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A path for a state file in a folder of its own. */
export function temporaryPath(): string {
  return join(temporaryFolder(), 'state.sqlite');
}

/** An open store; closed afterwards. */
export function temporaryStore(path: string = temporaryPath()): StateStore {
  const store = openStateStore(path);
  afterwards(() => store.close());
  return store;
}

/** A store with one run under way. */
export function storeWithRun(path: string = temporaryPath()): StateStore {
  const store = temporaryStore(path);
  store.startRun({ id: RUN, target: LOCAL, command: 'materialize', startedAt: 1000 });
  return store;
}

export interface StepOptions {
  readonly asset: typeof BOX;
  readonly runId: typeof RUN;
  readonly codeVersion: typeof CODE;
  readonly status: StepStatus;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly partitions: number;
  readonly summary: StepSummary;
  readonly checks: readonly Omit<CheckResult, 'stepId'>[];
}

/** Starts a step for an asset and ends it with outcomes; returns the sequence numbers. */
export function recordStep(
  store: StateStore,
  outcomes: readonly PartitionOutcome[],
  options: Partial<StepOptions> = {},
): readonly number[] {
  const step: StepOptions = {
    asset: BOX,
    runId: RUN,
    codeVersion: CODE,
    status: 'succeeded',
    startedAt: 1000,
    endedAt: 2000,
    partitions: outcomes.length,
    summary: NO_SUMMARY,
    checks: [],
    ...options,
  };
  const days = { firstDay: outcomes[0]?.day ?? 0, lastDay: outcomes.at(-1)?.day ?? 0 };
  const stepId = store.startStep({ ...step, ...days });
  const checks = step.checks.map((check) => ({ ...check, stepId }));
  return store.endStep({ ...step, stepId, outcomes, checks });
}

/** A hash that differs for different numbers, with both halves above 31 bits. */
export function hash(number: number): Hash64 {
  return { hi: 0xffff_0000 + number, lo: 0xf000_0000 + number };
}

/** The outcome of a partition whose content is told by one number. */
export function good(
  day: number,
  content: number,
  options: { readonly type?: 'materialized' | 'unchanged'; readonly input?: number } = {},
): PartitionOutcome {
  const { type = 'materialized', input = 1 } = options;
  const inputs = Uint8Array.of(input, 2, 3, 4, 5, 6, 7, 8);
  return { type, day, rows: 100 + content, data: hash(content), input: hash(input), inputs };
}

export function empty(day: number, reason = 'first 14 days of a season'): PartitionOutcome {
  return { type: 'expected_empty', day, reason, input: hash(9), inputs: Uint8Array.of(9) };
}

export function failed(day: number, category = 'EMPTY_RESULT'): PartitionOutcome {
  return { type: 'failed', day, category, message: `${category} on ${day}` };
}

export function blocked(day: number): PartitionOutcome {
  const upstreamDay = day - 1;
  return { type: 'blocked', day, upstream: SHOTS, upstreamDay, message: `shots ${upstreamDay}` };
}

/** What is recorded of an asset, one plain object per partition. */
export function recordsOf(store: Pick<StateStore, 'snapshot'>, asset = BOX, target = LOCAL) {
  const snapshot = store.snapshot(target);
  const records = snapshot.records.get(asset);
  return Array.from(records?.days ?? [], (day, i) => ({
    day,
    content: records?.content[i],
    attempt: records?.attempt[i],
    rows: records?.rows[i],
    data: { hi: records?.dataHi[i], lo: records?.dataLo[i] },
    input: { hi: records?.inputHi[i], lo: records?.inputLo[i] },
    code: snapshot.codeVersions[records?.code[i] ?? -1],
    sequence: records?.sequence[i],
  }));
}

/** The error that something must end with. */
export function pipelineErrorOf(work: () => unknown): PipelineError {
  try {
    work();
  } catch (error) {
    if (isPipelineError(error)) return error;
    throw error;
  }
  throw new Error('Expected a PipelineError, nothing was thrown');
}

/** Does something without the right to write everywhere, which tests run as root have. */
export function asOrdinaryUser<T>(ownFolder: string, work: () => T): T {
  if (process.getuid?.() !== 0) return work();
  const nobody = 65534;
  chownSync(ownFolder, nobody, nobody);
  process.seteuid?.(nobody);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}
