import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { countsOf, type TestProject } from '../support/project.ts';
import { jsonOf, runCommand } from '../support/run-command.ts';
import {
  failureLines,
  failuresOf,
  rosterProject,
  setShifts,
  type Shift,
} from './roster-project.ts';

const MONDAY = '2024-01-01';
const TUESDAY = '2024-01-02';

/** One of each kind. */
const WEEK: readonly Shift[] = [
  { day: MONDAY, worker: 'anna', hours: 8 },
  { day: MONDAY, worker: 'ben' },
  { day: MONDAY, worker: 'cleo', hours: 0 },
  { day: MONDAY, worker: 'dora', hours: 1 },
  { day: TUESDAY, worker: 'anna', hours: 4 },
  { day: TUESDAY, worker: 'ben', hours: 0 },
];

async function made(shifts: readonly Shift[]): Promise<TestProject> {
  const project = rosterProject(shifts);
  await project.materialize();
  return project;
}

/** A failing partition of the universe check, as `materialize` and `check` print it. */
interface Checks {
  readonly checks: readonly {
    readonly check: string;
    readonly failed?: number;
    readonly partitions: unknown;
    readonly rows: number;
    readonly message?: string;
  }[];
}

describe('who is expected and has no row', () => {
  test('is kept with the first category that applies, with its class and counts', async () => {
    const project = await made(WEEK);
    const { failures, total, left_off: leftOff } = await failuresOf(project);
    expect([total, leftOff]).toEqual([4, 0]);
    const told = failures.map((failure) => [
      failure.partition,
      failure.entity,
      failure.category,
      failure.reason,
      failure.expected,
      failure.expected_count,
      failure.actual_count,
      failure.resolution_status,
    ]);
    expect(told).toEqual([
      [MONDAY, 'ben', 'OFF_DUTY', 'has the day off', true, 2, null, 'PERMANENT'],
      [MONDAY, 'cleo', 'INSUFFICIENT_DATA', 'did not come', true, 2, 0, 'PERMANENT'],
      [MONDAY, 'dora', 'INCOMPLETE_DATA', 'went home early', false, 2, 1, 'UNRESOLVED'],
      [TUESDAY, 'ben', 'INSUFFICIENT_DATA', 'did not come', true, 2, 0, 'PERMANENT'],
    ]);
  });

  test('is told by the report of the run and by why', async () => {
    const project = rosterProject(WEEK);
    const { out } = await runCommand(project, 'materialize');
    expect(out).toContain(
      'Expected entities without a row: 2 INSUFFICIENT_DATA, 1 OFF_DUTY and 1 INCOMPLETE_DATA; who: fastbreak failures',
    );
    const why = await runCommand(project, `why paid ${TUESDAY}`);
    expect(why.out).toContain('Expected, but without a row: 1 INSUFFICIENT_DATA;');
    const story = await jsonOf<{ failures: readonly object[] }>(project, `why paid ${MONDAY}`);
    expect(story.failures).toHaveLength(3);
  });

  test('fails the check `universe` when no rule says why, and so does whoever nobody expected', async () => {
    const project = rosterProject([
      ...WEEK,
      { day: MONDAY, worker: 'eric', hours: 5, note: 'lost' },
      { day: TUESDAY, worker: 'fred', hours: 5, note: 'ghost' },
    ]);
    const { code, document } = await project.materialize();
    expect(code).toBe(1);
    const [finding] = (document as unknown as Checks).checks;
    expect(finding).toMatchObject({ check: 'universe', partitions: [MONDAY, TUESDAY], rows: 3 });
    expect(finding?.message).toContain('1 expected without row or reason (eric)');
    expect(await failureLines(project, '--category', 'UNTRACKED')).toEqual([
      `${MONDAY} eric UNTRACKED INVESTIGATING`,
      `${TUESDAY} fred UNTRACKED INVESTIGATING`,
    ]);
    // The rows are published all the same, and the same check finds the same in them.
    expect(await project.query(`SELECT count(*) FROM reports.paid`)).toEqual([['3']]);
    const { checks } = await jsonOf<Checks>(project, 'check paid');
    const checked = checks.find(({ check }) => check === 'universe');
    expect(checked).toMatchObject({ partitions: 2, failed: 2, rows: 3 });
  });

  test('keeps a partition back where the check blocks, without a trace of its failures', async () => {
    const project = rosterProject([
      ...WEEK,
      { day: MONDAY, worker: 'eric', hours: 5, note: 'lost' },
    ]);
    project.edit('pipeline.yaml', 'entity: [worker]', 'entity: [worker]\n      blocking: true');
    const { document } = await project.materialize();
    expect(document.failures).toMatchObject([{ partition: MONDAY, category: 'CHECK_FAILED' }]);
    expect(await failureLines(project)).toEqual([`${TUESDAY} ben INSUFFICIENT_DATA PERMANENT`]);
  });
});

