import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { briefly, health, validate } from '../health/measured-project.ts';
import {
  type Evening,
  eveningOf,
  expectAllWell,
  giveFiles,
  injured,
  one,
  predictionsOf,
  whyEmpty,
  writeFile,
} from './evening.ts';
import { Flagship } from './flagship.ts';

const SLOW = 300_000;

let evening: Evening;

beforeAll(async () => {
  evening = await eveningOf(
    await Flagship.simulated({ seasons: 1, teams: 12, gamesPerTeam: 34 }),
    33,
  );
}, SLOW);
afterAll(() => {
  evening.flagship[Symbol.dispose]();
  evening.whole[Symbol.dispose]();
});

/** The NBA's ids of the games of the evening. */
async function gamesOf({ flagship, tonight }: Evening): Promise<readonly string[]> {
  const rows = await flagship.query(
    `SELECT game_id FROM nba_raw.schedule WHERE game_date = DATE '${tonight}' ORDER BY 1`,
  );
  return rows.map(([id]) => String(id));
}

test(
  'while some games are over and others are not, only those that are over are graded',
  async () => {
    const { tonight, noon } = evening;
    const [first, ...others] = await gamesOf(evening);
    expect(others.length).toBeGreaterThan(0);
    using flagship = evening.flagship.copy();
    const published = await predictionsOf(flagship, tonight);
    await giveFiles(evening, flagship, { playedBefore: tonight, isPlayed: `game_id = '${first}'` });
    await flagship.make(() => noon);
    await expectAllWell(flagship);
    expect(await predictionsOf(flagship, tonight)).toEqual(published);

    const of = (table: string): string =>
      `SELECT COUNT(DISTINCT game_id)::INT FROM ${table} WHERE game_date = DATE '${tonight}'`;
    expect(await one(flagship, of('nba_analytics.player_game_summary'))).toBe(1);
    expect(await one(flagship, of('nba_predictions.prediction_accuracy'))).toBe(1);
    expect(await one(flagship, of('nba_analytics.player_slate'))).toBe(others.length + 1);
    expect(await one(flagship, of('nba_predictions.player_prop_predictions'))).toBe(
      others.length + 1,
    );
    const { document } = await validate(flagship, {}, noon);
    // Lines come and go, and in the first days of a month the summaries have a span less.
    const usual = /unusual_nulls .*\.game_(?:spread|total)|few_rows system_summary/;
    const about = briefly(document).filter((line) => line.includes(tonight));
    expect(about.filter((line) => !usual.test(line))).toEqual([]);
    expect((await health(flagship)).err).toBe('');
  },
  SLOW,
);

test(
  'a box score of a game that is not over changes neither slate nor predictions, and is found',
  async () => {
    const { tonight, noon, next } = evening;
    using flagship = evening.flagship.copy();
    const slate = (await flagship.versions('player_slate'))[tonight];
    const features = (await flagship.versions('ml_feature_store_v2'))[tonight];
    await giveFiles(evening, flagship, { playedBefore: next });
    await flagship.rewrite({
      schedule: `SELECT * REPLACE (CASE WHEN game_date = DATE '${tonight}' THEN 'in_progress' ELSE status END AS status) FROM f`,
    });
    const { code, log } = await flagship.materialize({ now: () => noon });
    expect((await flagship.versions('player_slate'))[tonight], log).toBe(slate);
    expect((await flagship.versions('ml_feature_store_v2'))[tonight]).toBe(features);
    expect(await flagship.status('prediction_accuracy')).toMatchObject({
      [tonight]: 'expected-empty',
    });
    expect(code).toBe(1);
    const checks = flagship.command<{ findings?: unknown }>('runs', 'show', 'last');
    expect(JSON.stringify(checks)).toContain('game_of_the_date');
  },
  SLOW,
);

