import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { countsOf, newProject, type RunOutcome, type TestProject } from '../support/project.ts';
import { runCommand } from '../support/run-command.ts';

/** Dates of three months, the last of which has no earlier dates missing. */
const DATES = [
  '2023-10-30',
  '2023-10-31',
  '2023-11-01',
  '2023-11-15',
  '2023-12-01',
  '2023-12-10',
] as const;
const [OCTOBER, NOVEMBER, DECEMBER] = ['2023-10-01', '2023-11-01', '2023-12-01'] as const;

/** A source; a model per month, trained on all before it; an asset of dates that reads the newest model. */
const yaml = (latest: string): string => `name: models
timezone: UTC
default_target: local
targets: { local: { warehouse: duckdb, memory_limit: 512MB, threads: 1 } }
groups: { raw: { dataset: raw }, reports: { dataset: reports } }
calendars: { dates: { asset: readings, date: day } }
partition_sets:
  dates: { calendar: dates }
  months: { calendar: dates, every: month }
columns: { day: { type: DATE, description: The date } }
defaults:
  partitions: dates
  partition_column: day
  key: [day]
  retry: { attempts: 1 }
assets:
  readings:
    group: raw
    source: { path: data/readings.csv }
    columns: [day, { value: { type: INT64, nullable: true } }]
  model:
    group: reports
    partitions: months
    module: assets/reports/train.ts
    settings: { bad: none }
    upstream: { readings: { before: all } }
    columns: [day, { weight: { type: INT64 } }]
    expected_empty:
      - condition: NOT EXISTS (SELECT 1 FROM readings AS r WHERE r.day < partitions.partition_date)
        reason: nothing to train on
  predicted:
    group: reports
    upstream: { readings: same, model: ${latest} }
    columns: [day, { weight: { type: INT64, nullable: true } }, { month: { type: DATE, nullable: true } }]
`;

/** Writes the sum of all earlier readings as the model of a month; fails the month that the settings name. */
const TRAIN = `export async function materialize({ partitions, settings, readColumns, writeColumns, fail }) {
  const { day, value } = (await readColumns('readings')).columns;
  for (const { date } of partitions) {
    const cut = Date.parse(date) / 86400000;
    const seen = [...value].filter((_, at) => day[at] < cut);
    if (date === settings.bad) fail(date, 'did not converge');
    else if (seen.length > 0) writeColumns({ day: [date], weight: [seen.reduce((a, b) => a + b, 0)] });
  }
}
`;

const PREDICT = `SELECT p.partition_date AS day, m.weight AS weight, m.day AS month
FROM partitions AS p
JOIN readings AS r ON r.day = p.partition_date
LEFT JOIN model AS m ON m.day <= p.partition_date
QUALIFY ROW_NUMBER() OVER (PARTITION BY p.partition_date ORDER BY m.day DESC) = 1
`;

const OPTIONAL = '{ window: latest, optional: true }';
const readingsOf = (values: readonly number[]): string =>
  `day,value\n${DATES.map((date, at) => `${date},${values[at]}\n`).join('')}`;
const VALUES = [1, 2, 4, 8, 16, 32];

function modelProject(latest = OPTIONAL): TestProject {
  return newProject({
    'pipeline.yaml': yaml(latest),
    'assets/reports/train.ts': TRAIN,
    'assets/reports/predicted.sql': PREDICT,
    'data/readings.csv': readingsOf(VALUES),
  });
}

/** Another value on one date. */
function change(project: TestProject, date: string, value: number): void {
  const values = VALUES.map((each, at) => (DATES[at] === date ? value : each));
  project.write('data/readings.csv', readingsOf(values));
}

/** The month whose model each date has read, as the month's number; null without a model. */
async function monthsRead(project: TestProject): Promise<Record<string, unknown>> {
  const rows = await project.query('SELECT day, MONTH(month) FROM reports.predicted ORDER BY day');
  return Object.fromEntries(
    rows.map(([day, month]) => [String(day), month === null ? null : Number(month)]),
  );
}

const staleDates = async (project: TestProject, asset = 'predicted') =>
  Object.entries(await project.status(asset)).flatMap(([date, status]) =>
    status === 'stale' ? [date] : [],
  );

const failuresOf = ({ document }: RunOutcome) =>
  document.failures.map(({ asset, partition, status }) => `${asset} ${partition} ${status}`);

