import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { unsafeAssetName } from '../../engine/ids.ts';
import type { RunEvent } from '../../engine/events.ts';
import { createProgress, renderBar } from '../../engine/report/progress.ts';
import {
  createReporter,
  type ReportEffects,
  type ReportOptions,
} from '../../engine/report/reporter.ts';
import { paintFor } from '../../engine/report/text.ts';
import { events, FAILED, runResult } from './run-fixture.ts';

const OPTIONS: ReportOptions = {
  file: undefined,
  target: undefined,
  json: false,
  quiet: false,
  logLevel: 'silent',
  color: false,
};

let clock = 0;
beforeEach(() => {
  vi.useFakeTimers();
  clock = 0;
});
afterEach(() => vi.useRealTimers());

function capture(
  changes: Partial<ReportEffects> = {},
): ReportEffects & { out: string[]; err: string[] } {
  const out: string[] = [];
  const err: string[] = [];
  return {
    now: () => clock,
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    isTerminal: false,
    width: 100,
    ...changes,
    out,
    err,
  };
}

function play(options: Partial<ReportOptions>, effects: ReportEffects): void {
  const reporter = createReporter({ ...OPTIONS, ...options }, effects);
  for (const event of events()) reporter.listener(event);
  reporter.finish(FAILED);
}

test('without a terminal there is a line per finished step and per thing worth knowing', () => {
  const effects = capture();
  play({}, effects);
  expect(effects.err.join('')).toBe(
    '8 partitions of 1 asset to materialize in 1 step\n' +
      'attempt failed box: WAREHOUSE_LOCKED: locked; again in 1.5 s\n' +
      'box 2024-01-02..2024-01-05: 3 materialized and 1 failed, 120 rows in 2.0 s\n' +
      'warning: the disk is nearly full\n',
  );
  expect(effects.out.join('')).toContain('Retry what failed: fastbreak materialize box+');
});

test('with --json there is one document on stdout and nothing else', () => {
  const effects = capture();
  play({ json: true }, effects);
  expect(effects.out).toHaveLength(1);
  expect(JSON.parse(effects.out[0] ?? '')).toMatchObject({ status: 'failed' });
});

test('with --quiet there are only the failures and the result', () => {
  const effects = capture({ isTerminal: true });
  play({ quiet: true }, effects);
  expect(effects.err).toEqual([]);
  expect(effects.out.join('')).toMatch(/^failed box/);
});

test('with a log level every event is a JSON line, days as dates, and there is no progress', () => {
  const effects = capture();
  play({ logLevel: 'info' }, effects);
  const lines = effects.err.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map((line) => `${String(line['level'])} ${String(line['msg'])}`)).toEqual([
    'info run-started',
    'info planned',
    'warn attempt-failed',
    'error partition-failed',
    'info step-finished',
    'warn warning',
    'info run-finished',
  ]);
  expect(lines[3]).toEqual({
    level: 'error',
    time: '1970-01-01T00:00:00.000Z',
    asset: 'box',
    day: '2024-01-02',
    category: 'EMPTY_RESULT',
    message: 'no rows',
    msg: 'partition-failed',
  });
});

test('on a terminal log lines are for people', () => {
  const effects = capture({ isTerminal: true });
  play({ logLevel: 'warn' }, effects);
  expect(effects.err[0]).toBe(
    '00:00:00 warn  attempt-failed stepId=1 asset=box attempt=1 category=WAREHOUSE_LOCKED message=locked retryInMs=1500\n',
  );
});

test('the bar shows what is done, how fast, how long it will take, and what is being made', () => {
  const state = { done: 420, total: 1400, seconds: 10, current: 'box 2024-01-01..2024-01-31' };
  expect(renderBar(state, 120, paintFor(false))).toBe(
    '━━━━━━━───────────────── 420/1,400  30%  42 partitions/s  ETA 23 s  box 2024-01-01..2024-01-31',
  );
  expect(renderBar(state, 50, paintFor(false))).toHaveLength(49);
  expect(renderBar({ ...state, done: 0 }, 120, paintFor(false))).not.toContain('ETA');
});

function liveBar(): { writes: string[]; progress: ReturnType<typeof createProgress> } {
  const writes: string[] = [];
  const progress = createProgress({
    write: (text) => void writes.push(text),
    now: () => clock,
    isTerminal: true,
    width: 100,
    paint: paintFor(false),
  });
  return { writes, progress };
}