describe('a partition without rows', () => {
  test('is expected to be empty when everybody is excused', async () => {
    const project = await made([
      { day: MONDAY, worker: 'anna', hours: 8 },
      { day: TUESDAY, worker: 'anna' },
      { day: TUESDAY, worker: 'ben' },
      { day: TUESDAY, worker: 'cleo', hours: 0 },
    ]);
    expect(await project.status('paid')).toEqual({
      [MONDAY]: 'current',
      [TUESDAY]: 'expected-empty',
    });
    const { reason } = await jsonOf<{ reason: string }>(project, `why paid ${TUESDAY}`);
    expect(reason).toBe('nobody can have a row: 2 OFF_DUTY, 1 INSUFFICIENT_DATA');
    expect(await failureLines(project)).toHaveLength(3);
    expect((await project.materialize()).document.status).toBe('nothing-to-do');
  });

  test.each([
    ['has a failure that could be mended', { worker: 'dora', hours: 1 }],
    ['has no reason', { worker: 'eric', hours: 5, note: 'lost' }],
  ] as const)('fails when somebody %s', async (_, shift) => {
    const project = rosterProject([
      { day: MONDAY, worker: 'anna', hours: 8 },
      { day: TUESDAY, worker: 'anna' },
      { day: TUESDAY, ...shift },
    ]);
    const { document } = await project.materialize();
    expect(document.failures).toMatchObject([{ partition: TUESDAY, category: 'EMPTY_RESULT' }]);
    expect(await failureLines(project, '--partitions', TUESDAY)).toEqual([]);
  });
});

describe('made again', () => {
  test('who has a row by now is resolved, who fails alike stays as recorded, who is not expected any more is gone', async () => {
    const project = await made(WEEK);
    const before = await failuresOf(project);
    setShifts(project, [
      { day: MONDAY, worker: 'anna', hours: 8 },
      { day: MONDAY, worker: 'cleo', hours: 0 },
      { day: MONDAY, worker: 'dora', hours: 6 },
      ...WEEK.filter(({ day }) => day === TUESDAY),
    ]);
    const run = (await project.materialize()).document.run_id;
    expect(await failureLines(project)).toEqual([
      `${MONDAY} cleo INSUFFICIENT_DATA PERMANENT`,
      `${MONDAY} dora INCOMPLETE_DATA RESOLVED`,
      `${TUESDAY} ben INSUFFICIENT_DATA PERMANENT`,
    ]);
    const after = await failuresOf(project);
    const of = (document: typeof after, entity: string) =>
      document.failures.find((each) => each.entity === entity && each.partition === MONDAY);
    expect(of(after, 'cleo')).toEqual(of(before, 'cleo'));
    expect(of(before, 'dora')?.resolved_at).toBeNull();
    expect(of(after, 'dora')).toMatchObject({ recorded_at: of(before, 'dora')?.recorded_at });
    expect(of(after, 'dora')?.resolved_at).not.toBeNull();
    expect(of(after, 'cleo')?.run_id).not.toBe(run);
    expect(await failureLines(project, '--unresolved')).toEqual([]);
  });

  test('who fails again after he was resolved counts as found by that run', async () => {
    const project = await made(WEEK);
    const mended = WEEK.map((shift) => (shift.worker === 'dora' ? { ...shift, hours: 6 } : shift));
    setShifts(project, mended);
    await project.materialize();
    setShifts(project, WEEK);
    const run = (await project.materialize()).document.run_id;
    const { failures } = await failuresOf(project, '--entity', 'dora');
    expect(failures).toMatchObject([
      { resolution_status: 'UNRESOLVED', run_id: run, resolved_at: null },
    ]);
  });

  test('failures that change while the rows do not are recorded with the partition that is unchanged', async () => {
    const project = await made(WEEK);
    setShifts(project, [...WEEK, { day: TUESDAY, worker: 'gina' }]);
    const outcome = await project.materialize();
    expect(countsOf(outcome, 'paid')).toEqual({ unchanged: 1, skipped: 1 });
    expect(await failureLines(project, '--entity', 'gina')).toEqual([
      `${TUESDAY} gina OFF_DUTY PERMANENT`,
    ]);
  });

  test('by force nothing that is as it was is written again', async () => {
    const project = await made(WEEK);
    const before = await failuresOf(project);
    await project.materialize({ force: true });
    expect(await failuresOf(project)).toEqual(before);
  });

  test('another reason makes the partitions stale as failures, and their rows come out unchanged', async () => {
    const project = await made(WEEK);
    project.edit('pipeline.yaml', 'reason: went home early', 'reason: left before two hours');
    const { causes } = await jsonOf<{ causes: readonly { detail: string }[] }>(
      project,
      `why paid ${MONDAY}`,
    );
    expect(causes[0]?.detail).toContain('code changed: failures');
    const outcome = await project.materialize();
    expect(countsOf(outcome, 'paid')).toEqual({ unchanged: 2 });
    const { failures } = await failuresOf(project, '--category', 'INCOMPLETE_DATA');
    expect(failures).toMatchObject([{ reason: 'left before two hours' }]);
  });

  test('day by day the failures are those of one batch', async () => {
    const project = await made(WEEK);
    const single = rosterProject(WEEK);
    single.edit(
      'pipeline.yaml',
      'description: Who is paid.',
      'description: Who is paid.\n    batch: 1',
    );
    await single.materialize();
    expect(await failureLines(single)).toEqual(await failureLines(project));
  });
});

