import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { simulateLeague } from './league/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const LEAGUE = join(ROOT, '.fastbreak/league');
const FIRST_SEASON = 2023;
const SEED = 7;

const ACCURACY = `SELECT a.system_id, COUNT(*) AS predictions, AVG(a.absolute_error) AS mae, AVG(a.signed_error) AS bias,
  AVG(IF(a.within_3, 1.0e0, 0.0e0)) AS within_3, AVG(IF(a.within_5, 1.0e0, 0.0e0)) AS within_5
FROM prediction_accuracy AS a WHERE a.actual_points IS NOT NULL GROUP BY a.system_id ORDER BY mae`;

/** The quick start: one simulated season (unless NBA_DATA names real files), everything made, a short report. */
async function main(): Promise<number> {
  await makeLeague();
  const started = performance.now();
  const run = fastbreak(['materialize', '--prune', '--json']);
  if (run.status !== 0) return run.status ?? 1;
  const seconds = (performance.now() - started) / 1000;
  print(summaryOf(JSON.parse(run.stdout) as RunDocument, seconds));
  const accuracy = fastbreak(['query', '--json', ACCURACY]);
  if (accuracy.status !== 0) return accuracy.status ?? 1;
  print(accuracyTable((JSON.parse(accuracy.stdout) as QueryDocument).rows));
  print(NEXT);
  return 0;
}

interface RunDocument {
  readonly status: string;
  readonly assets: readonly {
    readonly materialized: number;
    readonly unchanged: number;
    readonly skipped: number;
    readonly expected_empty: number;
    readonly rows: number;
  }[];
}

interface QueryDocument {
  readonly rows: readonly (readonly (string | number)[])[];
}

async function makeLeague(): Promise<void> {
  const data = process.env['NBA_DATA'];
  if (data !== undefined && data !== '') {
    print(`Using the files in ${data}.`);
    return;
  }
  if (existsSync(join(LEAGUE, 'schedule.parquet'))) {
    print(`Using the league in ${LEAGUE}.`);
    return;
  }
  const { rows, firstDate, lastDate } = await simulateLeague({
    seed: SEED,
    firstSeason: FIRST_SEASON,
    seasons: 1,
    outDir: LEAGUE,
  });
  print(
    `Simulated a season from ${firstDate} to ${lastDate}: ${rows.schedule} games, ${rows.player_box} box scores, ${rows.shots} shots.`,
  );
}

function fastbreak(args: readonly string[]): { status: number | null; stdout: string } {
  const cli = join(ROOT, 'cli.ts');
  return spawnSync(process.execPath, [cli, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function summaryOf(run: RunDocument, seconds: number): string {
  const sum = (pick: (asset: RunDocument['assets'][number]) => number): number =>
    run.assets.reduce((total, asset) => total + pick(asset), 0);
  const made = sum((asset) => asset.materialized);
  const current = sum((asset) => asset.unchanged + asset.skipped);
  const empty = sum((asset) => asset.expected_empty);
  return `
${run.assets.length} assets: ${number(made)} partitions materialized, ${number(current)} already current, ${number(empty)} expected to be empty;
${number(sum((asset) => asset.rows))} rows in ${seconds.toFixed(1)} s.`;
}

function accuracyTable(rows: QueryDocument['rows']): string {
  const lines = rows.map(([system, count, mae, bias, within3, within5]) =>
    [
      String(system).padEnd(28),
      number(Number(count)).padStart(12),
      Number(mae).toFixed(2).padStart(6),
      Number(bias).toFixed(2).padStart(7),
      percent(within3).padStart(9),
      percent(within5).padStart(9),
    ].join(''),
  );
  const head = `${'system'.padEnd(28)}${'predictions'.padStart(12)}${'MAE'.padStart(6)}${'bias'.padStart(7)}${'within 3'.padStart(9)}${'within 5'.padStart(9)}`;
  return ['', 'Predicted points against what happened:', head, ...lines].join('\n');
}

const NEXT = `
Try next:
  npx fastbreak status --grid                      what there is, as a calendar
  npx fastbreak why player_prop_predictions 2024-01-15
  npx fastbreak lineage +player_prop_predictions --format mermaid
  npx fastbreak query "SELECT * FROM system_daily_performance ORDER BY game_date DESC LIMIT 10"
  NBA_DATA=/path/to/files npx fastbreak materialize   your own data`;

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function percent(value: string | number | undefined): string {
  return `${(Number(value) * 100).toFixed(1)} %`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

process.exitCode = await main();
