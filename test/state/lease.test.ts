import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { unsafeRunId } from '../../engine/ids.ts';
import { LOCAL, RUN, temporaryPath, temporaryStore } from './support.ts';

const OTHER = unsafeRunId('run-2');
const MINE = {
  target: LOCAL,
  runId: RUN,
  pid: process.pid,
  host: 'here',
  command: 'materialize',
  now: 100_000,
  staleMs: 10_000,
};
const THEIRS = { ...MINE, runId: OTHER, command: 'backfill' };

function endedPid(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

test('a free target is taken, and everybody can see by whom', () => {
  const store = temporaryStore();
  expect(store.leaseHolder(LOCAL)).toBeUndefined();
  expect(store.acquireLease(MINE)).toEqual({ acquired: true });
  expect(store.leaseHolder(LOCAL)).toEqual({
    runId: RUN,
    pid: process.pid,
    host: 'here',
    command: 'materialize',
    acquiredAt: 100_000,
    heartbeatAt: 100_000,
  });
});

test('a second connection is refused and told who holds it', () => {
  const path = temporaryPath();
  temporaryStore(path).acquireLease(MINE);
  const answer = temporaryStore(path).acquireLease({ ...THEIRS, now: 105_000 });
  expect(answer).toMatchObject({
    acquired: false,
    holder: { runId: RUN, command: 'materialize', acquiredAt: 100_000 },
  });
});

test('another target is free', () => {
  const store = temporaryStore();
  store.acquireLease(MINE);
  expect(store.acquireLease({ ...THEIRS, target: 'prod' }).acquired).toBe(true);
});

test('the holder may take it again', () => {
  const store = temporaryStore();
  store.acquireLease(MINE);
  expect(store.acquireLease({ ...MINE, now: 101_000 }).acquired).toBe(true);
});

test('heartbeats keep it', () => {
  const store = temporaryStore();
  store.acquireLease(MINE);
  expect(store.heartbeat(LOCAL, RUN, 109_000)).toBe(true);
  expect(store.acquireLease({ ...THEIRS, now: 118_000 }).acquired).toBe(false);
});

test('without a heartbeat for long enough it is taken over, and the one who lost it learns so', () => {
  const store = temporaryStore();
  store.acquireLease({ ...MINE, host: 'elsewhere' });
  expect(store.acquireLease({ ...THEIRS, now: 110_000 }).acquired).toBe(false);
  expect(store.acquireLease({ ...THEIRS, now: 110_001 }).acquired).toBe(true);
  expect(store.heartbeat(LOCAL, RUN, 111_000)).toBe(false);
  expect(store.heartbeat(LOCAL, OTHER, 111_000)).toBe(true);
});

test('a released lease is free, and only its holder can release it', () => {
  const store = temporaryStore();
  store.acquireLease(MINE);
  store.releaseLease(LOCAL, OTHER);
  expect(store.leaseHolder(LOCAL)?.runId).toBe(RUN);
  store.releaseLease(LOCAL, RUN);
  expect(store.leaseHolder(LOCAL)).toBeUndefined();
  expect(store.acquireLease(THEIRS).acquired).toBe(true);
});

test('on the same host a holder whose process has ended is replaced at once', () => {
  const store = temporaryStore();
  store.acquireLease({ ...MINE, pid: endedPid() });
  expect(store.acquireLease(THEIRS).acquired).toBe(true);
});

test('a process id of another host says nothing', () => {
  const store = temporaryStore();
  store.acquireLease({ ...MINE, pid: endedPid(), host: 'elsewhere' });
  expect(store.acquireLease(THEIRS).acquired).toBe(false);
});

test('a heartbeat from the future expires like any other once it was seen', () => {
  const store = temporaryStore();
  const farAhead = { ...MINE, host: 'elsewhere', now: 900_000_000 };
  store.acquireLease(farAhead);
  expect(store.acquireLease({ ...THEIRS, now: 100_000 }).acquired).toBe(false);
  expect(store.acquireLease({ ...THEIRS, now: 110_001 }).acquired).toBe(true);
});

test('a live holder whose clock is ahead is never replaced', () => {
  const store = temporaryStore();
  store.acquireLease({ ...MINE, host: 'elsewhere', now: 900_000_000 });
  for (let now = 100_000; now < 200_000; now += 9000) {
    expect(store.acquireLease({ ...THEIRS, now }).acquired).toBe(false);
    expect(store.heartbeat(LOCAL, RUN, 900_000_000 + now)).toBe(true);
  }
});
