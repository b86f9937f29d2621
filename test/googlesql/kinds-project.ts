import { keptProject, type TestProject } from '../support/project.ts';

/** Assets by name; `every_type` has a column of each type that can be declared, `checked` fails every kind of check. */
const YAML = `name: kinds
timezone: UTC
targets:
  local: { warehouse: duckdb, memory_limit: 512MB, threads: 1 }
groups:
  raw: { dataset: kinds_raw }
  reports: { dataset: kinds_reports }
calendars:
  dates:
    asset: games
    date: day
    where: kind IN ('regular', "cup") AND cancelled = 0
    period: { name: season, column: season, start: kind = 'regular' }
  visits: { asset: visits, date: day }
partition_sets:
  dates: { calendar: dates }
  visits: { calendar: visits }
  months: { every: month, calendar: dates }
  week: { every: day, from: 2024-01-01, to: 2024-01-07 }
functions:
  is_odd:
    arguments: { x: INT64 }
    sql: MOD(x, 2) = 1
  third_of:
    arguments: { x: FLOAT64 }
    sql: x / 3
columns:
  day: { type: DATE, description: The day }
  team: { type: STRING, description: The team }
  points: { type: INT64, description: Points }
  games: { type: INT64, description: Games }
  mean: { type: FLOAT64, round: 3, description: Mean of the points }
defaults:
  partitions: dates
  partition_column: day
  key: [day]
  retry: { attempts: 1 }
unions:
  rolling: { tag: rolling }
  mixed: { tags: [rolling, typed], columns: all }
assets:
  games:
    group: raw
    source: { path: data/games.csv }
    key: [game_id]
    columns:
      - day
      - game_id: { type: INT64, description: The game }
      - season: { type: STRING, description: The season }
      - kind: { type: STRING, description: Kind of game }
      - cancelled: { type: INT64, description: 1 if it was not played }
      - team
      - points
      - price: { type: FLOAT64, round: 2, description: Price }
      - at_home: { type: BOOL, description: Played at home }
      - tip_off: { type: TIMESTAMP, description: When it began }
  visits:
    group: raw
    partitions: visits
    source: { path: data/visits.csv }
    columns: [day, team]
    key: [day, team]
  teams:
    group: raw
    partitions: none
    source: { path: data/teams.csv }
    columns: [team]
    key: [team]
  every_type:
    group: reports
    tags: [typed]
    upstream: { games: same }
    key: [game_id]
    columns:
      - day
      - game_id: { type: INT64, description: The game }
      - text: { type: STRING, description: Text }
      - whole: { type: INT64, description: Whole }
      - part: { type: FLOAT64, round: 2, description: Rounded }
      - flag: { type: BOOL, description: Flag }
      - date: { type: DATE, description: Date }
      - time: { type: TIMESTAMP, description: Time }
      - texts: { type: ARRAY<STRING>, description: Texts }
      - wholes: { type: ARRAY<INT64>, description: Wholes }
      - parts: { type: ARRAY<FLOAT64>, round: 1, description: Parts }
  three_days:
    group: reports
    upstream: { games: { before: { days: 3 } } }
    columns: &rolled [day, games, mean]
    tags: [rolling]
  two_dates:
    group: reports
    upstream: { games: { before: { partitions: 2 } } }
    columns: *rolled
    tags: [rolling]
  season_so_far:
    group: reports
    upstream: { games: { before: season } }
    columns: *rolled
    tags: [rolling]
    expected_empty:
      - { first_days_of_period: 1, reason: opening night }
  all_before:
    group: reports
    upstream: { games: { before: all } }
    columns: *rolled
    tags: [rolling]
    expected_empty:
      - condition: NOT EXISTS (SELECT 1 FROM games AS g WHERE g.day < partitions.partition_date AND NOT is_odd(g.cancelled))
        reason: nothing was played before
  latest_visit:
    group: reports
    upstream: { visits: { window: latest, optional: true } }
    columns: [day, games]
  visit_before:
    group: reports
    upstream: { visits: { window: latest_before, optional: true } }
    columns: [day, games]
  any_rolling:
    group: reports
    upstream: { rolling: same }
    columns: *rolled
    expected_empty: [{ condition: 'NOT EXISTS (SELECT 1 FROM rolling AS r WHERE r.day = partitions.partition_date)', reason: nothing }]
  any_of_both:
    group: reports
    upstream: { mixed: { window: same, optional: [rolling] } }
    key: [day, game_id]
    columns:
      - day
      - game_id: { type: INT64, description: The game }
      - games
      - text: { type: STRING, description: Text }
      - part: { type: FLOAT64, round: 2, description: Rounded }
      - flag: { type: BOOL, description: Flag }
      - date: { type: DATE, description: Date }
      - time: { type: TIMESTAMP, description: Time }
      - lists: { type: INT64, description: Elements of the lists }
    checks:
      - { relationship: { column: game_id, to: mixed.game_id }, severity: warn }
      - { coverage: { of: mixed, on: { lists: whole }, where: flag OR games IS NULL }, severity: warn }
  monthly:
    group: reports
    partitions: months
    partition_column: month
    upstream: { games: { before: all } }
    key: [month]
    columns:
      - month: { type: DATE, description: First day of the month }
      - games
      - mean
  every_day:
    group: reports
    partitions: week
    upstream: { games: { before: { days: 2 } } }
    columns: *rolled
  totals:
    group: reports
    partitions: none
    upstream: { games: all, teams: all }
    key: [team]
    columns: [team, games, mean]
  checked:
    group: reports
    upstream: { games: same, teams: all, visits: { before: { days: 3 } }, every_type: same }
    key: [day, game_id]
    universe:
      relation: games
      entity: [game_id, at_home]
      where: NOT is_odd(expected.cancelled)
      counts:
        expected: '2'
        actual: (SELECT COUNT(*) FROM games AS g WHERE g.day = expected.day AND g.points < expected.points)
        missing_dates: '[partitions.partition_date, DATE ''2024-01-01'']'
      severity: warn
    failures:
      - category: MISSING_UPSTREAM
        when: NOT EXISTS (SELECT 1 FROM visits AS v WHERE v.team = expected.team AND v.day < partitions.partition_date)
        reason: nobody came
      - { category: INCOMPLETE_DATA, when: is_odd(expected.points), reason: odd }
    columns:
      - day
      - game_id: { type: INT64, description: The game }
      - team
      - points
      - mean: { type: FLOAT64, round: 3, description: A third of the points }
      - at_home: { type: BOOL, description: Played at home }
    checks:
      - { unique: [team], severity: warn }
      - { not_null: points, severity: warn }
      - { accepted_values: { column: team, values: ['aaa', "o'b", 'a\\b', 'ünï'] }, severity: warn }
      - { accepted_values: { column: points, values: [100, 90] }, severity: warn }
      - { accepted_values: { column: at_home, values: [true] }, severity: warn }
      - { range: { column: points, min: 50, max: 120 }, severity: warn }
      - { range: { column: mean, max: 30.5 }, severity: warn }
      - { condition: NOT is_odd(points), severity: warn }
      - { row_count: { min: 2, max: 3 }, severity: warn }
      - { row_count: { per: games, min: 1, max: 1, on: { team: team } }, severity: warn }
      - { row_count: { per: teams, min: 1, on: { team: team } }, severity: warn, name: every_team_plays }
      - { relationship: { column: team, to: teams.team }, severity: warn }
      - { relationship: { column: team, to: visits.team }, severity: warn }
      - { relationship: { column: game_id, to: every_type.whole }, severity: warn }
      - { duplicate_rows: { except: [game_id, points, mean] }, severity: warn }
      - { group: { by: [team], value: SUM(points), min: 50, max: COUNT(*) * 100, where: NOT is_odd(game_id) }, severity: warn }
      - { group: { value: AVG(mean), max: 25, min_rows: 2 }, severity: warn, name: mean_of_day }
      - { mirror: { by: [at_home], columns: { team: team, points: 190 - points }, tolerance: 5 }, severity: warn }
      - { coverage: { of: games, on: { game_id: game_id }, where: NOT is_odd(cancelled) }, threshold: 99, severity: warn }
      - { coverage: { of: teams, on: { team: team } }, severity: warn, name: all_teams_play }
      - { sum_equals: { sum: points + 1, of: games, equals: points, on: { team: team } }, severity: warn }
      - { sum_equals: { sum: '1', of: teams, equals: '1', on: { team: team }, tolerance: 0.5 }, severity: warn, name: once_each }
      - { constant: { columns: [points, mean, at_home], min_rows: 2 }, severity: warn }
      - { drift: { columns: [points, mean, at_home], measures: [mean, sd], over: 3, min_partitions: 2, sd: 0.5, min_rows: 1 }, severity: warn }
      - { distribution_shift: { column: points, bins: [80, 100], over: 3, min_partitions: 2, max: 0.1, min_rows: 1 }, severity: warn }
      - { distribution_shift: { column: mean, over: 3, min_partitions: 2, max: 0.1, min_rows: 1 }, severity: warn, name: deciles }
      - { correlation: { column: points, columns: [mean, game_id], max: 0.1, min_rows: 2 }, severity: warn }
      - { correlation: { column: points, of: every_type, on: { game_id: game_id }, columns: [part, whole], max: 0.1, min_rows: 2 }, severity: warn }
      - name: more_than_any_team
        severity: warn
        sql: >-
          SELECT t.day, t.team, t.points FROM this AS t JOIN partitions AS p ON p.partition_date = t.day
          WHERE t.points >= 100 AND NOT EXISTS (SELECT 1 FROM teams AS a WHERE a.team = t.team)
`;

