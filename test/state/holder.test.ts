import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isAtWork } from '../../state/holder.ts';
import type { LeaseHolder } from '../../state/store.ts';
import { RUN } from './support.ts';

/** A time at which this process was running already. */
const NOW = Date.now();
const HERE = { now: NOW, host: 'here', staleMs: 30_000 };
const MINE: LeaseHolder = {
  runId: RUN,
  pid: process.pid,
  host: 'here',
  command: 'materialize',
  acquiredAt: NOW,
  heartbeatAt: NOW,
};

function endedPid(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

test('a holder whose process is there and that beats is at work', () => {
  expect(isAtWork(MINE, HERE)).toBe(true);
  expect(isAtWork({ ...MINE, heartbeatAt: NOW - 29_000 }, HERE)).toBe(true);
});

test('a holder that was silent for too long is not, wherever it is', () => {
  const silent = { ...MINE, heartbeatAt: NOW - 30_001 };
  expect(isAtWork(silent, HERE)).toBe(false);
  expect(isAtWork({ ...silent, host: 'elsewhere' }, HERE)).toBe(false);
});

test('a holder of this host is not when its process is gone; of another host that says nothing', () => {
  const pid = endedPid();
  expect(isAtWork({ ...MINE, pid }, HERE)).toBe(false);
  expect(isAtWork({ ...MINE, pid, host: 'elsewhere' }, HERE)).toBe(true);
});

test('a heartbeat from the future, of a clock that was set back since, is as good as any', () => {
  expect(isAtWork({ ...MINE, heartbeatAt: NOW + 3_600_000 }, HERE)).toBe(true);
  expect(isAtWork({ ...MINE, pid: endedPid(), heartbeatAt: NOW + 3_600_000 }, HERE)).toBe(false);
});

describe.runIf(existsSync('/proc/self/stat'))('where the system tells more of processes', () => {
  const before = NOW - 3_600_000 * 24 * 365;

  test('another process that was given the number of a dead holder does not stand in for it', () => {
    const reused = { ...MINE, acquiredAt: before, heartbeatAt: NOW - 10_001 };
    expect(isAtWork(reused, HERE)).toBe(false);
    // It beats: then its clock was set, and it is the process that took the lease.
    expect(isAtWork({ ...reused, heartbeatAt: NOW - 10_000 }, HERE)).toBe(true);
  });

  test('a silent process that was there when the lease was taken may be at work', () => {
    expect(isAtWork({ ...MINE, heartbeatAt: NOW - 20_000 }, HERE)).toBe(true);
  });

  test('a process that has ended, and that its parent did not ask for yet, is not at work', async () => {
    // The shell starts a process, becomes another program, and never asks how its child ended.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [text] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(text.toString());
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /);
    expect(isAtWork({ ...MINE, pid }, HERE)).toBe(false);
  });
});
