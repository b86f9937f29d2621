import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unsafeRunId } from '../../engine/ids.ts';
import { formatDay } from '../../engine/partitions/date.ts';
import { expectAgreement } from '../support/agreement.ts';
import { countsOf, keptProject, type RunOutcome, type TestProject } from '../support/project.ts';
import { filesOf, pipelines } from '../support/random-pipeline.ts';
import { propertyRuns } from '../support/seeded.ts';
import { countAtOnce, duringModules, meeting, parallelProject } from './parallel-project.ts';
import { dateOf } from './readings-project.ts';
import { afterEvery, beforeEvery } from './warehouse-spy.ts';

const ALL_MADE = { materialized: 4 };

async function expectAllMade(project: TestProject): Promise<RunOutcome> {
  const outcome = await project.materialize();
  expect(outcome.document.failures).toEqual([]);
  expect(outcome.code).toBe(0);
  for (const asset of ['readings', 'first', 'second', 'both']) {
    expect(countsOf(outcome, asset), asset).toEqual(ALL_MADE);
  }
  await expectAgreement(project);
  return outcome;
}

describe('with max_parallel 2', () => {
  test('steps of two assets run at once', async () => {
    duringModules(meeting(2));
    const outcome = await expectAllMade(parallelProject({ maxParallel: 2 }));
    // However they ended, they are told in the order of the graph.
    const names = outcome.document.assets.map((asset) => asset.name);
    expect(names).toEqual(['readings', 'first', 'second', 'both']);
  });

  test('steps of one asset run at once', async () => {
    const project = parallelProject({ maxParallel: 2, settings: { first: 'batch: 2' } });
    const both = meeting(2);
    duringModules((step) => (step.asset === 'first' ? both(step) : undefined));
    await expectAllMade(project);
  });

  test('no more than two run at once', async () => {
    const counted = countAtOnce();
    const settings = { first: 'batch: 1', second: 'batch: 1' };
    await expectAllMade(parallelProject({ maxParallel: 2, settings }));
    expect(counted.most()).toBe(2);
  });

  test('an asset does not begin before all that it reads is done', async () => {
    const order: string[] = [];
    await beforeEvery('stage', (_, [request]) => {
      order.push((request as { readonly table: { readonly name: string } }).table.name);
    });
    await expectAllMade(parallelProject({ maxParallel: 4, settings: { second: 'batch: 1' } }));
    expect(order[0]).toBe('readings');
    expect(order.at(-1)).toBe('both');
    expect(order).toHaveLength(7);
  });
});

test('an asset waits for the asset that its calendar is read from, although it does not read it', async () => {
  const project = parallelProject({ maxParallel: 4, settings: { second: 'partitions: picked' } });
  const calendar = '  dates: { asset: readings, date: day }\n';
  project.edit('pipeline.yaml', calendar, `${calendar}  picked: { asset: first, date: day }\n`);
  const set = '  dates: { calendar: dates }\n';
  project.edit('pipeline.yaml', set, `${set}  picked: { calendar: picked }\n`);
  await expectAllMade(project);
});

test('without max_parallel a DuckDB target runs one step at a time, in the order of the graph', async () => {
  const counted = countAtOnce();
  const project = parallelProject({ settings: { first: 'batch: 1', second: 'batch: 2' } });
  const outcome = await expectAllMade(project);
  expect(counted.most()).toBe(1);
  const steps = (await project.reader()).steps(unsafeRunId(outcome.document.run_id ?? ''));
  const inOrder = steps.toSorted((a, b) => a.id - b.id).map((step) => step.asset);
  expect(inOrder.join(' ')).toBe('readings first first first first second second both');
});

describe('a pool with the limit 1', () => {
  test('keeps the steps of its assets apart, whatever the target allows', async () => {
    const counted = countAtOnce();
    const settings = { first: 'pool: api\nbatch: 2', second: 'pool: api' };
    await expectAllMade(parallelProject({ maxParallel: 4, pools: '{ api: 1 }', settings }));
    expect(counted.most()).toBe(1);
  });

  test('takes no slot from others while a step waits for it', async () => {
    const pools = '{ api: { limit: 1, description: One request at a time } }';
    const settings = { first: 'pool: api\nbatch: 1' };
    duringModules(meeting(2));
    await expectAllMade(parallelProject({ maxParallel: 2, pools, settings }));
  });
});

test('a step that computes while another of its table publishes does not take its rows away', async () => {
  const project = parallelProject({ maxParallel: 2, dates: 2, settings: { first: 'batch: 1' } });
  const { promise: published, resolve } = Promise.withResolvers<void>();
  await afterEvery('publish', (call) => {
    // The readings, then one of the two steps.
    if (call === 2) resolve();
  });
  duringModules(({ asset, dates }) => {
    return asset === 'first' && dates.includes(dateOf(0)) ? published : undefined;
  });
  const outcome = await project.materialize({ selection: ['+first'] });
  expect(countsOf(outcome, 'first')).toEqual({ materialized: 2 });
  expect(await project.query('SELECT COUNT(*) FROM reports.first')).toEqual([['2']]);
  await expectAgreement(project);
});

