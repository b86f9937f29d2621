import fc from 'fast-check';
import { afterAll, expect } from 'vitest';
import { rmSync } from 'node:fs';
import { openWarehouse } from '../../engine/commands/context.ts';
import { verifiablePartitions } from '../../engine/health/sample.ts';
import { verifyPartitions } from '../../engine/health/verify.ts';
import { type ExpectedDays, everyDay, monthsOf } from '../../engine/partitions/calendar.ts';
import { type Day, formatDay, parseDay } from '../../engine/partitions/date.ts';
import { recordsIn } from '../../engine/staleness/window-inputs.ts';
import { shareCache, sharedCache } from '../model/model-project.ts';
import { DATES, WINDOW_KINDS } from '../model/world.ts';
import { naiveWindow } from '../partitions/shapes.ts';
import { keptProject, type TestProject } from '../support/project.ts';
import { propertyTest } from '../support/property.ts';

const cache = sharedCache();
afterAll(cache.remove);

const SETS = ['dates', 'months', 'days'] as const;

/** A calendar, and which dates of it the upstream has rows for. */
interface Case {
  readonly dates: readonly string[];
  readonly cut: string;
  readonly withRows: readonly boolean[];
  readonly own: (typeof SETS)[number];
  readonly upstream: (typeof SETS)[number];
  readonly batch: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  dates: fc
    .uniqueArray(fc.constantFrom(...DATES), { minLength: 1, maxLength: 9 })
    .map((list) => list.toSorted()),
  cut: fc.constantFrom(...DATES),
  withRows: fc.array(fc.integer({ min: 0, max: 3 }).map(Boolean), { minLength: 31, maxLength: 31 }),
  own: fc.constantFrom('dates', 'dates', ...SETS),
  upstream: fc.constantFrom('dates', 'dates', ...SETS),
  batch: fc.integer({ min: 2, max: 5 }),
});

/** The windows that an asset of that set can have. */
function windowsOf({ own }: Case): readonly number[] {
  const isAllowed = (at: number): boolean =>
    own !== 'days' || WINDOW_KINDS[at]?.window.type !== 'before_period';
  return [...WINDOW_KINDS.keys()].filter(isAllowed);
}

/** Which days of a case's upstream have rows: by their position in its set. */
function isPresent({ withRows }: Case, day: Day): boolean {
  return withRows[((day % 31) + 31) % 31] ?? true;
}

/** `up` has a row for some dates; every probe has a row for every date of it that it can see. */
function filesOf(of: Case, batch: number): Record<string, string> {
  const present = Array.from({ length: 31 }, (_, day) => day).filter((day) => isPresent(of, day));
  const rest = `MOD(UNIX_DATE(p.partition_date), 31)`;
  const files: Record<string, string> = {
    'data/games.csv': `game_date,season\n${of.dates
      .map((date) => `${date},${date < of.cut ? 'early' : 'late'}\n`)
      .join('')}`,
    'assets/reports/up.sql': `SELECT p.partition_date AS game_date, 1 AS number FROM partitions AS p WHERE ${rest} IN (${[-1, ...present].join(', ')}) AND (SELECT SUM(1) FROM games AS g) > 0\n`,
    'pipeline.yaml': yamlOf(of, batch),
  };
  for (const at of windowsOf(of)) {
    files[`assets/reports/probe_${at}.sql`] =
      'SELECT p.partition_date AS game_date, u.game_date AS seen FROM partitions AS p CROSS JOIN up AS u\n';
  }
  return files;
}

function yamlOf(of: Case, batch: number): string {
  const probes = windowsOf(of).map(
    (at) => `  probe_${at}:
    group: reports
    description: Every date that its window lets it see.
    partitions: ${of.own}
    batch: ${batch}
    upstream: { up: { window: ${WINDOW_KINDS[at]?.yaml}, optional: true } }
    columns: [game_date, { seen: { type: DATE, description: A date }}]
    key: [game_date, seen]
    expected_empty: [{ condition: 'TRUE', reason: nothing to see }]
`,
  );
  return `name: probes
timezone: UTC
default_target: local
targets:
  local: { warehouse: duckdb, memory_limit: 256MB, threads: 1 }
groups:
  raw: { dataset: raw }
  reports: { dataset: reports }
calendars:
  dates: { asset: games, date: game_date, period: { name: season, column: season } }
partition_sets:
  dates: { calendar: dates }
  months: { every: month, calendar: dates }
  days: { every: day, from: 2024-01-01, to: 2024-01-12 }
columns:
  game_date: { type: DATE, description: The date of the games }
defaults:
  partitions: dates
  partition_column: game_date
assets:
  games:
    group: raw
    description: One row per date.
    source: { path: data/games.csv }
    key: [game_date]
    columns: [game_date, { season: { type: STRING, description: The season } }]
  up:
    group: reports
    description: A row for some partitions.
    partitions: ${of.upstream}
    upstream: { games: all }
    columns: [game_date, { number: { type: INT64, description: One } }]
    key: [game_date]
    expected_empty: [{ condition: 'TRUE', reason: left out }]
${probes.join('')}`;
}

function daysOf(of: Case, set: (typeof SETS)[number]): ExpectedDays {
  const day = (text: string): Day => parseDay(text) ?? 0;
  if (set === 'days') return everyDay(day('2024-01-01'), day('2024-01-13'));
  const names = of.dates.map((date) => (date < of.cut ? 'early' : 'late'));
  const periods = [...new Set(names)].map((name) => {
    const first = day(of.dates[names.indexOf(name)] ?? '');
    return { name, start: first, first };
  });
  const calendar = {
    days: Int32Array.from(of.dates, day),
    periodIndex: Int32Array.from(names, (name) => periods.findIndex((each) => each.name === name)),
    periods,
  };
  return set === 'months' ? monthsOf(calendar) : calendar;
}

