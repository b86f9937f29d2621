import { expect, test } from 'vitest';
import type { BigQueryServer } from '../cloud/bigquery/server.ts';
import { Rig } from '../support/rig.ts';
import {
  ageLease,
  clientOf,
  contentOf,
  expectFreeLease,
  expectNothingStaged,
} from './broken-runs.ts';
import { CallCount } from './calls.ts';
import { cloudFor, type Machine, machineWith, serverRows } from './cloud.ts';
import { smallPipeline } from './small-pipeline.ts';

const STAGE = { statement: /CREATE OR REPLACE TABLE `reports`.`_staging__daily/ };
const PUBLISH = { statement: /INSERT INTO `reports`.`daily`/ };

/** How the jobs of a purpose ended, as the service says. */
async function endsOf(
  server: BigQueryServer,
  purpose: string,
): Promise<readonly (string | undefined)[]> {
  const [jobs] = await clientOf(server).getJobs({ allUsers: true });
  const wanted = jobs.filter(({ id = '' }) => id.includes(`_${purpose}_`));
  return wanted.map(({ metadata }) => {
    const { status } = metadata as {
      readonly status: {
        readonly state: string;
        readonly errorResult?: { readonly reason: string };
      };
    };
    return status.errorResult?.reason ?? status.state;
  });
}

/** The next run finds record and warehouse in agreement, or makes them so, and makes what is missing. */
async function expectAgreement(server: BigQueryServer, machine: Machine): Promise<CallCount> {
  await expectFreeLease(server);
  const count = new CallCount(server);
  const next = await machine.run('materialize');
  expect(next, next.err).toMatchObject({ code: 0 });
  const { claimed, rows } = await contentOf(server);
  expect(claimed).toHaveLength(18);
  expect(rows['reports.daily']).toHaveLength(4);
  expect(JSON.stringify(await machine.json('status'))).not.toMatch(
    /"(missing|stale|failed|blocked)":[1-9]/,
  );
  await expectNothingStaged(server);
  return count;
}

test('a statement over its timeout is cancelled at the service, and the partitions say TIMEOUT', async () => {
  const server = await cloudFor();
  const machine = machineWith(smallPipeline());
  machine.project.edit(
    'pipeline.yaml',
    'description: One row per date.',
    'description: One row per date.\n    timeout: 1s',
  );
  const hold = server.faults.holdJobs({ match: STAGE });
  const outcome = await machine.run('materialize --json');
  expect(outcome.code).toBe(1);
  const { failures } = JSON.parse(outcome.out) as {
    readonly failures: readonly {
      readonly asset: string;
      readonly category: string;
      readonly message: string;
    }[];
  };
  const own = failures.filter(({ asset }) => asset === 'daily');
  expect(own.map(({ category }) => category)).toEqual(['TIMEOUT', 'TIMEOUT', 'TIMEOUT', 'TIMEOUT']);
  expect(own[0]?.message).toContain('timeout of 1 s');
  expect(await endsOf(server, 'stage_daily')).toEqual(['stopped']);
  expect(hold.jobIds).toHaveLength(1);
  hold.release();
  await expectAgreement(server, machine);
});

/** Runs until a job is held, says Ctrl-C, and returns how the run ended. */
async function interruptedAt(
  machine: Machine,
  hold: { readonly jobIds: readonly string[] },
  { before, after }: { readonly before?: () => Promise<void>; readonly after?: () => void } = {},
): Promise<void> {
  const controller = new AbortController();
  const running = machine.run('materialize', { signal: controller.signal });
  await expect.poll(() => hold.jobIds.length, { timeout: 30_000 }).toBe(1);
  await before?.();
  controller.abort();
  after?.();
  const outcome = await running;
  expect(outcome, outcome.err).toMatchObject({ code: 130 });
}

test('Ctrl-C during a stage cancels its job', async () => {
  const server = await cloudFor();
  const machine = machineWith(smallPipeline());
  await interruptedAt(machine, server.faults.holdJobs({ match: STAGE }));
  expect(await endsOf(server, 'stage_daily')).toEqual(['stopped']);
  server.faults.clear();
  await expectAgreement(server, machine);
});

test('Ctrl-C during a publish cancels it, and nothing of it is there', async () => {
  const server = await cloudFor();
  const machine = machineWith(smallPipeline());
  await interruptedAt(machine, server.faults.holdJobs({ match: PUBLISH }));
  expect(await endsOf(server, 'publish_daily')).toEqual(['stopped']);
  expect(await serverRows(server, 'SELECT COUNT(*) FROM reports.daily')).toEqual([['0']]);
  server.faults.clear();
  await expectAgreement(server, machine);
});

test('Ctrl-C after a publish was done, which then counts as cancelled, is found by the next run', async () => {
  const server = await cloudFor();
  const machine = machineWith(smallPipeline());
  const published = async (): Promise<void> => {
    const rows = (): Promise<unknown> => serverRows(server, 'SELECT COUNT(*) FROM reports.daily');
    await expect.poll(rows, { timeout: 30_000 }).toEqual([['4']]);
  };
  const hold = server.faults.holdJobs({ match: PUBLISH, acts: 'after' });
  await interruptedAt(machine, hold, { before: published });
  expect(await endsOf(server, 'publish_daily')).toEqual(['stopped']);
  server.faults.clear();
  const count = await expectAgreement(server, machine);
  expect(count.jobs.filter(({ jobId = '' }) => jobId.includes('_stage_daily_'))).toEqual([]);
});

test('Ctrl-C too late to cancel a publish records it', async () => {
  const server = await cloudFor();
  const machine = machineWith(smallPipeline());
  const hold = server.faults.holdJobs({ match: PUBLISH });
  server.faults.failNext({ match: { path: /\/cancel$/ }, with: { slowMs: 400 } });
  await interruptedAt(machine, hold, { after: () => hold.release() });
  expect(await endsOf(server, 'publish_daily')).toEqual(['DONE']);
  expect(await machine.json('status daily')).toMatchObject({ assets: [{ name: 'daily' }] });
  const count = await expectAgreement(server, machine);
  expect(count.jobs.filter(({ jobId = '' }) => jobId.includes('_stage_daily_'))).toEqual([]);
  // The record was right by itself.
  expect(count.byPurpose()).not.toHaveProperty('ledger');
});

test('Ctrl-C while a publish is being sent waits for its answer, and cancels it', async () => {
  const server = await cloudFor();
  const machine = machineWith(smallPipeline());
  const controller = new AbortController();
  const slow = server.faults.failNext({ match: PUBLISH, with: { slowMs: 500 } });
  const running = machine.run('materialize', { signal: controller.signal });
  await expect.poll(() => slow.fired, { timeout: 30_000 }).toBe(1);
  controller.abort();
  const outcome = await running;
  expect(outcome, outcome.err).toMatchObject({ code: 130 });
  // Whatever it came to: it is over, and the record knows.
  expect(await endsOf(server, 'publish_daily')).not.toContain('RUNNING');
  await expectAgreement(server, machine);
});

test('a run that is told to stop sends no further job', async () => {
  const server = await cloudFor();
  const machine = machineWith(smallPipeline());
  const outcome = await machine.run('materialize', { signal: AbortSignal.abort() });
  expect(outcome, outcome.err).toMatchObject({ code: 130 });
  const jobs = server.calls.filter(({ statement = '' }) =>
    /_staging__|INSERT INTO `re/.test(statement),
  );
  expect(jobs).toEqual([]);
  await expectAgreement(server, machine);
});

