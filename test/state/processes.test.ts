import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { unsafeRunId } from '../../engine/ids.ts';
import { connect } from '../../state/connection.ts';
import { openStateReader } from '../../state/sqlite.ts';
import { afterwards, BOX, good, LOCAL, recordsOf, recordStep } from './support.ts';
import { RUN, storeWithRun, temporaryPath, temporaryStore } from './support.ts';

const CHILD = fileURLToPath(new URL('./crash-child.ts', import.meta.url));
const CHILD_RUN = unsafeRunId('run-of-child');

/** A process that is inside the transaction of its second step. */
async function childInTransaction(path: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [CHILD, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  afterwards(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

const request = {
  target: LOCAL,
  runId: RUN,
  pid: process.pid,
  host: hostname(),
  command: 'materialize',
  staleMs: 60_000,
};

describe('two connections', () => {
  test('a reader sees the state before a write transaction, and does not wait for it', () => {
    const path = temporaryPath();
    recordStep(storeWithRun(path), [good(1, 5)]);
    const writer = connect(path);
    afterwards(() => writer.close());
    writer.exec('BEGIN IMMEDIATE; DELETE FROM partitions');
    const reader = openStateReader(path);
    expect(reader && recordsOf(reader)).toHaveLength(1);
    // Had it waited for the writer, it would have waited for ever: the transaction ends only below.
    writer.exec('COMMIT');
    expect(reader && recordsOf(reader)).toHaveLength(0);
    reader?.close();
  });

  test('an open reader does not hold up a writer', () => {
    const path = temporaryPath();
    const store = storeWithRun(path);
    recordStep(store, [good(1, 5)]);
    const reader = openStateReader(path);
    reader?.snapshot(LOCAL);
    recordStep(store, [good(2, 5)]);
    expect(reader && recordsOf(reader)).toHaveLength(2);
    reader?.close();
  });
});

describe('another process', () => {
  test('while it is in a transaction, readers see what was recorded before', async () => {
    const path = temporaryPath();
    await childInTransaction(path);
    const reader = openStateReader(path);
    expect(reader?.leaseHolder(LOCAL)).toMatchObject({ runId: CHILD_RUN, command: 'backfill' });
    expect(
      reader
        ?.snapshot(LOCAL)
        .records.get(BOX)
        ?.rows.every((rows) => rows === 1),
    ).toBe(true);
    reader?.close();
  });

  test('killed in the middle of a transaction, it leaves the whole state before it', async () => {
    const path = temporaryPath();
    await kill(await childInTransaction(path));
    const reader = openStateReader(path);
    const records = reader?.snapshot(LOCAL).records.get(BOX);
    expect(records?.days).toHaveLength(500);
    expect(records?.rows.every((rows) => rows === 1)).toBe(true);
    expect(reader?.eventsOfRun(CHILD_RUN)).toHaveLength(500);
    reader?.close();
    const store = temporaryStore(path);
    expect(store.closeCrashedRuns(LOCAL, RUN, 9000)).toEqual([CHILD_RUN]);
    expect(store.steps(CHILD_RUN).map((step) => step.status)).toEqual(['succeeded', 'crashed']);
  });

  test('its lease is taken over as soon as it is dead', async () => {
    const path = temporaryPath();
    await kill(await childInTransaction(path));
    const store = temporaryStore(path);
    expect(store.leaseHolder(LOCAL)?.runId).toBe(CHILD_RUN);
    expect(store.acquireLease({ ...request, now: Date.now() })).toMatchObject({ acquired: true });
    expect(store.leaseHolder(LOCAL)?.runId).toBe(RUN);
  });
});
