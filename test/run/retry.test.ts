import { describe, expect, test, vi } from 'vitest';
import { unsafeRunId } from '../../engine/ids.ts';
import { WarehouseError } from '../../engine/errors.ts';
import { type RetryContext, withRetry } from '../../engine/run/retry.ts';
import { expectAgreement } from '../support/agreement.ts';
import { leagueProject } from '../support/league.ts';
import { countsOf } from '../support/project.ts';
import { beforeEvery, transientFault } from './warehouse-spy.ts';

/** The delays before each further attempt when every attempt fails. */
async function delaysOf(
  random: number,
  change: Partial<RetryContext['policy']> = {},
  fault = transientFault(),
): Promise<(number | undefined)[]> {
  const delays: (number | undefined)[] = [];
  const policy = { attempts: 4, baseDelaySeconds: 0.01, maxDelaySeconds: 0.03, ...change };
  const signal = new AbortController().signal;
  await withRetry(() => Promise.reject(fault), {
    policy,
    signal,
    random: () => random,
    onFailure: ({ retryInMs }) => void delays.push(retryInMs),
  }).catch(() => undefined);
  return delays;
}

describe('the delay before another attempt', () => {
  test('doubles up to its maximum, and the last failure has none', async () => {
    expect(await delaysOf(1)).toEqual([10, 20, 30, undefined]);
  });

  test('is anywhere between nothing and that: full jitter', async () => {
    expect(await delaysOf(0)).toEqual([0, 0, 0, undefined]);
    expect(await delaysOf(0.5)).toEqual([5, 10, 15, undefined]);
  });

  test('is never less than what the service asked for', async () => {
    expect(await delaysOf(0.1, {}, transientFault(25))).toEqual([25, 25, 25, undefined]);
  });

  test('does not exist with one attempt', async () => {
    expect(await delaysOf(1, { attempts: 1 })).toEqual([undefined]);
  });
});

test.each(['data', 'statement', 'timeout', 'resources', 'unavailable'] as const)(
  'a fault of kind %s is not tried again',
  async (kind) => {
    const work = vi.fn(() => Promise.reject(new WarehouseError('no', { kind, category: 'X' })));
    const context: RetryContext = {
      policy: { attempts: 5, baseDelaySeconds: 0, maxDelaySeconds: 0 },
      signal: new AbortController().signal,
      random: () => 0,
      onFailure: () => undefined,
    };
    await expect(withRetry(work, context)).rejects.toThrow('no');
    expect(work).toHaveBeenCalledTimes(1);
  },
);

test('an abort while waiting for another attempt ends the wait, as an interruption', async () => {
  const controller = new AbortController();
  const work = vi.fn(() => Promise.reject(transientFault()));
  const started = performance.now();
  const run = withRetry(work, {
    policy: { attempts: 5, baseDelaySeconds: 60, maxDelaySeconds: 60 },
    signal: controller.signal,
    random: () => 1,
    onFailure: () => void setTimeout(() => controller.abort(), 5),
  });
  await expect(run).rejects.toMatchObject({ kind: 'interrupted' });
  expect(work).toHaveBeenCalledTimes(1);
  expect(performance.now() - started).toBeLessThan(5000);
});

test('what is not a fault of the warehouse is a bug, and is not tried again', async () => {
  const work = vi.fn(() => Promise.reject(new TypeError('oops')));
  const context: RetryContext = {
    policy: { attempts: 5, baseDelaySeconds: 0, maxDelaySeconds: 0 },
    signal: new AbortController().signal,
    random: () => 0,
    onFailure: () => undefined,
  };
  await expect(withRetry(work, context)).rejects.toThrow(TypeError);
  expect(work).toHaveBeenCalledTimes(1);
});

describe('a run whose warehouse', () => {
  test('fails twice for a moment succeeds, and both failures are recorded as attempts', async () => {
    const project = leagueProject();
    await beforeEvery('stage', (call) => {
      if (call === 2 || call === 3) throw transientFault();
    });
    const outcome = await project.materialize();
    expect(outcome.code).toBe(0);
    const attempts = (await project.reader()).attempts(unsafeRunId(outcome.document.run_id ?? ''));
    expect(attempts).toMatchObject([
      { number: 1, category: 'CONNECTION_ERROR', message: 'the line was busy' },
      { number: 2, category: 'CONNECTION_ERROR', message: 'the line was busy' },
    ]);
    await expectAgreement(project);
  });

  test('fails for a moment while rows are published has them once in the end', async () => {
    const project = leagueProject();
    await beforeEvery('publish', (call) => {
      if (call % 2 === 1) throw transientFault();
    });
    expect((await project.materialize()).code).toBe(0);
    expect(await project.query('SELECT COUNT(*) FROM reports.daily')).toEqual([['8']]);
    await expectAgreement(project);
  });

  test('goes on failing makes the partitions fail with its message, and what needs them wait', async () => {
    const project = leagueProject();
    await beforeEvery('stage', (_, [request]) => {
      if (JSON.stringify(request).includes('"name":"daily"')) throw transientFault();
    });
    const outcome = await project.materialize();
    expect(outcome.code).toBe(1);
    expect(countsOf(outcome, 'daily')).toEqual({ failed: 8 });
    expect(countsOf(outcome, 'best_before')).toEqual({ expected_empty: 1, blocked: 7 });
    const attempts = (await project.reader()).attempts(unsafeRunId(outcome.document.run_id ?? ''));
    expect(attempts).toHaveLength(3);
    await expectAgreement(project);
  });
});