describe('the failures of a partition that goes', () => {
  test('go with it when it is forgotten', async () => {
    const project = await made(WEEK);
    await runCommand(project, `forget paid --partitions ${MONDAY} --yes`);
    expect(await failureLines(project)).toEqual([`${TUESDAY} ben INSUFFICIENT_DATA PERMANENT`]);
  });

  test('go with it when its date leaves the calendar', async () => {
    const project = await made(WEEK);
    setShifts(
      project,
      WEEK.filter(({ day }) => day === MONDAY),
    );
    await project.materialize({ prune: true });
    expect(await failureLines(project, '--partitions', TUESDAY)).toEqual([]);
    await expectAgreement(project);
  });

  test('go with it when its rows are gone', async () => {
    const project = await made(WEEK);
    await project.tamper(`DELETE FROM reports.paid WHERE day = DATE '${TUESDAY}'`);
    setShifts(
      project,
      WEEK.filter(({ day }) => day === MONDAY),
    );
    await project.materialize({ selection: ['roster'] });
    expect(await failureLines(project, '--partitions', TUESDAY)).toEqual([]);
  });

  test('are made again in a warehouse of an older version, which has no table for them', async () => {
    const project = await made(WEEK);
    await project.tamper('DROP TABLE main._fastbreak_failures');
    expect(await failureLines(project)).toEqual([]);
    await project.materialize({ force: true });
    expect(await failureLines(project)).toHaveLength(4);
  });
});