test('the bar is drawn at most ten times a second', () => {
  const { writes, progress } = liveBar();
  const [, planned, started] = events();
  if (!planned || !started) throw new Error('no events');
  progress.listener(planned);
  for (clock = 1; clock <= 1000; clock++) progress.listener(started);
  expect(writes.length).toBeGreaterThan(5);
  expect(writes.length).toBeLessThanOrEqual(11);
  progress.stop();
});

test('the bar names all that is being made, and what is over no more', () => {
  const { writes, progress } = liveBar();
  const [, planned, started] = events();
  const finished = events().find((event) => event.type === 'step-finished');
  if (!planned || started?.type !== 'step-started' || !finished) throw new Error('no events');
  progress.listener(planned);
  progress.listener(started);
  progress.listener({ ...started, stepId: started.stepId + 1, asset: unsafeAssetName('other') });
  clock += 1000;
  vi.advanceTimersByTime(1000);
  expect(writes.at(-1)).toMatch(/0\/8 .* box 2024\S+, other 2024\S+$/);
  progress.listener(finished);
  clock += 1000;
  vi.advanceTimersByTime(1000);
  expect(writes.at(-1)).toMatch(/4\/8 .*  other 2024\S+$/);
  progress.stop();
});

test('the bar moves on during a long step, and is gone in the end', () => {
  const { writes, progress } = liveBar();
  for (const event of events().slice(0, 3)) progress.listener(event);
  const before = writes.length;
  for (let tick = 0; tick < 5; tick++) {
    clock += 100;
    vi.advanceTimersByTime(100);
  }
  expect(writes.length).toBe(before + 5);
  progress.listener({ type: 'run-finished', result: runResult() });
  expect(writes.at(-1)).toBe('\r\u001b[2K');
  clock += 1000;
  vi.advanceTimersByTime(1000);
  expect(writes.at(-1)).toBe('\r\u001b[2K');
});

test('a line worth knowing takes the bar away first', () => {
  const { writes, progress } = liveBar();
  for (const event of events().slice(0, 4)) progress.listener(event);
  expect(writes.slice(-2)).toEqual([
    '\r\u001b[2K',
    'attempt failed box: WAREHOUSE_LOCKED: locked; again in 1.5 s\n',
  ]);
  progress.stop();
});

/** How far the step of the fixture is. */
function progressAt(done: number): RunEvent {
  const started = events().find((event) => event.type === 'step-started');
  if (started?.type !== 'step-started') throw new Error('no events');
  const { stepId, asset, firstDay } = started;
  const span = { firstDay, lastDay: firstDay };
  return { type: 'step-progress', stepId, asset, ...span, done, total: 4000, what: 'trees' };
}

test('the bar says how far a module is, until its step is over', () => {
  const { writes, progress } = liveBar();
  const [, planned, started] = events();
  const finished = events().find((event) => event.type === 'step-finished');
  if (!planned || !started || !finished) throw new Error('no events');
  for (const event of [planned, started, progressAt(1200)]) progress.listener(event);
  clock += 1000;
  vi.advanceTimersByTime(1000);
  expect(writes.at(-1)).toMatch(/0\/8 .*  box 2024-\S+: 1,200 of 4,000 trees$/);
  progress.listener(finished);
  clock += 1000;
  vi.advanceTimersByTime(1000);
  expect(writes.at(-1)).not.toContain('trees');
  progress.stop();
});

test('without a terminal a module that takes long gets a line every ten seconds', () => {
  const writes: string[] = [];
  const write = (text: string): void => void writes.push(text);
  const plain = { isTerminal: false, width: 100, paint: paintFor(false) };
  const { listener } = createProgress({ write, now: () => clock, ...plain });
  for (let second = 0; second <= 25; second++) {
    listener(progressAt(second));
    clock += 1000;
  }
  expect(writes.map((line) => line.replace(/^box \S+/, ''))).toEqual([
    ' 10 of 4,000 trees\n',
    ' 20 of 4,000 trees\n',
  ]);
});

test('the log has how far a module is, for who wants to know it all', () => {
  const logged = (logLevel: string): readonly string[] => {
    const effects = capture();
    const options = { ...OPTIONS, logLevel };
    createReporter(options, effects).listener(progressAt(7));
    return effects.err;
  };
  expect(logged('info')).toEqual([]);
  const [line = ''] = logged('debug');
  expect(JSON.parse(line)).toMatchObject({
    msg: 'step-progress',
    asset: 'box',
    done: 7,
    total: 4000,
    what: 'trees',
  });
});
