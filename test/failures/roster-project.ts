import { newProject, type TestProject } from '../support/project.ts';
import { jsonOf } from '../support/run-command.ts';

/** Somebody who is expected on a day: whoever worked two hours is paid, whoever is `lost` or a `ghost` is not. */
export interface Shift {
  readonly day: string;
  readonly worker: string;
  /** Absent: off duty. */
  readonly hours?: number;
  readonly note?: 'lost' | 'ghost';
}

const YAML = `name: roster
timezone: UTC
default_target: local
targets:
  local: { warehouse: duckdb, memory_limit: 512MB, threads: 1 }
groups:
  raw: { dataset: raw }
  reports: { dataset: reports }
calendars:
  days: { asset: roster, date: day }
partition_sets:
  days: { calendar: days }
failure_categories:
  OFF_DUTY: { expected: true, correctable: false, description: Has the day off }
columns:
  day: { type: DATE, description: The day }
  worker: { type: STRING, description: Who }
defaults:
  partitions: days
  partition_column: day
  retry: { attempts: 2, base_delay: 1ms, max_delay: 1ms }
  key: [day, worker]
assets:
  roster:
    group: raw
    description: Who is expected on a day.
    source: { path: data/roster.csv }
    columns:
      [day, worker, hours: { type: INT64, description: Hours worked },
      note: { type: STRING, description: What is wrong }]
  paid:
    group: reports
    description: Who is paid.
    upstream: { roster: same }
    universe:
      relation: roster
      entity: [worker]
      counts: { expected: '2', actual: expected.hours }
    failures:
      - { category: OFF_DUTY, when: expected.hours IS NULL, reason: has the day off }
      - { category: INSUFFICIENT_DATA, when: expected.hours < 1, reason: did not come }
      - { category: INCOMPLETE_DATA, when: expected.hours < 2, reason: went home early }
    columns: [day, worker, pay: { type: INT64, description: What is paid }]
`;

const PAID = `SELECT r.day, r.worker, r.hours * 10 AS pay
FROM roster AS r JOIN partitions AS q ON q.partition_date = r.day
WHERE r.hours >= 2 AND r.note IS NULL
UNION ALL
SELECT r.day, r.worker || '_ghost' AS worker, 0 AS pay
FROM roster AS r JOIN partitions AS q ON q.partition_date = r.day
WHERE r.note = 'ghost'
`;

/** A project with some shifts; nothing is made yet. */
export function rosterProject(shifts: readonly Shift[]): TestProject {
  const project = newProject({ 'pipeline.yaml': YAML, 'assets/reports/paid.sql': PAID });
  setShifts(project, shifts);
  return project;
}

export function setShifts(project: TestProject, shifts: readonly Shift[]): void {
  const lines = shifts.map(({ day, worker, hours, note }) =>
    [day, worker, hours ?? '', note ?? ''].join(','),
  );
  project.write('data/roster.csv', `${['day,worker,hours,note', ...lines].join('\n')}\n`);
}

/** What `failures --json` prints, as far as tests look at it. */
export interface FailuresDocument {
  readonly counts: readonly {
    readonly asset: string;
    readonly category: string;
    readonly entities: number;
    readonly partitions: { readonly from: string; readonly to: string; readonly count: number };
  }[];
  readonly total: number;
  readonly left_off: number;
  readonly failures: readonly {
    readonly partition: string;
    readonly entity: string;
    readonly category: string;
    readonly reason: string;
    readonly expected: boolean;
    readonly expected_count: number | null;
    readonly actual_count: number | null;
    readonly missing_dates: readonly string[];
    readonly run_id: string;
    readonly code_version: string;
    readonly recorded_at: string;
    readonly resolution_status: string;
    readonly resolved_at: string | null;
  }[];
}

export function failuresOf(
  project: TestProject,
  ...words: readonly string[]
): Promise<FailuresDocument> {
  return jsonOf<FailuresDocument>(project, ['failures', ...words].join(' '));
}

/** `2024-01-01 anna OFF_DUTY PERMANENT`, in order. */
export async function failureLines(
  project: TestProject,
  ...words: readonly string[]
): Promise<string[]> {
  const { failures } = await failuresOf(project, ...words);
  return failures.map(
    ({ partition, entity, category, resolution_status: status }) =>
      `${partition} ${entity} ${category} ${status}`,
  );
}