describe('the command', () => {
  test('says of dates that are no partition that they are none, not that all is well', async () => {
    const project = await made(WEEK);
    const { code, out } = await runCommand(project, 'failures --partitions 2030-01-01..');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Nobody: none of the dates asked for has a partition; .* from 2024-01-01 /,
    );
    const excused = await runCommand(
      project,
      `failures --partitions ${TUESDAY} --category OFF_DUTY`,
    );
    expect(excused.out).toContain('whoever is expected has a row');
  });

  test('counts by category first and merges the dates', async () => {
    const project = await made(WEEK);
    const { out } = await runCommand(project, 'failures');
    expect(out.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
      'category class entities partitions assets',
      'INSUFFICIENT_DATA expected 2 2 1',
      'INCOMPLETE_DATA correctable 1 1 1',
      'OFF_DUTY expected 1 1 1',
      '',
      'asset partitions entities category reason class resolution',
      `paid ${MONDAY} dora INCOMPLETE_DATA went home early correctable unresolved`,
      `paid ${MONDAY}..${TUESDAY} (2) 2 INSUFFICIENT_DATA did not come expected permanent`,
      `paid ${MONDAY} ben OFF_DUTY has the day off expected permanent`,
      '',
    ]);
  });

  test.each([
    [['--partitions', TUESDAY], ['ben']],
    [
      ['--category', 'OFF_DUTY,INCOMPLETE_DATA'],
      ['ben', 'dora'],
    ],
    [['--entity', 'cleo'], ['cleo']],
    [['--unresolved'], ['dora']],
    [['--expected'], ['ben', 'cleo', 'ben']],
    [['--investigate'], ['dora']],
    [
      ['--limit', '2'],
      ['ben', 'cleo'],
    ],
    [
      ['paid', '--partitions', `..${MONDAY}`, '--expected'],
      ['ben', 'cleo'],
    ],
  ] as const)('with %s shows these alone', async (words, entities) => {
    const project = await made(WEEK);
    const { failures } = await failuresOf(project, ...words);
    expect(failures.map((failure) => failure.entity)).toEqual(entities);
  });

  test.each([
    ['failures --category INSUFICIENT_DATA', 'did you mean "INSUFFICIENT_DATA"?'],
    ['failures --expected --investigate', 'found both'],
    ['failures roster', 'no selected asset says who is expected'],
  ])('refuses %s', async (line, message) => {
    const project = await made(WEEK);
    await expect(runCommand(project, line)).rejects.toThrow(message);
  });
});

test('entities of several columns are a JSON list, found by any of its values', async () => {
  const project = rosterProject(WEEK);
  project.edit('pipeline.yaml', 'entity: [worker]', 'entity: [day, worker]');
  await project.materialize();
  expect(await failureLines(project, '--entity', 'dora')).toEqual([
    `${MONDAY} ["${MONDAY}","dora"] INCOMPLETE_DATA UNRESOLVED`,
  ]);
});

test('a SELECT can say who is expected, and which dates are missing', async () => {
  const project = rosterProject(WEEK);
  project.edit(
    'pipeline.yaml',
    'relation: roster\n',
    `sql: SELECT q.partition_date AS day, r.worker, r.hours, [q.partition_date, DATE '2023-12-31'] AS missed FROM partitions AS q JOIN roster AS r ON r.day = q.partition_date\n      where: expected.worker != 'ben'\n`,
  );
  project.edit('pipeline.yaml', "expected: '2',", "expected: '2', missing_dates: expected.missed,");
  expect((await project.materialize()).code).toBe(0);
  const { failures } = await failuresOf(project);
  expect(failures.map(({ entity, missing_dates: dates }) => [entity, dates])).toEqual([
    ['cleo', ['2023-12-31', MONDAY]],
    ['dora', ['2023-12-31', MONDAY]],
  ]);
});

test('an asset without partitions expects everybody once, with the best of the reasons that his rows give', async () => {
  const project = rosterProject([
    ...WEEK,
    { day: MONDAY, worker: 'hugo', hours: 0 },
    { day: TUESDAY, worker: 'hugo' },
  ]);
  const yaml = project.read('pipeline.yaml');
  project.write(
    'pipeline.yaml',
    `${yaml}  ever_paid:
    group: reports
    description: Who was ever paid.
    partitions: none
    upstream: { roster: all }
    key: [worker]
    universe: { relation: roster, entity: [worker] }
    failures:
      - { category: OFF_DUTY, when: expected.hours IS NULL, reason: had a day off }
      - { category: INSUFFICIENT_DATA, reason: never came for long }
    columns: [worker]
`,
  );
  project.write(
    'assets/reports/ever_paid.sql',
    'SELECT DISTINCT r.worker FROM roster AS r WHERE r.hours >= 2\n',
  );
  expect((await project.materialize()).code).toBe(0);
  const { failures } = await failuresOf(project, 'ever_paid');
  expect(failures.map(({ partition, entity, category }) => [partition, entity, category])).toEqual([
    ['all', 'ben', 'OFF_DUTY'],
    ['all', 'cleo', 'INSUFFICIENT_DATA'],
    ['all', 'dora', 'INSUFFICIENT_DATA'],
    ['all', 'hugo', 'OFF_DUTY'],
  ]);
  const { out } = await runCommand(project, 'failures ever_paid');
  expect(out).toContain('ever_paid  all');
  expect((await runCommand(project, 'check ever_paid')).code).toBe(0);
});
