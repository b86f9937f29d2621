import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { briefly, validate } from '../health/measured-project.ts';
import { referenceData } from '../support/data.ts';
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
import { KNOWING_LINEUPS } from './outcomes.ts';

const SLOW = 300_000;
const real = referenceData();

/** Assets about outcomes. */
const OUTCOMES = [
  'final_games',
  'player_box',
  'shots',
  'team_offense_game_summary',
  'team_defense_game_summary',
  'player_game_summary',
  'prediction_accuracy',
];

const SIDES = [
  {
    title: 'a simulated league',
    make: () => Flagship.simulated({ seasons: 1, teams: 10, gamesPerTeam: 36 }),
    date: 36,
  },
  ...(real === undefined
    ? []
    : [
        {
          title: 'real games',
          make: () => Flagship.since('2024-10-01', real),
          // 29 December 2024.
          date: 64,
        },
      ]),
];

interface FailuresDocument {
  readonly failures: readonly { readonly entity: string }[];
}

interface HealthDocument {
  readonly dates: readonly {
    readonly date: string;
    readonly score: number;
    readonly components: Readonly<Record<string, number | null>>;
  }[];
}

describe.each(SIDES)('games to come, on $title', ({ make, date }) => {
  let evening: Evening;

  beforeAll(async () => {
    evening = await eveningOf(await make(), date);
  }, SLOW);
  afterAll(() => {
    evening.flagship[Symbol.dispose]();
    evening.whole[Symbol.dispose]();
  });

  test(
    'what happens on the date is expected to be empty, and nothing waits for it',
    async () => {
      const { flagship, tonight, next } = evening;
      await expectAllWell(flagship);
      for (const asset of OUTCOMES) {
        expect(whyEmpty(flagship, asset, tonight), asset).toEqual([
          'expected-empty',
          'no game of the date is final yet',
        ]);
      }
      expect(whyEmpty(flagship, 'player_prop_predictions', tonight)).toEqual(['current', null]);
      // The date after it waits for its results.
      expect(whyEmpty(flagship, 'recent_players', next)).toEqual([
        'expected-empty',
        'games of an earlier date are not final yet',
      ]);
      expect(whyEmpty(flagship, 'pregame_predictions', next)).toEqual([
        'expected-empty',
        'nobody is on the slate yet',
      ]);
    },
    SLOW,
  );

  test(
    'the slate has the players of the last ten games who did not leave',
    async () => {
      const { flagship, tonight } = evening;
      const wrong = await flagship.query(`
      WITH slate AS (SELECT * FROM nba_analytics.player_slate WHERE game_date = DATE '${tonight}'),
      earlier AS (SELECT * FROM nba_analytics.player_game_summary WHERE game_date < DATE '${tonight}'),
      newest AS (SELECT player_lookup, arg_max(team_abbr, game_date) AS team_abbr, MAX(game_date) AS last_date
        FROM earlier GROUP BY 1),
      games AS (SELECT team_abbr, game_date, ROW_NUMBER() OVER (PARTITION BY team_abbr ORDER BY game_date DESC) AS ago
        FROM (SELECT DISTINCT team_abbr, game_date FROM earlier)),
      wanted AS (SELECT n.player_lookup, n.team_abbr FROM newest AS n
        JOIN games AS g ON g.team_abbr = n.team_abbr AND g.game_date = n.last_date
        JOIN nba_analytics.team_slate AS t ON t.team_abbr = n.team_abbr AND t.game_date = DATE '${tonight}'
        WHERE g.ago <= 10 AND DATE '${tonight}' - n.last_date <= 30)
      SELECT COALESCE(w.player_lookup, s.player_lookup), w.team_abbr, s.team_abbr
      FROM wanted AS w FULL JOIN slate AS s ON s.player_lookup = w.player_lookup AND s.team_abbr = w.team_abbr
      WHERE w.team_abbr IS NULL OR s.team_abbr IS NULL`);
      expect(wrong).toEqual([]);
      const teams = await one(
        flagship,
        `SELECT COUNT(*)::INT FROM nba_analytics.team_slate WHERE game_date = DATE '${tonight}'`,
      );
      const players = await one(
        flagship,
        `SELECT COUNT(*)::INT FROM nba_analytics.player_slate WHERE game_date = DATE '${tonight}'`,
      );
      expect(Number(players)).toBeGreaterThan(8 * Number(teams));
      const sources = await flagship.query(
        `SELECT lineup_source, CAST(COUNT(DISTINCT team_abbr) AS INTEGER) FROM nba_analytics.slate_lineups
        WHERE game_date = DATE '${tonight}' AND is_starter GROUP BY 1`,
      );
      expect(sources).toEqual([['recent', teams]]);
    },
    SLOW,
  );

  test(
    'neither validation nor health finds anything that is not there',
    async () => {
      const { flagship, noon } = evening;
      const { document } = await validate(flagship, {}, noon);
      expect(briefly(document).filter((line) => line.startsWith('error'))).toEqual([]);
      // Which games the odds feed covers changes from date to date.
      const lines = /unusual_nulls .*\.game_(?:spread|total)/;
      const about = briefly(document).filter((line) => line.includes(evening.tonight));
      expect(about.filter((line) => !lines.test(line))).toEqual([]);
      const scores = flagship.command<HealthDocument>('health');
      const score = scores.dates.find(({ date }) => date === evening.tonight);
      expect(score).toMatchObject({ score: 100, components: { raw: null, grading: null } });
    },
    SLOW,
  );

  test(
    'predictions are those of the systems after the fact, which know no more',
    async () => {
      const { flagship, tonight } = evening;
      using after = Flagship.create();
      await giveFiles(evening, after, { playedBefore: evening.next });
      await after.make(() => evening.noon);
      expect(whyEmpty(after, 'pregame_predictions', tonight)).toEqual([
        'expected-empty',
        'the games were final when this was made',
      ]);
      const [early, late] = [
        await predictionsOf(flagship, tonight),
        await predictionsOf(after, tonight),
      ];
      const byId = new Map(late.map((row) => [row[1], row]));
      const blind = early.filter(([, , system]) => !KNOWING_LINEUPS.includes(String(system)));
      const both = blind.filter((row) => byId.has(row[1]));
      // Of some who were expected nobody knew that they would not play, and the other way round.
      expect(both.length).toBeGreaterThan(0.6 * blind.length);
      expect(both.map((row) => byId.get(row[1]))).toEqual(both);
    },
    SLOW,
  );

  test(
    'predictions stay what they were, and are graded when the games are over',
    async () => {
      const { tonight, next, noon } = evening;
      using flagship = evening.flagship.copy();
      const published = await predictionsOf(flagship, tonight);
      expect(published.length).toBeGreaterThan(100);

      // The injury report comes after the predictions were made.
      const [[hurt, hurtLookup] = []] = await flagship.query(
        `SELECT player_id, player_lookup FROM nba_analytics.recent_players WHERE game_date = DATE '${tonight}' AND started_last_game ORDER BY 1`,
      );
      await writeFile(flagship, 'injuries', injured(tonight, hurt ?? null, 'out'));
      await flagship.make(() => noon);
      const slate = `SELECT COUNT(*)::INT FROM nba_analytics.player_slate WHERE game_date = DATE '${tonight}' AND player_lookup = '${String(hurtLookup)}'`;
      expect(await one(flagship, slate)).toBe(0);
      expect(await predictionsOf(flagship, tonight)).toEqual(published);
      await expectAllWell(flagship);

      // Not even by force.
      const forced = await flagship.materialize({
        force: true,
        partitions: tonight,
        now: () => noon,
      });
      expect(forced.code).toBe(0);
      expect(
        forced.document.assets.find(({ name }) => name === 'pregame_predictions')?.frozen,
      ).toBe(1);
      expect(await predictionsOf(flagship, tonight)).toEqual(published);

      await giveFiles(evening, flagship, { playedBefore: next });
      await writeFile(flagship, 'injuries', injured(tonight, hurt ?? null, 'out'));
      await flagship.make(() => noon + 86_400_000);
      await expectAllWell(flagship);
      expect(await predictionsOf(flagship, tonight)).toEqual(published);
      const graded = await flagship.query(
        `SELECT is_void, actual_points IS NULL, CAST(COUNT(*) AS INTEGER) FROM nba_predictions.prediction_accuracy
        WHERE game_date = DATE '${tonight}' GROUP BY 1, 2 ORDER BY 1, 2`,
      );
      expect(graded.map(([isVoid, isUnknown]) => [isVoid, isUnknown])).toEqual([
        [false, false],
        [true, true],
      ]);
      expect(graded.reduce((sum, [, , count]) => sum + Number(count), 0)).toBe(published.length);
      // Who played without having been expected has no prediction, and is on record for it.
      const late = await flagship.query(
        `SELECT player_lookup FROM nba_precompute.ml_feature_store_v2 AS f
          WHERE game_date = DATE '${tonight}' AND feature_quality_score >= 70 AND player_lookup NOT IN
          (SELECT player_lookup FROM nba_predictions.player_prop_predictions WHERE game_date = f.game_date)
          ORDER BY 1`,
      );
      const onRecord = flagship.command<FailuresDocument>(
        'failures',
        'player_prop_predictions',
        '--category',
        'LATE_TO_SLATE',
      );
      expect(onRecord.failures.map(({ entity }) => entity).toSorted()).toEqual(late.flat());
      // The next date is no longer waiting.
      expect(whyEmpty(flagship, 'pregame_predictions', next)).toEqual(['current', null]);
      const { document } = await validate(flagship, {}, noon + 86_400_000);
      expect(briefly(document).filter((line) => line.startsWith('error'))).toEqual([]);
    },
    SLOW,
  );
});
