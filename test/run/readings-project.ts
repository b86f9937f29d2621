import { newProject, type TestProject } from '../support/project.ts';

export const READINGS_YAML = `name: readings
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

/** The date at a position, from 2024-01-01 on. */
export function dateOf(index: number): string {
  return new Date(Date.UTC(2024, 0, 1 + index)).toISOString().slice(0, 10);
}

export function readings(values: readonly string[]): string {
  return `day,value\n${values.map((value, index) => `${dateOf(index)},${value}\n`).join('')}`;
}

/** Readings 1, 2, 3 and so on. */
export function good(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1));
}

/** readings (text) → numbers (cast, checked) → doubled (same), before (two days before). */
export function readingsProject(values: readonly string[]): TestProject {
  return newProject({
    'pipeline.yaml': READINGS_YAML,
    'data/readings.csv': readings(values),
    ...SQL,
  });
}
