import { expect, test } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { countsOf, newProject, type TestProject } from '../support/project.ts';

const YAML = `name: poison
timezone: UTC
default_target: local
targets:
  local: { warehouse: duckdb, memory_limit: 512MB, threads: 1 }
groups:
  raw: { dataset: raw }
  reports: { dataset: reports }
calendars:
  dates: { asset: readings, date: day }
partition_sets:
  dates: { calendar: dates }
columns:
  day: { type: DATE, description: The day of the readings }
defaults:
  partitions: dates
  partition_column: day
  retry: { attempts: 2, base_delay: 1ms, max_delay: 1ms }
  key: [day]
assets:
  readings:
    group: raw
    description: One row per reading, as text.
    source: { path: data/readings.csv }
    columns: [day, { value: { type: STRING, description: What was read } }]
  numbers:
    group: reports
    description: The readings as numbers.
    upstream: { readings: same }
    columns: [day, { value: { type: INT64, description: What was read } }]
    checks:
      - range: { column: value, max: 1000 }
        severity: error
        blocking: true
  doubled:
    group: reports
    description: Twice the number.
    upstream: { numbers: same }
    columns: [day, { value: { type: INT64, description: Twice } }]
  before:
    group: reports
    description: The sum of the two days before.
    upstream: { numbers: { before: { partitions: 2 } } }
    columns: [day, { value: { type: INT64, description: Sum } }]
    expected_empty:
      - condition: NOT EXISTS (SELECT 1 FROM numbers AS n WHERE n.day < partitions.partition_date)
        reason: the first day
`;

const SQL = {
  'assets/reports/numbers.sql': `SELECT p.partition_date AS day, CAST(r.value AS INT64) AS value
FROM partitions AS p JOIN readings AS r ON r.day = p.partition_date
`,
  'assets/reports/doubled.sql': `SELECT p.partition_date AS day, n.value * 2 AS value
FROM partitions AS p JOIN numbers AS n ON n.day = p.partition_date
`,
  'assets/reports/before.sql': `SELECT p.partition_date AS day, SUM(n.value) AS value
FROM partitions AS p JOIN numbers AS n
  ON n.day < p.partition_date AND DATE_DIFF(p.partition_date, n.day, DAY) <= 2
GROUP BY p.partition_date
`,
};

function dateOf(index: number): string {
  return new Date(Date.UTC(2024, 0, 1 + index)).toISOString().slice(0, 10);
}

function readings(values: readonly string[]): string {
  return `day,value\n${values.map((value, index) => `${dateOf(index)},${value}\n`).join('')}`;
}

function good(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1));
}

function poisonProject(values: readonly string[]): TestProject {
  return newProject({ 'pipeline.yaml': YAML, 'data/readings.csv': readings(values), ...SQL });
}

test('a partition whose data cannot be computed fails alone, with its message', async () => {
  const values = good(8).with(3, 'n/a');
  const project = poisonProject(values);
  const outcome = await project.materialize();
  expect(outcome.code).toBe(1);
  expect(countsOf(outcome, 'numbers')).toEqual({ materialized: 7, failed: 1 });
  const failed = outcome.document.failures.filter((each) => each.status === 'failed');
  expect(failed).toMatchObject([
    { asset: 'numbers', partition: '2024-01-04', category: 'DATA_ERROR' },
  ]);
  expect(failed[0]?.message).toContain('n/a');
  await expectAgreement(project);
});

test('what needs a failed partition is blocked by it, by name; the rest is made', async () => {
  const project = poisonProject(good(8).with(3, 'n/a'));
  const outcome = await project.materialize();
  expect(countsOf(outcome, 'doubled')).toEqual({ materialized: 7, blocked: 1 });
  expect(countsOf(outcome, 'before')).toEqual({ materialized: 5, expected_empty: 1, blocked: 2 });
  const blocked = outcome.document.failures.filter((each) => each.status === 'blocked');
  expect(blocked.map((each) => [each.asset, each.partition])).toEqual([
    ['doubled', '2024-01-04'],
    ['before', '2024-01-05'],
    ['before', '2024-01-06'],
  ]);
  for (const { message } of blocked) {
    expect(message).toBe('needs numbers of 2024-01-04, which is failed');
  }
});
test('probe', async () => {
  const project = poisonProject(good(8).with(3, 'n/a'));
  const o = await project.materialize({ selection: ['+numbers'] , quiet: false, logLevel: 'debug'});
  console.log(o.log);
  console.log(await project.query('select * from reports.numbers'), await project.status('numbers'));
});
