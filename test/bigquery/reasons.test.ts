import { describe, expect, test } from 'vitest';
import type { BigQueryServer } from '../cloud/bigquery/server.ts';
import type { Fault, Injected } from '../cloud/http/faults.ts';
import { setVariables } from '../cloud/clients.ts';
import {
  ageLease,
  contentOf,
  expectClearFailure,
  expectFreeLease,
  clientOf,
} from './broken-runs.ts';
import { CallCount } from './calls.ts';
import { cloudFor, type Machine, machineWith, serverRows } from './cloud.ts';
import { smallPipeline } from './small-pipeline.ts';
import type { Outcome } from './command-line.ts';

interface Failure {
  readonly asset: string;
  readonly partition: string;
  readonly category: string;
  readonly message: string;
}

interface Ended {
  readonly outcome: Outcome;
  readonly failures: readonly Failure[];
  readonly server: BigQueryServer;
  readonly machine: Machine;
  readonly injected: Injected;
  readonly count: CallCount;
}

/** The stage of `daily`: what is downstream of it is blocked when it fails. */
const STAGE = { statement: /CREATE OR REPLACE TABLE `reports`.`_staging__daily__/ };
const PUBLISH = { statement: /INSERT INTO `reports`.`daily`/ };

async function runWith(
  fault: Fault,
  {
    match = STAGE as {
      readonly statement?: RegExp;
      readonly method?: string;
      readonly path?: string;
    },
    times = 1,
    defaults = '',
  } = {},
): Promise<Ended> {
  const server = await cloudFor();
  const machine = machineWith(smallPipeline(defaults === '' ? {} : { defaults }));
  const injected = server.faults.failNext({ match, with: fault, times });
  const count = new CallCount(server);
  const outcome = await machine.run('materialize --json');
  const failures =
    outcome.out === ''
      ? []
      : (JSON.parse(outcome.out) as { readonly failures: readonly Failure[] }).failures;
  return { outcome, failures, server, machine, injected, count };
}

const own = (failures: readonly Failure[]): readonly Failure[] =>
  failures.filter(({ asset }) => asset === 'daily');

/** What was wrong is gone: the next run makes what is missing, and everything is there. */
async function expectRecovery({ server, machine }: Ended): Promise<void> {
  server.faults.clear();
  await ageLease(server);
  const next = await machine.run('materialize');
  expect(next, next.err).toMatchObject({ code: 0 });
  await expectFreeLease(server);
  const { rows } = await contentOf(server);
  expect(rows['reports.daily']).toHaveLength(4);
  expect(rows['reports.shares']).toHaveLength(4);
}

describe('a job that fails', () => {
  test.each([
    ['rateLimitExceeded', 'Exceeded rate limits: too many table update operations for this table.'],
    ['backendError', 'Error encountered during execution. Retrying may solve the problem.'],
    ['jobBackendError', 'The job encountered an internal error during execution.'],
    ['internalError', 'An internal error occurred and the request could not be completed.'],
    ['quotaExceeded', 'Quota exceeded: Your project exceeded quota for concurrent queries.'],
    [
      'invalidQuery',
      'Transaction is aborted due to concurrent update against table loopback:reports.daily.',
    ],
  ])('with %s (%s) is tried again', async (reason, message) => {
    for (const [match, acted] of [
      [STAGE, false],
      [PUBLISH, false],
      [PUBLISH, true],
    ] as const) {
      const ended = await runWith({ jobFails: { reason, message, acted } }, { match });
      expect(ended.outcome, ended.outcome.err).toMatchObject({ code: 0 });
      expect(ended.injected.fired).toBe(1);
      expect(
        ended.count.jobs.filter(({ jobId = '' }) => jobId.includes('_stage_daily_')),
      ).toHaveLength(2);
      expect(new Set(ended.count.jobs.map(({ jobId }) => jobId)).size).toBe(
        ended.count.jobs.length,
      );
      const { rows } = await contentOf(ended.server);
      expect(rows['reports.daily']).toHaveLength(4);
    }
  });

  test.each([
    [
      'quotaExceeded',
      'Quota exceeded: Your project exceeded quota for free query bytes scanned.',
      'QUOTA_EXCEEDED',
      'IAM & Admin > Quotas',
    ],
    ['jobBackendError', 'The job encountered an internal error.', 'SERVICE_ERROR', ''],
    ['rateLimitExceeded', 'Exceeded rate limits.', 'RATE_LIMITED', ''],
  ])(
    'with %s again and again fails its partitions: %s',
    async (reason, message, category, advice) => {
      const ended = await runWith({ jobFails: { reason, message } }, { times: 99 });
      expectClearFailure(ended.outcome);
      expect(ended.injected.fired).toBe(3);
      expect(own(ended.failures).map((each) => each.category)).toEqual([
        category,
        category,
        category,
        category,
      ]);
      expect(own(ended.failures)[0]?.message).toContain(message);
      expect(own(ended.failures)[0]?.message).toContain(advice);
      await expectRecovery(ended);
    },
  );

  test.each([
    [
      'invalidQuery',
      'Syntax error: Expected end of input but got keyword FROM at [3:1]',
      'STATEMENT_ERROR',
      '',
    ],
    ['invalidQuery', 'Query error: Unrecognized name: overflow at [3:1]', 'STATEMENT_ERROR', ''],
    [
      'bytesBilledLimitExceeded',
      'Query exceeded limit for bytes billed: 1000. 20971520 or higher required.',
      'TOO_EXPENSIVE',
      'max_bytes_billed',
    ],
    [
      'stopped',
      'Job execution was cancelled: User requested cancellation',
      'JOB_CANCELLED',
      'run the command again',
    ],
    ['timeout', 'Job execution was cancelled: Job timed out after 60s', 'TIMEOUT', ''],
    [
      'accessDenied',
      'Access Denied: Table loopback:raw.games: User does not have permission to query table',
      'ACCESS_DENIED',
      'roles/bigquery.dataEditor',
    ],
    [
      'notFound',
      'Not found: Table loopback:raw.games was not found in location US',
      'RELATION_NOT_FOUND',
      '',
    ],
    [
      'billingNotEnabled',
      'Billing has not been enabled for this project. DML queries are not allowed in the free tier.',
      'BILLING_DISABLED',
      'billing account',
    ],
  ])('with %s is not tried again: %s', async (reason, message, category, advice) => {
    const ended = await runWith({ jobFails: { reason, message } }, { times: 99 });
    expectClearFailure(ended.outcome);
    expect(ended.injected.fired).toBe(1);
    expect(own(ended.failures).map((each) => each.category)).toEqual([
      category,
      category,
      category,
      category,
    ]);
    expect(own(ended.failures)[0]?.message).toContain(message);
    expect(own(ended.failures)[0]?.message).toContain(advice);
    await expectRecovery(ended);
  });

  test.each([
    [
      'resourcesExceeded',
      'Resources exceeded during query execution: The query could not be executed in the allotted memory.',
    ],
    ['invalidQuery', 'division by zero: 1 / 0'],
    ['invalidQuery', 'Bad int64 value: n/a'],
    ['invalidQuery', 'Query error: Could not cast literal "soon" to type DATE at [1:8]'],
    ['invalidQuery', 'int64 overflow: 9223372036854775807 + 1'],
    ['invalidQuery', 'Array index 5 is out of bounds'],
  ])(
    'with %s (%s) splits its batch, and only what cannot be computed fails',
    async (reason, message) => {
      // All four, the first two, then the first alone.
      const ended = await runWith({ jobFails: { reason, message } }, { times: 3 });
      expectClearFailure(ended.outcome);
      expect(own(ended.failures)).toMatchObject([{ partition: '2023-03-01', message }]);
      expect(
        ended.count.jobs.filter(({ jobId = '' }) => jobId.includes('_stage_daily_')),
      ).toHaveLength(5);
      expect((await contentOf(ended.server)).rows['reports.daily']).toHaveLength(3);
      await expectRecovery(ended);
    },
  );

  test.each(['lease', 'ledger', 'definitions', 'calendars', 'calendar', 'release'])(
    'outside of a step (%s) is tried again too',
    async (purpose) => {
      const jobFails = {
        reason: 'jobBackendError',
        message: 'The job encountered an internal error.',
      };
      const statements: Readonly<Record<string, RegExp>> = {
        lease: /INSERT INTO `fastbreak_league`.`_fastbreak_lease`/,
        ledger: /^SELECT asset, day/,
        definitions: /^SELECT asset, code_version/,
        calendars: /^SELECT name, document/,
        calendar: /INSERT INTO `fastbreak_league`.`_fastbreak_calendars`/,
        release: /SET run_id = NULL/,
      };
      for (const acted of [false, true]) {
        const statement = statements[purpose] ?? /never/;
        const ended = await runWith({ jobFails: { ...jobFails, acted } }, { match: { statement } });
        expect(ended.outcome, ended.outcome.err).toMatchObject({ code: 0 });
        expect(ended.injected.fired).toBe(1);
        await expectFreeLease(ended.server);
      }
    },
  );
});

describe('a service that refuses', () => {
  const ALL_JOBS = { method: 'POST', path: '/jobs' };

  test.each([
    [
      403,
      'billingNotEnabled',
      'Billing has not been enabled for this project.',
      'BILLING_DISABLED',
      'link the project to a billing account',
    ],
    [
      403,
      'accessDenied',
      'Access Denied: Project loopback: User does not have bigquery.jobs.create permission',
      'ACCESS_DENIED',
      'roles/bigquery.jobUser',
    ],
    [
      403,
      'accessNotConfigured',
      'BigQuery API has not been used in project 1 before or it is disabled.',
      'API_DISABLED',
      'gcloud services enable bigquery.googleapis.com',
    ],
    [404, 'notFound', 'Not found: Project my-projekt', 'RELATION_NOT_FOUND', ''],
  ])(
    'with %i %s ends the run with the way out',
    async (status, reason, message, category, advice) => {
      const ended = await runWith({ status, reason, message }, { match: ALL_JOBS, times: 99 });
      expectClearFailure(ended.outcome);
      expect(ended.outcome.err).toContain(category);
      expect(ended.outcome.err).toContain(message);
      expect(ended.outcome.err).toContain(advice);
      expect(ended.injected.fired).toBe(1);
      await expectRecovery(ended);
    },
  );

  test('a token that is refused says how to log in again', async () => {
    const ended = await runWith('token expired', { match: {}, times: 99 });
    expectClearFailure(ended.outcome);
    expect(ended.outcome.err).toContain('CREDENTIALS_EXPIRED');
    expect(ended.outcome.err).toContain('gcloud auth application-default login');
    await expectRecovery(ended);
  });

  test('no credentials at all say how to get some', async () => {
    const server = await cloudFor();
    const machine = machineWith(smallPipeline());
    const restore = setVariables({
      METADATA_SERVER_DETECTION: 'none',
      GCE_METADATA_HOST: '127.0.0.1:9',
      HOME: machine.project.root,
    });
    try {
      const outcome = await machine.run('materialize');
      expectClearFailure(outcome);
      expect(outcome.err).toContain('CREDENTIALS_MISSING');
      expect(outcome.err).toContain('gcloud auth application-default login');
    } finally {
      restore();
    }
    expect(server.calls).toEqual([]);
  });

  test('a service that is not there is a network error', async () => {
    const server = await cloudFor();
    const machine = machineWith(smallPipeline());
    const restore = setVariables({ BIGQUERY_EMULATOR_HOST: 'http://127.0.0.1:9' });
    try {
      const outcome = await machine.run('materialize');
      expectClearFailure(outcome);
      expect(outcome.err).toContain('NETWORK_ERROR');
    } finally {
      restore();
    }
    expect(server.calls).toEqual([]);
  });

  test('a dataset in another location says which, and what to change', async () => {
    const server = await cloudFor();
    const machine = machineWith(smallPipeline());
    await clientOf(server).createDataset('reports', { location: 'EU' });
    const outcome = await machine.run('materialize --json');
    expectClearFailure(outcome);
    expect(outcome.out).toContain('LOCATION_MISMATCH');
    expect(outcome.out).toContain(`dataset reports is in EU, and the target's location is US`);
    expect(outcome.out).toContain('location: EU');
  });

  test('a state dataset in another location is refused before anything else', async () => {
    const server = await cloudFor();
    const machine = machineWith(smallPipeline());
    await clientOf(server).createDataset('fastbreak_league', { location: 'EU' });
    const outcome = await machine.run('materialize');
    expect(outcome).toMatchObject({ code: 2 });
    expect(outcome.err).toContain('dataset fastbreak_league is in EU');
    const tables = await serverRows(
      server,
      `SELECT COUNT(*) FROM duckdb_tables() WHERE NOT starts_with(table_name, '_meta')`,
    );
    expect(tables).toEqual([['0']]);
  });
});