describe('a step that fails beside one that runs', () => {
  /** The first date of `first` fails while `second` is under way, which goes on when the failure is recorded. */
  async function failingProject(): Promise<TestProject> {
    const { promise: isRunning, resolve: running } = Promise.withResolvers<void>();
    const { promise: hasFailed, resolve: failed } = Promise.withResolvers<void>();
    duringModules(async ({ asset, dates }) => {
      if (asset === 'second') {
        running();
        return hasFailed;
      }
      await isRunning;
      if (dates.includes(dateOf(0))) throw new Error('bad luck');
    });
    await beforeEvery('discard', (_, [table]) => {
      if ((table as { readonly name: string }).name === 'first') setImmediate(failed);
    });
    // The pool leaves one of the two slots to the other asset.
    const settings = { first: 'batch: 1\npool: single', second: 'batch: 2' };
    return parallelProject({ maxParallel: 2, pools: '{ single: 1 }', settings });
  }

  test('fails its own partitions and what needs them, nothing else', async () => {
    const project = await failingProject();
    const outcome = await project.materialize();
    expect(outcome.code).toBe(1);
    expect(countsOf(outcome, 'first')).toEqual({ materialized: 3, failed: 1 });
    expect(countsOf(outcome, 'second')).toEqual(ALL_MADE);
    expect(countsOf(outcome, 'both')).toEqual({ materialized: 3, blocked: 1 });
    expect(outcome.document.failures).toMatchObject([
      { asset: 'first', partition: dateOf(0), category: 'MODULE_ERROR' },
      { asset: 'both', partition: dateOf(0), category: 'BLOCKED' },
    ]);
    await expectAgreement(project);
  });

  test('with --fail-fast lets it end, and nothing new begins', async () => {
    const project = await failingProject();
    const outcome = await project.materialize({ failFast: true });
    expect(outcome.code).toBe(1);
    expect(countsOf(outcome, 'first')).toEqual({ failed: 1, skipped: 3 });
    expect(countsOf(outcome, 'second')).toEqual({ materialized: 2, skipped: 2 });
    expect(countsOf(outcome, 'both')).toEqual({ skipped: 4 });
    await expectAgreement(project);
    duringModules(() => undefined);
    expect((await project.materialize()).code).toBe(0);
    await expectAgreement(project);
  });
});

test('failures are told in the order of the dates, whichever step was over first', async () => {
  const { promise: laterIsOver, resolve } = Promise.withResolvers<void>();
  duringModules(async ({ asset, dates }) => {
    if (asset !== 'first') return;
    if (dates.includes(dateOf(0))) await laterIsOver;
    else setImmediate(resolve);
    throw new Error(`bad luck on ${dates.join()}`);
  });
  const project = parallelProject({ maxParallel: 2, dates: 2, settings: { first: 'batch: 1' } });
  const outcome = await project.materialize({ selection: ['+first'] });
  expect(outcome.document.failures.map(({ partition }) => partition)).toEqual([
    dateOf(0),
    dateOf(1),
  ]);
  const events = (await project.reader()).eventsOfRun(unsafeRunId(outcome.document.run_id ?? ''));
  const failed = events.filter((event) => event.type === 'failed').map(({ day }) => formatDay(day));
  // The record has the newest first: the second date was the first to fail.
  expect(failed).toEqual([dateOf(0), dateOf(1)]);
});

describe('Ctrl-C while steps run at once', () => {
  test('stops them, and every partition that was asked for is accounted for', async () => {
    const controller = new AbortController();
    const two = meeting(2);
    const stuck = new Promise<void>(() => undefined);
    duringModules(async (step) => {
      if (step.asset === 'first' && step.dates.includes(dateOf(0))) return;
      await two(step);
      controller.abort();
      await stuck;
    });
    const settings = { first: 'batch: 1\npool: single', second: 'batch: 3' };
    const project = parallelProject({ maxParallel: 2, pools: '{ single: 1 }', settings });
    const outcome = await project.materialize({ signal: controller.signal });
    expect(outcome.code).toBe(130);
    expect(outcome.document).toMatchObject({ status: 'interrupted', failures: [] });
    expect(countsOf(outcome, 'first')).toEqual({ materialized: 1, skipped: 3 });
    expect(countsOf(outcome, 'second')).toEqual({ skipped: 4 });
    expect(countsOf(outcome, 'both')).toEqual({ skipped: 4 });
    const reader = await project.reader();
    const steps = reader.steps(unsafeRunId(outcome.document.run_id ?? ''));
    expect(steps.filter((step) => step.status === 'interrupted')).toHaveLength(2);
    expect(steps.filter((step) => step.status === 'running')).toEqual([]);
    await expectAgreement(project);
    duringModules(() => undefined);
    expect((await project.materialize()).code).toBe(0);
    const whole = parallelProject();
    await whole.materialize();
    expect(await project.allVersions()).toEqual(await whole.allVersions());
  });

  test('keeps what was published, also of the step that ends after it', async () => {
    const controller = new AbortController();
    const { promise: isHeld, resolve: held } = Promise.withResolvers<void>();
    const stuck = new Promise<void>(() => undefined);
    duringModules(async ({ asset }) => {
      if (asset === 'first') return isHeld;
      held();
      return stuck;
    });
    await afterEvery('publish', (call) => {
      if (call === 2) controller.abort();
    });
    const project = parallelProject({ maxParallel: 2 });
    const outcome = await project.materialize({ signal: controller.signal });
    expect(countsOf(outcome, 'first')).toEqual(ALL_MADE);
    expect(countsOf(outcome, 'second')).toEqual({ skipped: 4 });
    await expectAgreement(project);
  });
});

