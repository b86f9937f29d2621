import fc from 'fast-check';

/** A window with its words in pipeline.yaml and its condition in SQL, for rows `u` of the upstream and partitions `p`. */
interface WindowKind {
  readonly yaml: string;
  readonly on: string;
  /** At most this many of the newest dates that fulfil the condition. */
  readonly newest?: number;
}

const BEFORE = 'u.game_date < p.partition_date';
const days = (count: number): WindowKind => ({
  yaml: `{ before: { days: ${count} } }`,
  on: `${BEFORE} AND u.game_date >= DATE_SUB(p.partition_date, INTERVAL ${count} DAY)`,
});

export const WINDOW_KINDS: readonly WindowKind[] = [
  { yaml: 'same', on: 'u.game_date = p.partition_date' },
  days(1),
  days(5),
  { yaml: '{ before: { partitions: 1 } }', on: BEFORE, newest: 1 },
  { yaml: '{ before: { partitions: 3 } }', on: BEFORE, newest: 3 },
  { yaml: '{ before: season }', on: `${BEFORE} AND u.game_date >= p.period_start` },
  { yaml: '{ before: all }', on: BEFORE },
];

const NAMES = ['a', 'b', 'c', 'd'] as const;

interface Edge {
  /** `games`, or an asset that comes earlier. */
  readonly upstream: string;
  readonly window: number;
}

export interface RandomAsset {
  readonly name: string;
  readonly edges: readonly Edge[];
  /** Which formula its SQL has, and how the SQL is laid out. */
  readonly formula: number;
  readonly layout: number;
}

export interface GameRow {
  readonly id: number;
  readonly date: string;
  readonly points: number;
  /** True when the file holds a text instead of the points: the date cannot be loaded. */
  readonly isBroken?: boolean;
}

/** All that a project's files are written from. */
export interface RandomPipeline {
  readonly rows: readonly GameRow[];
  /** The first date of the second season; dates before it are of the first. */
  readonly cut: string;
  readonly assets: readonly RandomAsset[];
  readonly batch: number | undefined;
}

/** The dates that there may be games on: some in a row, some with gaps, over the end of a month. */
export const DATES: readonly string[] =
  '01-20 01-21 01-22 01-25 01-31 02-01 02-02 02-06 02-07 02-08 02-28 03-01'
    .split(' ')
    .map((date) => `2024-${date}`);

const asset = (at: number): fc.Arbitrary<RandomAsset> => {
  const upstream = fc.constantFrom('games', ...NAMES.slice(0, at), ...NAMES.slice(0, at));
  const edge = fc.record({ upstream, window: fc.nat(WINDOW_KINDS.length - 1) });
  return fc.record({
    name: fc.constant(NAMES[at] ?? ''),
    edges: fc.uniqueArray(edge, {
      minLength: 1,
      maxLength: 2,
      selector: (each) => each.upstream,
    }),
    formula: fc.nat(2),
    layout: fc.constant(0),
  });
};

const rows: fc.Arbitrary<readonly GameRow[]> = fc
  .uniqueArray(fc.constantFrom(...DATES), { minLength: 1, maxLength: 8 })
  .chain((dates) =>
    fc.array(fc.record({ date: fc.constantFrom(...dates), points: fc.nat(9) }), {
      minLength: 1,
      maxLength: 10,
    }),
  )
  .map((list) => list.map((row, at) => ({ id: at + 1, ...row })));

export const pipelines: fc.Arbitrary<RandomPipeline> = fc.record({
  rows,
  cut: fc.constantFrom(...DATES),
  assets: fc.integer({ min: 2, max: 4 }).chain((count) => fc.tuple(...ARBITRARIES.slice(0, count))),
  batch: fc.constantFrom(undefined, undefined, 1, 3),
});

const ARBITRARIES = NAMES.map((_, at) => asset(at));

/** The files of a pipeline: the source `games` with its calendar, and the assets that count and add up. */
export function filesOf(pipeline: RandomPipeline): Record<string, string> {
  const files: Record<string, string> = {
    'pipeline.yaml': yamlOf(pipeline),
    'data/games.csv': csvOf(pipeline),
  };
  for (const each of pipeline.assets) files[`assets/reports/${each.name}.sql`] = sqlOf(each);
  return files;
}

function csvOf({ rows: list, cut }: RandomPipeline): string {
  const lines = list.map(
    ({ id, date, points, isBroken = false }) =>
      `${id},${date},${date < cut ? 'early' : 'late'},${isBroken ? 'many' : points}`,
  );
  return ['game_id,game_date,season,points', ...lines, ''].join('\n');
}