test(
  'a postponed game leaves the slate and its predictions, whatever was predicted',
  async () => {
    const { tonight, noon } = evening;
    const [first = '', ...others] = await gamesOf(evening);
    using flagship = evening.flagship.copy();
    await flagship.rewrite({
      schedule: `SELECT * REPLACE (CASE WHEN game_id = '${first}' THEN 'postponed' ELSE status END AS status) FROM f`,
    });
    await flagship.make(() => noon);
    await expectAllWell(flagship);
    const games = (table: string): Promise<unknown> =>
      one(
        flagship,
        `SELECT COUNT(DISTINCT game_id)::INT FROM ${table} WHERE game_date = DATE '${tonight}'`,
      );
    expect(await games('nba_analytics.team_slate')).toBe(others.length);
    expect(await games('nba_predictions.player_prop_predictions')).toBe(others.length);
    // What was said stays on record.
    expect(await games('nba_predictions.pregame_predictions')).toBe(others.length + 1);
  },
  SLOW,
);

test(
  'a date of which all games are postponed is no date of the calendar',
  async () => {
    const { tonight, next, noon } = evening;
    using flagship = evening.flagship.copy();
    await flagship.rewrite({
      schedule: `SELECT * REPLACE (CASE WHEN game_date = DATE '${tonight}' THEN 'postponed' ELSE status END AS status) FROM f`,
    });
    const { code } = await flagship.materialize({ prune: true, now: () => noon });
    expect(code).toBe(0);
    expect(await predictionsOf(flagship, tonight)).toEqual([]);
    // Nothing is before the next date any more.
    expect(whyEmpty(flagship, 'pregame_predictions', next)).toEqual(['current', null]);
  },
  SLOW,
);

test(
  'injuries and lineups that are reported in time are predicted with, and may go away again',
  async () => {
    const { tonight, noon } = evening;
    using flagship = evening.flagship.copy();
    const players = await flagship.query(
      `SELECT player_id, player_lookup, team_abbr FROM nba_analytics.recent_players
        WHERE game_date = DATE '${tonight}' AND started_last_game ORDER BY 1`,
    );
    const [[out, outLookup] = [], [doubtful, doubtfulLookup] = [], [starter, , team] = []] =
      players;
    expect(whyEmpty(flagship, 'injuries', tonight)).toEqual([
      'expected-empty',
      'there is no file at ${NBA_DATA:-.fastbreak/league}/injuries.parquet',
    ]);
    await writeFile(
      flagship,
      'injuries',
      `${injured(tonight, out ?? null, 'out')} UNION ALL ${injured(tonight, doubtful ?? null, 'questionable')}`,
    );
    await writeFile(
      flagship,
      'confirmed_lineups',
      `SELECT DATE '${tonight}' AS game_date, '${String(team)}' AS team, CAST(${String(starter)} AS BIGINT) AS player_id, TRUE AS starter`,
    );
    expect((await flagship.status('injuries'))[tonight]).toBe('expected-empty');
    const thaw = {
      selection: ['pregame_predictions'],
      partitions: tonight,
      force: true,
      thaw: true,
    };
    await flagship.make(() => noon);
    expect((await flagship.materialize({ ...thaw, now: () => noon })).code).toBe(0);
    await flagship.make(() => noon);
    await expectAllWell(flagship);

    const on = (what: string, table: string, where = 'TRUE'): Promise<unknown> =>
      one(
        flagship,
        `SELECT ${what} FROM ${table} WHERE game_date = DATE '${tonight}' AND ${where}`,
      );
    const of = (lookup: unknown): string => `player_lookup = '${String(lookup)}'`;
    const published = 'nba_predictions.player_prop_predictions';
    expect(await on('COUNT(*)::INT', published, of(outLookup))).toBe(0);
    expect(await on('COUNT(*)::INT', published, of(doubtfulLookup))).toBeGreaterThan(0);
    const features = 'nba_precompute.ml_feature_store_v2';
    expect(await on('injury_risk', features, of(doubtfulLookup))).toBe(2);
    expect(await on('MAX(injury_risk)', features, `NOT (${of(doubtfulLookup)})`)).toBe(0);
    const context = 'nba_analytics.upcoming_player_game_context';
    expect(await on('player_status', context, of(doubtfulLookup))).toBe('questionable');
    const lineups = 'nba_analytics.slate_lineups';
    expect(
      await on("STRING_AGG(DISTINCT lineup_source, ',')", lineups, `team_abbr = '${String(team)}'`),
    ).toBe('report');
    expect(await on('COUNT(*)::INT', lineups, `team_abbr = '${String(team)}' AND is_starter`)).toBe(
      1,
    );

    // Other dates have no report, for another reason now.
    expect(whyEmpty(flagship, 'injuries', evening.before)).toEqual([
      'expected-empty',
      'no injury report of the date',
    ]);
    rmSync(join(flagship.data, 'injuries.parquet'));
    expect((await flagship.status('injuries'))[tonight]).toBe('current');
    await flagship.make(() => noon);
    expect((await flagship.status('injuries'))[tonight]).toBe('expected-empty');
    expect(await on('COUNT(*)::INT', 'nba_analytics.player_slate', of(outLookup))).toBe(1);
    await expectAllWell(flagship);
  },
  SLOW,
);

