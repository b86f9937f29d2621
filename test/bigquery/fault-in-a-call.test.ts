import { expect, test } from 'vitest';
import type { BigQueryServer } from '../cloud/bigquery/server.ts';
import type { Fault } from '../cloud/http/faults.ts';
import { seededRandom } from '../support/seeded.ts';
import {
  ageLease,
  contentOf,
  expectClearFailure,
  expectFreeLease,
  expectNothingStaged,
  startAnew,
  untilIdle,
  type Content,
} from './broken-runs.ts';
import { cloudFor, type Machine, machineWith } from './cloud.ts';
import { smallPipeline } from './small-pipeline.ts';

/** FAULTS_EVERY_CALL=1 fails every call with every fault, each in a run of its own. */
const IS_LONG = process.env['FAULTS_EVERY_CALL'] === '1';
/** Calls that fail in one run, each once and far from each other. */
const TOGETHER = IS_LONG ? 1 : 4;
/** Runs per fault, where not every call is failed. */
const SAMPLED_RUNS = 2;

interface Undisturbed {
  readonly server: BigQueryServer;
  readonly machine: Machine;
  readonly content: Content;
  readonly calls: number;
}

/** One step after the other, so that the n-th call is the same in every run. */
async function undisturbed(): Promise<Undisturbed> {
  const server = await cloudFor();
  const machine = machineWith(smallPipeline({ prod: 'max_parallel: 1', isLean: true }));
  const first = await machine.run('materialize');
  expect(first, first.err).toMatchObject({ code: 0 });
  const calls = server.calls.length;
  return { server, machine, content: await contentOf(server), calls };
}

/** A second run, with nothing in its way, finds all done and the record right. */
async function expectDone({ server, machine, content }: Undisturbed, title: string): Promise<void> {
  expect(await contentOf(server), title).toEqual(content);
  const before = server.calls.length;
  const again = await machine.run('materialize');
  expect(again, `${title}: ${again.err}`).toMatchObject({ code: 0 });
  const jobs = server.calls.slice(before).filter(({ statement }) => statement !== undefined);
  const staged = jobs.filter(({ statement = '' }) => statement.includes('CREATE OR REPLACE TABLE'));
  expect(staged, title).toEqual([]);
  const status = await machine.json<{ readonly assets: readonly Record<string, unknown>[] }>(
    'status',
  );
  expect(JSON.stringify(status), title).not.toMatch(/"(missing|stale|failed|blocked)": ?[1-9]/);
  await expectNothingStaged(server);
}

/** The numbers of the calls to fail, by run: all of them, or a sample that is the same in every run of the tests. */
function runsOf(calls: number, isSampled: boolean): readonly (readonly number[])[] {
  const apart = Math.ceil(calls / TOGETHER);
  const all = Array.from({ length: apart }, (_, run) =>
    Array.from({ length: TOGETHER }, (__, k) => run + 1 + k * apart).filter((n) => n <= calls),
  );
  if (!isSampled || IS_LONG) return all;
  const random = seededRandom(7);
  return all.filter(() => random() < SAMPLED_RUNS / all.length).concat(all.slice(0, 1));
}

const PASSING: readonly (readonly [string, Fault, boolean])[] = [
  ['503', { status: 503, reason: 'backendError' }, false],
  ['429 with Retry-After', { status: 429, reason: 'rateLimitExceeded', retryAfter: 0.05 }, true],
  ['a connection dropped before', 'drop before', true],
  ['a connection dropped after', 'drop after', true],
  ['a page of HTML', 'html', true],
];

test.each(PASSING)(
  'any call that fails once with %s leaves no trace',
  async (name, fault, isSampled) => {
    const run = await undisturbed();
    const { server, machine, calls } = run;
    const runs = runsOf(calls, isSampled);
    let failed = 0;
    for (const numbers of runs) {
      await startAnew(server, machine);
      const before = server.calls.length;
      // Every call that is tried again moves those after it by one.
      const injected = numbers.map((n, k) => server.faults.failCall(n + k, fault));
      const outcome = await machine.run('materialize');
      const struck = injected.flatMap((each) => each.calls);
      const title = `${name}: ${struck.map(({ method, path, statement = '' }) => `${method} ${path} ${statement.slice(0, 60)}`).join(' | ')}`;
      expect(outcome, `${title}\n${outcome.err}`).toMatchObject({ code: 0 });
      // The last calls may be missing where a job was waited for with fewer questions.
      expect(struck.length, title).toBeGreaterThanOrEqual(
        numbers.length - (numbers.includes(calls) ? 1 : 0),
      );
      failed += struck.length;
      // Each was tried again once, not all over.
      expect(server.calls.length - before, title).toBeLessThanOrEqual(calls + 8 * numbers.length);
      await expectFreeLease(server);
      await expectDone(run, title);
    }
    console.log(
      `${name}: ${failed} of ${calls} calls failed once in ${runs.length} runs, each run ended right`,
    );
  },
  IS_LONG ? 1_800_000 : 300_000,
);

/** Each in a run of its own, since the run ends with it. */
function refusedCalls(calls: number): readonly number[] {
  const all = Array.from({ length: calls }, (_, index) => index + 1);
  const random = seededRandom(3);
  return IS_LONG ? all : all.filter(() => random() < 8 / calls);
}

test(
  'any one call that is refused for good ends the run with one clear message, and the next run right',
  async () => {
    const run = await undisturbed();
    const { server, machine, calls } = run;
    const tried = refusedCalls(calls);
    for (const n of tried) {
      await startAnew(server, machine);
      const message = 'Access Denied: Project loopback: User does not have permission';
      const injected = server.faults.failCall(n, { status: 403, reason: 'accessDenied', message });
      const outcome = await machine.run('materialize');
      const call = injected.calls[0];
      const title = `call ${n} of ${calls}: ${call?.method} ${call?.path} ${call?.statement?.slice(0, 60) ?? ''}`;
      expect(injected.fired, title).toBe(1);
      // What is only tidied up may be left to BigQuery: it ends by itself.
      if (outcome.code !== 0) {
        expectClearFailure(outcome);
        expect(`${outcome.out}${outcome.err}`, title).toContain(message);
      } else expect(title).toMatch(/: DELETE |release|_lease/);
      await untilIdle(server);
      await ageLease(server);
      const next = await machine.run('materialize');
      expect(next, `${title}\n${next.err}`).toMatchObject({ code: 0 });
      await expectFreeLease(server);
      await expectDone(run, title);
    }
    console.log(`403: ${tried.length} of ${calls} calls refused, each next run ended right`);
  },
  IS_LONG ? 900_000 : 300_000,
);