test.each([
  ['a stage', STAGE],
  ['a publish', PUBLISH],
])(
  'kill -9 during %s keeps the target for three minutes, then the next run takes over',
  async (_, match) => {
    const server = await cloudFor();
    await using rig = await Rig.create(smallPipeline());
    const env = { ...server.env };
    // The next run's job of the same kind is let through.
    const hold = server.faults.holdJobs({ match: { ...match, nth: 1 } });
    const killed = rig.start(['materialize', '--target', 'prod'], { env });
    await expect.poll(() => hold.jobIds.length, { timeout: 60_000 }).toBe(1);
    killed.process.kill('SIGKILL');
    expect((await killed.ended).code).toBe('SIGKILL');
    const refused = await rig.runWith({ env }, 'materialize', '--target', 'prod');
    expect(refused, refused.stderr).toMatchObject({ code: 3 });
    expect(refused.stderr).toMatch(
      new RegExp(
        `target prod is held by run \\S+ \\(materialize, process ${killed.process.pid} on \\S+\\) since 20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC, last heard of \\d+ s ago`,
      ),
    );
    expect(refused.stderr).toContain('three minutes of silence');
    await ageLease(server);
    const next = await rig.runWith({ env }, 'materialize', '--target', 'prod');
    expect(next, next.stderr).toMatchObject({ code: 0 });
    const content = await contentOf(server);
    expect(content.claimed).toHaveLength(18);
    // What the dead process had sent goes on, and changes nothing any more.
    hold.release();
    const [jobs] = await clientOf(server).getJobs({ allUsers: true });
    await Promise.all(
      jobs
        .filter(({ id = '' }) => hold.jobIds.includes(id))
        .map((job) => job.getQueryResults().catch(() => undefined)),
    );
    expect(await contentOf(server)).toEqual(content);
    await expectFreeLease(server);
    await expectNothingStaged(server);
  },
);