const rolled = (condition: string): string => `SELECT p.partition_date AS day,
  COUNT(g.game_id) AS games, AVG(g.points) AS mean
FROM partitions AS p
LEFT JOIN games AS g ON ${condition}
GROUP BY p.partition_date
`;

const latest = (condition: string): string => `WITH seen AS (
  SELECT p.partition_date AS day, v.day AS visited, v.team AS team,
    RANK() OVER (PARTITION BY p.partition_date ORDER BY v.day DESC) AS place
  FROM partitions AS p LEFT JOIN visits AS v ON ${condition}
)
SELECT s.day AS day, COUNT(s.team) AS games FROM seen AS s WHERE s.place = 1 GROUP BY s.day
`;

const SQL = {
  every_type: `SELECT g.day AS day, g.game_id AS game_id, g.team || '-' || g.kind AS text,
  g.points AS whole, third_of(g.price) AS part, g.points > 95 AS flag,
  CAST(DATE_ADD(g.day, INTERVAL 1 MONTH) AS DATE) AS date, g.tip_off AS time,
  SPLIT(g.team, 'a') AS texts, [g.game_id, g.cancelled] AS wholes,
  [g.price, -g.price / 3, 0.25e0, -0.05e0, 0.04e0] AS parts
FROM partitions AS p JOIN games AS g ON g.day = p.partition_date
`,
  three_days: rolled('DATE_DIFF(p.partition_date, g.day, DAY) BETWEEN 1 AND 3'),
  two_dates: `WITH before AS (
  SELECT p.partition_date AS day, g.points AS points, g.game_id AS game_id,
    DENSE_RANK() OVER (PARTITION BY p.partition_date ORDER BY g.day DESC) AS place
  FROM partitions AS p
  LEFT JOIN games AS g ON g.day < p.partition_date AND g.kind IN ('regular', 'cup') AND g.cancelled = 0
)
SELECT b.day AS day, COUNT(b.game_id) AS games, AVG(b.points) AS mean
FROM before AS b WHERE b.place <= 2 GROUP BY b.day
`,
  season_so_far: rolled(
    'g.season = p.period AND g.day >= p.period_start AND g.day < p.partition_date',
  ),
  all_before: `SELECT p.partition_date AS day, COUNT(g.game_id) AS games, AVG(g.points) AS mean
FROM partitions AS p JOIN games AS g ON g.day < p.partition_date AND NOT is_odd(g.cancelled)
GROUP BY p.partition_date
`,
  latest_visit: latest('v.day <= p.partition_date'),
  visit_before: latest('v.day < p.partition_date'),
  any_rolling: `SELECT p.partition_date AS day, MAX(r.games) AS games, MAX(r.mean) AS mean
FROM partitions AS p JOIN rolling AS r ON r.day = p.partition_date
GROUP BY p.partition_date
`,
  any_of_both: `SELECT m.day AS day, COALESCE(m.game_id, 0) AS game_id, SUM(m.games) AS games, MAX(m.text) AS text, AVG(m.part) AS part,
  LOGICAL_OR(m.flag) AS flag, MAX(m.date) AS date, MAX(m.time) AS time,
  SUM(COALESCE(ARRAY_LENGTH(m.texts), 0) + COALESCE(ARRAY_LENGTH(m.wholes), 0) + COALESCE(ARRAY_LENGTH(m.parts), 0)) AS lists
FROM partitions AS p JOIN mixed AS m ON m.day = p.partition_date
GROUP BY m.day, COALESCE(m.game_id, 0)
`,
  monthly: `SELECT p.partition_date AS month, COUNT(g.game_id) AS games, AVG(g.points) AS mean
FROM partitions AS p LEFT JOIN games AS g ON g.day < p.partition_date
GROUP BY p.partition_date
`,
  every_day: rolled('DATE_DIFF(p.partition_date, g.day, DAY) BETWEEN 1 AND 2'),
  totals: `SELECT t.team AS team, COUNT(g.game_id) AS games, AVG(g.points) AS mean
FROM teams AS t LEFT JOIN games AS g ON g.team = t.team
GROUP BY t.team
`,
  checked: `SELECT g.day AS day, g.game_id AS game_id, g.team AS team, g.points AS points,
  third_of(g.points) AS mean, g.at_home AS at_home
FROM partitions AS p JOIN games AS g ON g.day = p.partition_date
WHERE g.points IS NULL OR g.points <> 77
`,
} as const;

