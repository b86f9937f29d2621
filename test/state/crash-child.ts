/** Run by the crash tests: records one step, takes the lease, then stops for ever in the middle of the next step. */
import { writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { openStateStore } from '../../state/sqlite.ts';
import { unsafeAssetName, unsafeCodeVersion, unsafeRunId } from '../../engine/ids.ts';
import type { PartitionOutcome } from '../../state/store.ts';

const store = openStateStore(process.argv[2] ?? '');
const runId = unsafeRunId('run-of-child');
const asset = unsafeAssetName('player_box');
const zero = { hi: 0, lo: 0 };

function outcomes(rows: number): PartitionOutcome[] {
  return Array.from({ length: 500 }, (_, day) => {
    const hashes = { data: { hi: 1, lo: rows }, input: zero, inputs: new Uint8Array(8) };
    return { type: 'materialized', day, rows, ...hashes };
  });
}

function endStep(list: readonly PartitionOutcome[]): void {
  const days = { firstDay: 0, lastDay: 499, partitions: 500 };
  const stepId = store.startStep({ runId, asset, ...days, startedAt: 1 });
  const counts = { materialized: 500, unchanged: 0, expectedEmpty: 0, failed: 0, blocked: 0 };
  const summary = { ...counts, skipped: 0, statements: 1 };
  const codeVersion = unsafeCodeVersion('c1');
  const end = { stepId, asset, codeVersion, status: 'succeeded', endedAt: 2 } as const;
  store.endStep({ ...end, summary, outcomes: list, checks: [] });
}

const who = { target: 'local', runId, pid: process.pid, host: hostname(), command: 'backfill' };
store.acquireLease({ ...who, now: Date.now(), staleMs: 60_000 });
store.startRun({ id: runId, target: 'local', command: 'backfill', startedAt: 1 });
endStep(outcomes(1));

const unfinished = outcomes(2);
Object.defineProperty(unfinished[400], 'rows', {
  get: () => {
    writeSync(1, 'in the middle\n');
    return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});
endStep(unfinished);