describe('an optional model', () => {
  test('is read by every date from the newest month up to it that has one', async () => {
    const project = modelProject();
    const outcome = await project.materialize();
    expect(outcome.code).toBe(0);
    expect(await project.status('model')).toEqual({
      [OCTOBER]: 'expected-empty',
      [NOVEMBER]: 'current',
      [DECEMBER]: 'current',
    });
    expect(await monthsRead(project)).toEqual({
      '2023-10-30': null,
      '2023-10-31': null,
      '2023-11-01': 11,
      '2023-11-15': 11,
      '2023-12-01': 12,
      '2023-12-10': 12,
    });
    await expectAgreement(project);
  });

  test('that comes out otherwise for one month makes the dates up to the next month stale', async () => {
    const project = modelProject();
    await project.materialize();
    change(project, '2023-10-31', 100);
    // Only the model of November: the models of later months would change as well.
    await project.materialize({ selection: ['readings'] });
    await project.materialize({ selection: ['model'], partitions: NOVEMBER });
    expect(await staleDates(project)).toEqual(['2023-10-31', '2023-11-01', '2023-11-15']);
    expect(await staleDates(project, 'model')).toEqual([DECEMBER]);
    const outcome = await project.materialize();
    expect(countsOf(outcome, 'predicted')).toEqual({ unchanged: 1, materialized: 4, skipped: 1 });
    await expectAgreement(project);
  });

  test('does not change with dates from its month on', async () => {
    const project = modelProject();
    await project.materialize();
    change(project, '2023-12-01', 100);
    const outcome = await project.materialize();
    expect(countsOf(outcome, 'model')).toEqual({ skipped: 2, expected_empty: 1 });
    expect(countsOf(outcome, 'predicted')).toEqual({ unchanged: 1, skipped: 5 });
  });

  test('that was never made for the newest month is that of the month before, until it is made', async () => {
    const project = modelProject();
    project.edit('pipeline.yaml', 'bad: none', `bad: '${DECEMBER}'`);
    const first = await project.materialize();
    expect(failuresOf(first)).toEqual([`model ${DECEMBER} failed`]);
    expect(await monthsRead(project)).toMatchObject({ '2023-11-15': 11, '2023-12-10': 11 });
    expect(await project.status('predicted')).toMatchObject({ '2023-12-10': 'current' });
    project.edit('pipeline.yaml', `bad: '${DECEMBER}'`, 'bad: none');
    const plan = await project.dryRun({ partitions: `${DECEMBER}..` });
    expect(plan.steps.find(({ asset }) => asset === 'predicted')?.reasons).toMatchObject({
      may_change: 2,
    });
    const second = await project.materialize();
    expect(countsOf(second, 'predicted')).toEqual({ materialized: 2, skipped: 4 });
    expect(await monthsRead(project)).toMatchObject({ '2023-11-15': 11, '2023-12-10': 12 });
    await expectAgreement(project);
  });

  test('that failed after it was made once is read as it was', async () => {
    const project = modelProject();
    await project.materialize();
    project.edit('pipeline.yaml', 'bad: none', `bad: '${DECEMBER}'`);
    change(project, '2023-12-10', 100);
    const outcome = await project.materialize();
    expect(failuresOf(outcome)).toEqual([`model ${DECEMBER} failed`]);
    expect(countsOf(outcome, 'predicted')).toEqual({ unchanged: 1, skipped: 5 });
    expect(await monthsRead(project)).toMatchObject({ '2023-12-10': 12 });
  });

  test('that was forgotten is that of the month before, and its dates are stale', async () => {
    const project = modelProject();
    await project.materialize();
    await runCommand(project, `forget model --partitions ${DECEMBER} --yes`);
    expect(await staleDates(project)).toEqual(['2023-12-01', '2023-12-10']);
    await project.materialize({ selection: ['predicted'] });
    expect(await monthsRead(project)).toMatchObject({ '2023-11-15': 11, '2023-12-10': 11 });
    const { out } = await runCommand(project, 'why predicted 2023-12-10');
    expect(out).toContain('current');
    await expectAgreement(project);
  });
});

describe('a required model', () => {
  test('blocks the dates that there is none for, and no others', async () => {
    const outcome = await modelProject('latest').materialize();
    expect(failuresOf(outcome)).toEqual([
      'predicted 2023-10-30 blocked',
      'predicted 2023-10-31 blocked',
    ]);
    expect(countsOf(outcome, 'predicted')).toEqual({ materialized: 4, blocked: 2 });
  });

  test('that failed after it was made once blocks what would have to be made from it', async () => {
    const project = modelProject('latest');
    await project.materialize();
    project.edit('pipeline.yaml', 'bad: none', `bad: '${DECEMBER}'`);
    change(project, '2023-12-10', 100);
    const outcome = await project.materialize();
    expect(failuresOf(outcome)).toContain('predicted 2023-12-10 blocked');
    expect(failuresOf(outcome)).not.toContain('predicted 2023-12-01 blocked');
  });
});

describe('a date', () => {
  test('asks for the month that it is in, and for no other', async () => {
    const project = modelProject();
    await project.materialize({ selection: ['readings'] });
    const range = { selection: ['+predicted'], partitions: '2023-12-10' };
    const plan = await project.dryRun(range);
    expect(plan.steps.map(({ asset, partitions }) => [asset, partitions.from])).toEqual([
      ['model', DECEMBER],
      ['predicted', '2023-12-10'],
    ]);
    const outcome = await project.materialize(range);
    expect(countsOf(outcome, 'model')).toEqual({ materialized: 1 });
    expect(await monthsRead(project)).toEqual({ '2023-12-10': 12 });
    const across = await project.materialize({
      selection: ['model'],
      partitions: '2023-10-31..2023-11-01',
    });
    expect(countsOf(across, 'model')).toEqual({ materialized: 1, expected_empty: 1 });
  });

  test('that has no partition is a mistake, though its month has one', async () => {
    const project = modelProject();
    await project.materialize();
    const request = { selection: ['+predicted'], partitions: '2023-12-11' };
    expect((await project.error(request)).code).toBe('EMPTY_RANGE');
    const months = await project.materialize({ selection: ['model'], partitions: '2023-12-11' });
    expect(countsOf(months, 'model')).toEqual({ skipped: 1 });
  });
});