const GAMES = `day,game_id,season,kind,cancelled,team,points,price,at_home,tip_off
2023-12-30,1,2022,cup,0,aaa,100,10.05,true,2023-12-30 19:30:00
2023-12-31,2,2023,cup,0,o'b,90,0.125,false,2023-12-31 19:30:00.25
2024-01-01,3,2023,regular,0,aaa,101,1.005,true,2024-01-01 19:30:00
2024-01-01,4,2023,regular,0,a\\b,,-0.375,,2024-01-01 19:30:00
2024-01-01,5,2023,regular,0,aaa,78,2.5,true,
2024-01-03,6,2023,regular,0,ünï,49,7.5,true,2024-01-03 00:00:00.000001
2024-01-04,7,2023,friendly,0,aaa,88,8,true,2024-01-04 12:00:00
2024-01-05,8,2023,regular,1,aaa,88,8,true,2024-01-05 12:00:00
2024-01-06,9,2023,regular,0,bbb,121,8.15,true,2024-01-06 12:00:00
2024-01-06,12,2023,cup,0,ccc,77,1,true,2024-01-06 15:00:00
2024-02-02,10,2023,regular,0,o'b,100,3.335,false,2024-02-02 23:59:59
2024-02-03,11,2023,cup,0,,110,-3.335,false,2024-02-03 23:59:59
`;

const VISITS = `day,team
2023-12-30,aaa
2024-01-02,bbb
2024-01-02,aaa
2024-01-05,bbb
2024-01-30,o'b
2024-02-03,o'b
`;

/** A pipeline with every window, partition set, column type and kind of check. */
export function kindsProject(): TestProject {
  const sql = Object.entries(SQL).map(([name, text]) => [`assets/reports/${name}.sql`, text]);
  return keptProject({
    'pipeline.yaml': YAML,
    'data/games.csv': GAMES,
    'data/visits.csv': VISITS,
    'data/teams.csv': "team\naaa\nbbb\no'b\n",
    ...(Object.fromEntries(sql) as Record<string, string>),
  });
}