test('a bug in one step ends the run when the steps beside it are over, and their rows are kept', async () => {
  const { promise: isBroken, resolve: broken } = Promise.withResolvers<void>();
  duringModules(({ asset }) => (asset === 'second' ? isBroken : undefined));
  await beforeEvery('publish', (call) => {
    if (call !== 2) return;
    setTimeout(broken, 50);
    throw new Error('a bug');
  });
  const project = parallelProject({ maxParallel: 2 });
  await expect(project.materialize()).rejects.toThrow('a bug');
  expect(Object.values(await project.status('second'))).toEqual(Array(4).fill('current'));
  expect(Object.values(await project.status('both'))).toEqual(Array(4).fill('blocked'));
  const next = await project.materialize();
  expect(next.code).toBe(0);
  expect(countsOf(next, 'second')).toEqual({ skipped: 4 });
  await expectAgreement(project);
});

/** Billions of rows to count: longer than any test waits. */
const SLOW = `SELECT r.day AS day, MAX(a * b * c) AS value
FROM readings AS r, UNNEST(GENERATE_ARRAY(1, 3000)) AS a, UNNEST(GENERATE_ARRAY(1, 3000)) AS b, UNNEST(GENERATE_ARRAY(1, 3000)) AS c
GROUP BY r.day
`;

test('a statement over its time fails its step, not the one that waits for the connection beside it', async () => {
  const settings = { both: 'timeout: 400ms' };
  const project = parallelProject({ maxParallel: 2, dates: 2, settings });
  project.edit(
    'pipeline.yaml',
    'upstream: { first: same, second: same }',
    'upstream: { readings: same }',
  );
  project.write('assets/reports/both.sql', SLOW);
  const quick = `  quick:
    group: reports
    description: The readings again.
    timeout: 400ms
    upstream: { readings: same }
    columns: [day, { value: { type: INT64, description: What was read } }]
`;
  project.write('pipeline.yaml', project.read('pipeline.yaml') + quick);
  project.write(
    'assets/reports/quick.sql',
    'SELECT r.day AS day, r.value AS value FROM readings AS r\n',
  );
  const outcome = await project.materialize({ selection: ['readings', 'both', 'quick'] });
  expect(countsOf(outcome, 'both')).toEqual({ failed: 2 });
  expect(countsOf(outcome, 'quick')).toEqual({ materialized: 2 });
  expect(outcome.document.failures).toMatchObject([
    { asset: 'both', category: 'TIMEOUT' },
    { asset: 'both', category: 'TIMEOUT' },
  ]);
  await expectAgreement(project);
});

test('random pipelines come to the same with steps at once as with one at a time', async () => {
  const limits = fc.integer({ min: 2, max: 5 });
  const property = fc.asyncProperty(pipelines, limits, async (pipeline, limit) => {
    const files = filesOf({ ...pipeline, batch: pipeline.batch ?? 2 });
    const [one, many] = [keptProject(files), keptProject(files)];
    try {
      many.edit('pipeline.yaml', 'threads: 1 }', `threads: 1, max_parallel: ${limit} }`);
      const [alone, together] = [await one.materialize(), await many.materialize()];
      expect(together.document.assets.map(withoutSeconds)).toEqual(
        alone.document.assets.map(withoutSeconds),
      );
      expect(together.document.failures).toEqual(alone.document.failures);
      expect(await many.allVersions()).toEqual(await one.allVersions());
      await expectAgreement(many);
    } finally {
      for (const project of [one, many]) rmSync(project.root, { recursive: true, force: true });
    }
  });
  await fc.assert(property, propertyRuns(6));
}, 120_000);

function withoutSeconds(asset: object): object {
  return { ...asset, seconds: 0 };
}