/** What the window of one partition holds, by definition. */
interface Held {
  /** The upstream dates with rows. */
  readonly dates: readonly string[];
  /** The first and the last day that it lets in, whether there is something or not. */
  readonly ends: readonly [Day, Day] | undefined;
}

/** More than all days that a case can have, so that windows without an end have one. */
const EVERY_DAY = Array.from({ length: 400 }, (_, at) => (parseDay('2023-06-01') ?? 0) + at);

/** The windows of every partition of a probe, by date. */
function inWindow(of: Case, kind: number): Map<string, Held> {
  const { window } = WINDOW_KINDS[kind] ?? { window: { type: 'all' as const } };
  const own = daysOf(of, of.own);
  const upstream = daysOf(of, of.upstream);
  const materialized = daysWithRows(of);
  return new Map(
    Array.from(own.days, (day, index) => {
      const holds = naiveWindow(window, { own, upstream, materialized }, index);
      const inside = EVERY_DAY.filter(holds);
      const [first, last] = [inside[0], inside.at(-1)];
      const ends = first === undefined || last === undefined ? undefined : ([first, last] as const);
      return [formatDay(day), { dates: materialized.filter(holds).map(formatDay), ends }];
    }),
  );
}

function daysWithRows(of: Case): Day[] {
  return [...daysOf(of, of.upstream).days].filter((day) => isPresent(of, day));
}

/** What each partition of a probe saw. */
async function seenBy(project: TestProject, kind: number): Promise<Map<string, string[]>> {
  const known = await project.query(
    `SELECT 1 FROM duckdb_tables() WHERE schema_name = 'reports' AND table_name = 'probe_${kind}'`,
  );
  const rows =
    known.length === 0
      ? []
      : await project.query(`SELECT CAST(game_date AS VARCHAR), CAST(seen AS VARCHAR)
          FROM reports.probe_${kind} ORDER BY ALL`);
  const seen = new Map<string, string[]>();
  for (const [date, each] of rows) {
    seen.set(String(date), [...(seen.get(String(date)) ?? []), String(each)]);
  }
  return seen;
}

async function inProject(
  files: Record<string, string>,
  work: (project: TestProject) => Promise<void>,
): Promise<void> {
  const project = keptProject(files);
  shareCache(project, cache.path);
  try {
    const { document } = await project.materialize();
    expect(document.failures).toEqual([]);
    await work(project);
  } finally {
    rmSync(project.root, { recursive: true, force: true });
  }
}

propertyTest(
  'invariant 4: alone',
  'SQL without any condition sees, for a partition made alone, exactly the upstream partitions in its window',
  {
    cases,
    runs: 2,
    secondsPerCase: 5,
    holds: (of) =>
      inProject(filesOf(of, 1), async (project) => {
        for (const kind of windowsOf(of)) {
          const seen = await seenBy(project, kind);
          for (const [date, { dates }] of inWindow(of, kind)) {
            const where = `${WINDOW_KINDS[kind]?.yaml} ${date}`;
            expect([where, ...(seen.get(date) ?? [])]).toEqual([where, ...dates]);
          }
        }
      }),
  },
);

propertyTest(
  'invariant 4: in a batch',
  'SQL without any condition sees, in a batch, what lies between the first and the last date of its windows, and verify finds each partition that saw more than its own',
  {
    cases,
    runs: 2,
    secondsPerCase: 5,
    holds: (of) =>
      inProject(filesOf(of, of.batch), async (project) => {
        const leaks: string[] = [];
        for (const kind of windowsOf(of)) {
          const windows = inWindow(of, kind);
          const seen = await seenBy(project, kind);
          for (const [date, own] of windows) {
            const where = `${WINDOW_KINDS[kind]?.yaml} ${date}`;
            const wanted = inBatch(of, date, windows);
            const found = seen.get(date) ?? [];
            expect([where, ...found]).toEqual([where, ...wanted]);
            // What is expected to be empty has no rows that could be verified.
            if (found.length > own.dates.length) leaks.push(`probe_${kind} ${date}`);
          }
        }
        expect((await differences(project)).sort()).toEqual(leaks.sort());
      }),
  },
);

/** The upstream dates with rows between the ends of the windows of the batch that a partition is made in. */
function inBatch(of: Case, date: string, windows: ReadonlyMap<string, Held>): string[] {
  const dates = [...windows.keys()];
  const start = Math.floor(dates.indexOf(date) / of.batch) * of.batch;
  const ends = dates
    .slice(start, start + of.batch)
    .flatMap((each) => windows.get(each)?.ends ?? []);
  const [first, last] = [Math.min(...ends), Math.max(...ends)];
  return daysWithRows(of)
    .filter((day) => first <= day && day <= last)
    .map(formatDay);
}

async function differences(project: TestProject): Promise<string[]> {
  const opened = await project.open();
  const { pipeline } = opened;
  const { evaluation } = await project.evaluate();
  const warehouse = await openWarehouse(opened, project.effects(), 'read');
  const assets = new Map(pipeline.assets.map((asset) => [asset.name, asset]));
  const { signal } = new AbortController();
  try {
    const recordsOf = recordsIn(evaluation);
    const context = { pipeline, assets, warehouse, signal, recordsOf, onProgress: () => undefined };
    const probes = [...evaluation.assets.values()].filter(({ asset }) =>
      asset.name.startsWith('probe_'),
    );
    const found = await verifyPartitions(context, verifiablePartitions(probes, undefined).assets);
    return found.map(({ asset, day }) => `${asset} ${formatDay(day)}`);
  } finally {
    await warehouse.close();
  }
}
