import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Flagship, onDuckdb, SOURCE_FILES } from '../nba/flagship.ts';
import { referenceData } from '../support/data.ts';
import { seededRandom } from '../support/seeded.ts';
import type { Content } from './content.ts';
import { expectNothingOpen } from './crash.ts';
import { KillChain, loseRecord } from './kill-chain.ts';

/**
 * CRASH_KILLS asks for so many kills, on the reference games where they are there; without it there are a few, on
 * the simulated league. CRASH_SEED repeats the draws; what a time falls on is up to the machine.
 */
const WANTED = Number(process.env['CRASH_KILLS'] ?? 8);
const isLong = process.env['CRASH_KILLS'] !== undefined;
const SEED = Number(process.env['CRASH_SEED'] ?? (isLong ? Date.now() % 1_000_000 : 20_240_115));
const LONG = 7_200_000;

/** Enough for every asset to have rows. */
const SMALL = { seasons: 1, teams: 8, gamesPerTeam: 30 };

type Version = 'before' | 'after';

let flagship: Flagship;
/** What an undisturbed run makes, from nothing, of each version of the source files. */
let expected: Readonly<Record<Version, Content>>;

beforeAll(async () => {
  const real = isLong ? referenceData() : undefined;
  flagship = real === undefined ? await Flagship.simulated(SMALL) : Flagship.create();
  if (real !== undefined) copyFiles(real, flagship.data);
  copyFiles(flagship.data, flagship.path('before'));
  const [changed, removed] = await dates();
  // Another line: made-up outcomes would break what is checked between tables.
  const line = `SELECT * REPLACE (total + IF(game_date = DATE '${changed}', 1, 0) AS total) FROM f`;
  await flagship.rewrite({ closing_lines: line });
  const without = `SELECT * FROM f WHERE game_date <> DATE '${removed}'`;
  await flagship.rewrite({
    schedule: without,
    player_box: without,
    shots: without,
    closing_lines: without,
  });
  copyFiles(flagship.data, flagship.path('after'));
  expected = { before: await undisturbed('before'), after: await undisturbed('after') };
}, LONG);
afterAll(() => flagship[Symbol.dispose]());

test(
  'a run of the flagship that is killed over and over comes to what an undisturbed run does',
  async () => {
    const diskKb = statSync(flagship.warehouseFile).size / 1024;
    const chain = new KillChain(flagship, seededRandom(SEED), diskKb);
    try {
      await (isLong ? allPhases(chain) : shortForm(chain));
    } catch (error) {
      throw new Error(`after ${chain.kills} kills, CRASH_SEED=${SEED}`, { cause: error });
    }
    const slowest = Math.max(...chain.statusMs);
    console.log(
      `${chain.kills} kills, 0 disagreements, seed ${SEED} (and ${chain.fullDisks} full disks; slowest status ${slowest} ms)`,
    );
    expect(chain.kills).toBeGreaterThanOrEqual(isLong ? WANTED : 1);
    await expectNothingOpen(flagship);
  },
  LONG,
);

async function shortForm(chain: KillChain): Promise<void> {
  loseHome();
  use('before');
  await chain.killing('materialize', WANTED - 3);
  expect(await chain.finish('materialize')).toEqual(expected.before);
  use('after');
  await chain.killing('materialize --prune', 3);
  expect(await chain.finish('materialize --prune')).toEqual(expected.after);
}

/** From nothing, on changed files, on files that change between two kills, forced, in a range, without a record. */
async function allPhases(chain: KillChain): Promise<void> {
  const ends = async (line: string, version: Version): Promise<void> => {
    await chain.killing(line);
    expect(await chain.finish(line)).toEqual(expected[version]);
    console.log(`${line} comes to its end; ${chain.kills} kills so far, seed ${SEED}`);
  };
  const phases: readonly (() => Promise<void>)[] = [
    async () => {
      loseHome();
      use('before');
      await ends('materialize', 'before');
    },
    async () => {
      use('after');
      await ends('materialize --prune', 'after');
    },
    async () => {
      await chain.killing('materialize --force', 3);
      await ends('materialize', 'after');
    },
    async () => {
      use('before');
      await chain.killing('materialize --prune', 2);
      use('after');
      await chain.killing('materialize --prune', 2);
      use('before');
      await ends('materialize --prune', 'before');
    },
    async () => {
      const [from, to] = await dates();
      await chain.killing(`backfill player_daily_cache+ --from ${from} --to ${to} --force`, 3);
      await ends('materialize', 'before');
    },
    async () => {
      loseRecord(flagship.home);
      await chain.killing('state rebuild', 2);
      await ends('materialize', 'before');
    },
  ];
  for (let phase = 0; chain.kills < WANTED; phase++) await phases[phase % phases.length]?.();
}

/** Two dates with games: in the middle of what there is, and a month or more later. */
async function dates(): Promise<readonly [string, string]> {
  const file = join(flagship.data, 'schedule.parquet');
  const rows = await onDuckdb(':memory:', async (connection) =>
    (
      await connection.runAndReadAll(
        `SELECT DISTINCT CAST(game_date AS VARCHAR) FROM '${file}' ORDER BY 1`,
      )
    ).getRowsJson(),
  );
  const at = (part: number): string => String(rows[Math.floor(rows.length * part)]?.[0]);
  return [at(0.5), at(0.6)];
}

async function undisturbed(version: Version): Promise<Content> {
  use(version);
  loseHome();
  await flagship.make();
  return new KillChain(flagship, () => 0).content();
}

function use(version: Version): void {
  copyFiles(flagship.path(version), flagship.data);
}

function copyFiles(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of SOURCE_FILES) {
    writeFileSync(join(to, `${name}.parquet`), readFileSync(join(from, `${name}.parquet`)));
  }
}

function loseHome(): void {
  loseRecord(flagship.home);
  for (const suffix of ['', '.wal']) rmSync(flagship.warehouseFile + suffix, { force: true });
}