function yamlOf({ assets, batch }: RandomPipeline): string {
  const reports = assets.map(
    ({ name, edges }) => `  ${name}:
    group: reports
    description: Counts and sums of what it reads.
    upstream: { ${edges.map((edge) => `${edge.upstream}: ${WINDOW_KINDS[edge.window]?.yaml}`).join(', ')} }
    columns: [game_date, number, points]
`,
  );
  return `name: random
timezone: UTC
default_target: local
targets:
  local: { warehouse: duckdb, memory_limit: 256MB, threads: 1 }
groups:
  raw: { dataset: raw }
  reports: { dataset: reports }
calendars:
  game_dates: { asset: games, date: game_date, period: { name: season, column: season } }
partition_sets:
  game_dates: { calendar: game_dates }
columns:
  game_date: { type: DATE, description: The date of the games }
  number: { type: INT64, description: Number of rows }
  points: { type: INT64, description: Sum of points }
defaults:
  partitions: game_dates
  partition_column: game_date
  key: [game_date]
${batch === undefined ? '' : `  batch: ${batch}\n`}assets:
  games:
    group: raw
    description: One row per game.
    source: { path: data/games.csv }
    key: [game_id]
    columns:
      - game_id: { type: INT64, description: Number of the game }
      - game_date
      - season: { type: STRING, description: The season }
      - points
${reports.join('')}`;
}

/** Formulas of the points that an asset makes from the sum of one upstream; the last is the first in other words. */
const FORMULAS = ['SUM(r.points)', 'SUM(r.points) * 2 + 1', 'SUM(r.points + 1) - COUNT(r.points)'];

function sqlOf({ edges, formula, layout }: RandomAsset): string {
  const parts = edges.map(
    ({ upstream, window }, at) => `read_${at} AS (
  SELECT p.partition_date AS game_date, u.points AS points,
    DENSE_RANK() OVER (PARTITION BY p.partition_date ORDER BY u.game_date DESC) AS place
  FROM partitions AS p JOIN ${upstream} AS u ON ${WINDOW_KINDS[window]?.on}
), sum_${at} AS (
  SELECT p.partition_date AS game_date, COUNT(r.points) AS number, COALESCE(${FORMULAS[formula]}, 0) AS points
  FROM partitions AS p LEFT JOIN read_${at} AS r ON r.game_date = p.partition_date AND r.place <= ${WINDOW_KINDS[window]?.newest ?? 999}
  GROUP BY p.partition_date
)`,
  );
  const sum = (column: string): string =>
    edges.map((_, at) => `${at + 1} * s${at}.${column}`).join(' + ');
  const joins = edges
    .slice(1)
    .map((_, at) => ` JOIN sum_${at + 1} AS s${at + 1} ON s${at + 1}.game_date = s0.game_date`);
  const text = `WITH ${parts.join(', ')}
SELECT s0.game_date AS game_date, ${sum('number')} AS number, ${sum('points')} AS points
FROM sum_0 AS s0${joins.join('')}
`;
  return (LAYOUTS[layout] ?? String)(text);
}

/** Ways to write the same SQL. */
export const LAYOUTS: readonly ((sql: string) => string)[] = [
  (sql) => sql,
  (sql) => `-- Counts and sums.\n${sql.replaceAll(/\s+/g, '\n  ')} /* the end */\n`,
  (sql) => sql.replaceAll(/\b(read|sum)_(\d)\b/g, 'part_$1_$2').replaceAll(/\bAS\b/g, 'as'),
];

/** What every asset must hold, worked out date by date in the words of the windows. */
export function expectedRows(pipeline: RandomPipeline): Record<string, Record<string, number[]>> {
  const dates = [...new Set(pipeline.rows.map((row) => row.date))].sort();
  const points = new Map<string, Record<string, number[]>>();
  points.set(
    'games',
    Object.fromEntries(
      dates.map((date) => [
        date,
        pipeline.rows.filter((row) => row.date === date).map((row) => row.points),
      ]),
    ),
  );
  const all: Record<string, Record<string, number[]>> = {};
  for (const each of pipeline.assets) {
    const made = Object.fromEntries(
      dates.map((date) => {
        const of = each.edges.map(({ upstream, window }) =>
          windowOf(window, date, dates, pipeline.cut).flatMap(
            (day) => points.get(upstream)?.[day] ?? [],
          ),
        );
        const number = of.reduce((total, list, at) => total + (at + 1) * list.length, 0);
        const sum = of.reduce(
          (total, list, at) => total + (at + 1) * pointsOf(list, each.formula),
          0,
        );
        return [date, [number, sum]];
      }),
    );
    all[each.name] = made;
    points.set(
      each.name,
      Object.fromEntries(Object.entries(made).map(([date, [, sum]]) => [date, [sum ?? 0]])),
    );
  }
  return all;
}

function pointsOf(list: readonly number[], formula: number): number {
  if (list.length === 0) return 0;
  const sum = list.reduce((total, each) => total + each, 0);
  return formula === 1 ? sum * 2 + 1 : sum;
}

function windowOf(kind: number, date: string, dates: readonly string[], cut: string): string[] {
  const before = dates.filter((each) => each < date);
  const since = (count: number): string =>
    new Date(Date.parse(date) - count * 86_400_000).toISOString().slice(0, 10);
  const choices = [
    [date],
    before.filter((each) => each >= since(1)),
    before.filter((each) => each >= since(5)),
    before.slice(-1),
    before.slice(-3),
    before.filter((each) => each < cut === date < cut),
    before,
  ];
  return choices[kind] ?? [];
}
