import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { measureCli, print, ROOT } from './measure.ts';

const HELP = `How good the trained systems are, walk-forward, as a share of the season average's error on the same rows
(primary rows: minutes played, 5 games of the season before, day 14 of the season or later), and what training costs.

Usage: [FASTBREAK_HOME=DIR] [NBA_DATA=DIR] node bench/accuracy.ts [--help]

Takes what FASTBREAK_HOME holds; without one everything is made first, models included, which takes many minutes, in
a folder that is removed again.
`;

/** Prints the tables; an argument that is not known ends with 2 before anything is made. */
async function main(): Promise<void> {
  const wanted = wantedOptions();
  if (typeof wanted === 'string') {
    process.stderr.write(`error: ${wanted}\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  if (wanted.help) return print(HELP);
  const given = process.env['FASTBREAK_HOME'];
  const home = given ?? mkdtempSync(join(tmpdir(), 'fastbreak-accuracy-'));
  try {
    if (given === undefined) await makeAll(home);
    for (const { title, sql } of TABLES) table(title, ask(home, sql));
  } finally {
    if (given === undefined) rmSync(home, { recursive: true, force: true });
  }
}

/** The options of the command line, or what is wrong with them. */
function wantedOptions(): { readonly help: boolean } | string {
  try {
    return parseArgs({ options: { help: { type: 'boolean', short: 'h', default: false } } }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The graph up to the features, then the models, then what predicts with them, with what each takes. */
async function makeAll(home: string): Promise<void> {
  const env = { FASTBREAK_HOME: home };
  const steps = [
    ['features', '+group:features'],
    ['models', 'group:models'],
    ['predictions', 'player_prop_predictions,pra_predictions'],
  ] as const;
  for (const [name, selection] of steps) {
    const wanted =
      name === 'predictions' ? selection.split(',').map((each) => `+${each}`) : [selection];
    const { seconds, cpu, peakMb } = await measureCli(['materialize', ...wanted, '--quiet'], env);
    print(
      `${name}: ${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of processor, ${Math.round(peakMb)} MB\n`,
    );
  }
}

interface Answer {
  readonly columns: readonly { readonly name: string }[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

function ask(home: string, sql: string): Answer {
  const run = spawnSync(
    process.execPath,
    [join(ROOT, 'cli.ts'), 'query', '--json', '--limit', '1000', sql],
    { encoding: 'utf8', cwd: ROOT, env: { ...process.env, FASTBREAK_HOME: home } },
  );
  if (run.status !== 0) throw new Error(run.stderr);
  // The command's documented shape.
  return JSON.parse(run.stdout) as Answer;
}

/** The season average and the primary rows, from the box scores alone. */
const PRIMARY = `
  games AS (
    SELECT g.game_date, g.player_lookup, g.season_year, g.points, g.points + g.rebounds + g.assists AS pra
    FROM player_game_summary AS g WHERE g.minutes_played > 0
  ),
  played AS (
    SELECT g.*,
      AVG(g.points) OVER (PARTITION BY g.player_lookup, g.season_year ORDER BY g.game_date
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS average,
      ROW_NUMBER() OVER (PARTITION BY g.player_lookup, g.season_year ORDER BY g.game_date) - 1 AS games_before,
      DATE_DIFF(g.game_date, MIN(g.game_date) OVER (PARTITION BY g.season_year), DAY) AS season_day
    FROM games AS g
  ),
  primary_rows AS (SELECT p.* FROM played AS p WHERE p.games_before >= 5 AND p.season_day >= 14),
  scored AS (
    SELECT p.*, s.system_id, s.predicted_points, s.predicted_mean, s.predicted_p10, s.predicted_p90,
      ABS(s.predicted_points - p.points) AS error, ABS(p.average - p.points) AS average_error,
      CASE WHEN p.average >= 30 THEN 'STAR_30PLUS' WHEN p.average >= 20 THEN 'STARTER_20_29'
        WHEN p.average >= 10 THEN 'ROTATION_10_19' ELSE 'BENCH_0_9' END AS tier
    FROM primary_rows AS p
    JOIN player_prop_predictions AS s ON s.game_date = p.game_date AND s.player_lookup = p.player_lookup
  )`;

const SHARE = 'SUM(s.error) / SUM(s.average_error)';

const MONTHS = [
  ['nov', 11],
  ['dec', 12],
  ['jan', 1],
  ['feb', 2],
  ['mar', 3],
  ['apr', 4],
  ['may', 5],
] as const;

const TABLES = [
  {
    title:
      'Share of the season average’s mean absolute error (primary rows; the season from day 78 on; seasons)',
    sql: `WITH ${PRIMARY}
      SELECT s.system_id, COUNT(*) AS n, ${SHARE} AS share,
        SUM(IF(s.season_day >= 78, s.error, 0)) / SUM(IF(s.season_day >= 78, s.average_error, 0)) AS from_day_78,
        SUM(IF(s.season_year = 2021, s.error, 0)) / SUM(IF(s.season_year = 2021, s.average_error, 0)) AS s2021,
        SUM(IF(s.season_year = 2022, s.error, 0)) / SUM(IF(s.season_year = 2022, s.average_error, 0)) AS s2022,
        SUM(IF(s.season_year = 2023, s.error, 0)) / SUM(IF(s.season_year = 2023, s.average_error, 0)) AS s2023,
        SUM(IF(s.season_year = 2024, s.error, 0)) / SUM(IF(s.season_year = 2024, s.average_error, 0)) AS s2024,
        AVG(s.error) AS mae, AVG(s.predicted_mean - s.points) AS bias_of_mean
      FROM scored AS s GROUP BY 1 ORDER BY 3`,
  },
  {
    title: 'The same share by month: the season average grows old, and is the easier to beat',
    sql: `WITH ${PRIMARY}
      SELECT s.system_id, ${MONTHS.map(
        ([name, month]) =>
          `SUM(IF(EXTRACT(MONTH FROM s.game_date) = ${month}, s.error, 0))
        / SUM(IF(EXTRACT(MONTH FROM s.game_date) = ${month}, s.average_error, 0)) AS ${name}`,
      ).join(', ')}
      FROM scored AS s GROUP BY 1 ORDER BY 1`,
  },
  {
    title: 'Interval from the quantile of 10 to that of 90 %, and bias of the mean, by tier',
    sql: `WITH ${PRIMARY}
      SELECT s.system_id, s.tier, COUNT(*) AS n,
        AVG(IF(s.points BETWEEN s.predicted_p10 AND s.predicted_p90, 1, 0)) AS inside,
        AVG(IF(s.points < s.predicted_p10, 1, 0)) AS below, AVG(IF(s.points > s.predicted_p90, 1, 0)) AS above,
        AVG(s.predicted_mean - s.points) AS bias_of_mean
      FROM scored AS s WHERE s.predicted_p10 IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`,
  },
  {
    title: 'Points + rebounds + assists against the closing line (its mean absolute error is 1)',
    sql: `WITH ${PRIMARY}
      SELECT p.season_year, s.system_id, COUNT(*) AS n,
        SUM(ABS(s.prediction - p.pra)) / SUM(ABS(s.pra_line - p.pra)) AS share, AVG(ABS(s.pra_line - p.pra)) AS line_mae
      FROM played AS p
      JOIN pra_predictions AS s ON s.game_date = p.game_date AND s.player_lookup = p.player_lookup
      WHERE s.pra_line IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 4`,
  },
  {
    title:
      'Models by cut-off: rows, error on the last 15 % of dates as a share of the season average’s',
    sql: `SELECT m.model_id, COUNT(*) AS models, MIN(m.cut_off) AS first, MAX(m.cut_off) AS last,
        MAX(m.training_rows) AS most_rows, AVG(m.test_mae / m.test_season_average_mae) AS test_share
      FROM points_model AS m WHERE m.model IS NOT NULL GROUP BY 1 ORDER BY 1`,
  },
];

function table(title: string, { columns, rows }: Answer): void {
  const cells = [
    columns.map(({ name }) => name),
    ...rows.map((row) => row.map((value) => text(value))),
  ];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const lines = cells.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '));
  print(`\n${title}\n${lines.join('\n')}\n`);
}

function text(value: string | number | null): string {
  if (typeof value !== 'number') return value ?? '';
  return Number.isInteger(value) ? String(value) : value.toFixed(4);
}

await main();