test(
  'today can be asked for before its games; a day without games names the nearest dates',
  async () => {
    const { noon } = evening;
    using flagship = evening.flagship.copy();
    await flagship.materialize({ selection: ['player_prop_predictions'] });
    const today = { partitions: 'today', now: () => noon };
    for (const selection of [['player_prop_predictions'], ['+player_prop_predictions']]) {
      const { code, document } = await flagship.materialize({ ...today, selection });
      expect(document.failures).toEqual([]);
      expect(code).toBe(0);
      const published = document.assets.find(({ name }) => name === 'player_prop_predictions');
      expect(published?.skipped).toBe(1);
    }
    // Nobody plays on Thanksgiving.
    const dayOff = { partitions: 'today', now: () => Date.parse('2023-11-23T17:00:00Z') };
    const error = await flagship.error({ ...dayOff, selection: ['+player_prop_predictions'] });
    expect(error.message).toContain('none of the dates asked for (2023-11-23) has a partition');
    expect(error.hint).toContain('nearest are 2023-11-21 and 2023-11-24');
  },
  SLOW,
);

test(
  'predictions made before games keep their values when all predictions get a further column',
  async () => {
    const { tonight, noon } = evening;
    using flagship = evening.flagship.copy();
    const published = await predictionsOf(flagship, tonight);
    flagship.edit(
      'pipeline.yaml',
      'processing_decision_reason, window_span_days]\n    checks:\n      - &prediction_id',
      'processing_decision_reason, window_span_days,\n      doubled: { type: FLOAT64, round: 1, description: Twice }]\n    checks:\n      - &prediction_id',
    );
    const [pregame, all] = ['pregame_predictions', 'player_prop_predictions'].map(
      (name) => `assets/predictions/${name}.sql`,
    );
    const own = '  f.window_span_days\nFROM';
    for (const file of [pregame ?? '', all ?? '']) {
      flagship.edit(file, own, '  f.window_span_days,\n  2 * s.prediction AS doubled\nFROM');
    }
    flagship.edit(all ?? '', '  p.window_span_days\n', '  p.window_span_days,\n  p.doubled\n');
    await flagship.make(() => noon);
    await expectAllWell(flagship);
    const after = await predictionsOf(flagship, tonight);
    expect(after).toEqual(published.map((row) => [...row, null]));
    const earlier = await predictionsOf(flagship, evening.before);
    expect(earlier.length).toBeGreaterThan(0);
    expect(earlier.every((row) => row.at(-1) !== null)).toBe(true);
  },
  SLOW,
);
