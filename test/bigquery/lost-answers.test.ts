import { expect, test } from 'vitest';
import type { CallMatch } from '../cloud/http/faults.ts';
import { clientOf, contentOf, expectFreeLease } from './broken-runs.ts';
import { CallCount } from './calls.ts';
import { cloudFor, machineWith } from './cloud.ts';
import { smallPipeline } from './small-pipeline.ts';

const JOBS: readonly (readonly [string, CallMatch])[] = [
  ['lease', { statement: /INSERT INTO `fastbreak_league`.`_fastbreak_lease`/ }],
  ['load_games', { method: 'POST', path: '/upload/' }],
  ['stage_daily', { statement: /CREATE OR REPLACE TABLE `reports`.`_staging__daily/ }],
  ['publish_daily', { statement: /INSERT INTO `reports`.`daily`/ }],
  ['calendar', { statement: /INSERT INTO `fastbreak_league`.`_fastbreak_calendars`/ }],
  ['release', { statement: /SET run_id = NULL/ }],
];

test.each(JOBS)(
  'a job whose answer is lost (%s) is found again, not run twice',
  async (purpose, match) => {
    const server = await cloudFor();
    const machine = machineWith(smallPipeline());
    const count = new CallCount(server);
    const lost = server.faults.failNext({ match, with: 'drop after' });
    const outcome = await machine.run('materialize');
    expect(outcome, outcome.err).toMatchObject({ code: 0 });
    const [call] = lost.calls;
    const sent = count.jobs.filter(({ jobId }) => jobId !== undefined && jobId === call?.jobId);
    // Sent again with its own id, which the service knows by then.
    expect(sent.map(({ status }) => status)).toEqual([undefined, 409]);
    const [jobs] = await clientOf(server).getJobs({ allUsers: true });
    const like = jobs.filter(({ id = '' }) => id.includes(`_${purpose}_`));
    expect(like).toHaveLength(1);
    expect((await contentOf(server)).claimed).toHaveLength(18);
    await expectFreeLease(server);
  },
);

test('no id of a job is used for another statement, whatever is tried again', async () => {
  const server = await cloudFor();
  const machine = machineWith(smallPipeline());
  const jobFails = { reason: 'jobBackendError', message: 'The job encountered an internal error.' };
  for (const [, match] of JOBS) {
    server.faults.failNext({ match, with: { status: 503, reason: 'backendError' } });
    server.faults.failNext({ match, with: 'drop before' });
    if (match.statement) server.faults.failNext({ match, with: { jobFails } });
  }
  const count = new CallCount(server);
  for (const line of ['materialize', 'materialize daily --force', 'query SELECT 1', 'check']) {
    const words = line.startsWith('query') ? ['query', 'SELECT 1 AS one'] : line.split(' ');
    expect(await machine.run(words), line).toMatchObject({ code: 0 });
  }
  const statements = new Map<string, Set<string | undefined>>();
  for (const { jobId = '', statement } of count.jobs) {
    statements.set(jobId, (statements.get(jobId) ?? new Set()).add(statement));
  }
  expect(statements.size).toBeGreaterThan(30);
  expect([...statements].filter(([, texts]) => texts.size > 1)).toEqual([]);
  // Each of the failed jobs was followed by one with another id.
  const [jobs] = await clientOf(server).getJobs({ allUsers: true });
  const failed = jobs.filter(
    ({ metadata }) =>
      (metadata as { readonly status?: { readonly errorResult?: unknown } }).status?.errorResult !==
      undefined,
  );
  expect(failed).toHaveLength(5);
});
