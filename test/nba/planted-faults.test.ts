import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunOutcome } from '../support/project.ts';
import { referenceData } from '../support/data.ts';
import { Flagship } from './flagship.ts';
import { type PlantedSystem, plantSystem } from './planted-system.ts';
import { datesOf, type Found, foundBy, gamesOf, type Planted, sourceFaults } from './faults.ts';

const SLOW = 300_000;
const real = referenceData();

const SIDES: readonly {
  readonly title: string;
  readonly make: () => Promise<Flagship>;
  readonly month: number;
  /** Enough players on a date for figures of it to mean something. */
  readonly isLarge: boolean;
}[] = [
  {
    title: 'a simulated league',
    make: async () =>
      (await Flagship.simulated({ seasons: 1, teams: 12, gamesPerTeam: 30 })).withTreesAlone(),
    month: 12,
    isLarge: false,
  },
  ...(real === undefined
    ? []
    : [
        {
          title: 'real games',
          make: async () => (await Flagship.since('2024-10-01', real)).withTreesAlone(),
          month: 12,
          isLarge: true,
        },
      ]),
];

describe.each(SIDES)('on $title', ({ make, month, isLarge }) => {
  let flagship: Flagship;
  let clean: readonly Found[];

  beforeAll(async () => {
    flagship = await make();
    clean = await foundBy(flagship, await flagship.materialize());
  }, SLOW);
  afterAll(() => flagship[Symbol.dispose]());

  /** What is found that is not there without the faults. */
  const news = async (bad: Flagship, outcome: RunOutcome): Promise<readonly Found[]> => {
    const known = new Set(clean.map(idOf));
    return (await foundBy(bad, outcome)).filter((found) => !known.has(idOf(found)));
  };

  test('rows that are as they should be raise no error', () => {
    expect(clean.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test(
    'every fault in the source files is found on its date, and nothing else is an error',
    async () => {
      using bad = flagship.copy();
      const planted = sourceFaults(await gamesOf(bad), await datesOf(bad));
      await bad.rewrite(planted.rewrites);
      const outcome = await bad.materialize();
      const found = await news(bad, outcome);
      for (const fault of planted.faults) expectFault(fault, found, outcome);
      const explained = new Set(planted.faults.flatMap(({ dates }) => dates));
      const others = found.filter(
        ({ severity, date }) => severity === 'error' && !explained.has(date),
      );
      expect(others).toEqual([]);
      const failed = outcome.document.failures.filter(
        ({ partition, status }) => status === 'failed' && !explained.has(partition),
      );
      expect(failed).toEqual([]);
    },
    SLOW,
  );

  test(
    'usage that is missing for a month, a constant feature and a leak are found by their checks',
    async () => {
      using bad = flagship.copy();
      const usage = `) + IF(EXTRACT(MONTH FROM b.game_date) = ${month}, NULL, 0) AS usage_rate,`;
      bad.edit('assets/analytics/player_game_summary.sql', ') AS usage_rate,', usage);
      bad.edit(
        'assets/precompute/ml_feature_store_v2.sql',
        'COALESCE(g.team_win_pct, 0.500e0)) AS team_win_pct',
        '0.500e0) AS team_win_pct',
      );
      leakInto(bad);
      const outcome = await bad.materialize();
      expect(outcome.code).toBe(1);
      const found = await news(bad, outcome);
      const dates = await datesOf(bad);
      const inMonth = dates.filter((date) => Number(date.slice(5, 7)) === month);
      expect(inMonth.length).toBeGreaterThan(5);
      expect(datesFound(found, 'not_null_usage_rate')).toEqual(inMonth);
      const constant = found.filter(({ check }) => check === 'never_constant');
      const featured = await featuredDates(bad);
      expect(constant.map(({ date }) => date)).toEqual(featured);
      expect(constant.every(({ asset }) => asset === 'ml_feature_store_v2')).toBe(true);
      expect(JSON.parse(constant[0]?.sample ?? '')).toMatchObject([
        { column_name: 'team_win_pct', value: 0.5 },
      ]);
      // A sample is looked up again, which on most dates holds somebody whose mean the game changes.
      expect(datesFound(found, 'means_of_earlier_games').length).toBeGreaterThan(
        featured.length / 2,
      );
      if (isLarge) expect(datesFound(found, 'means_know_the_outcome')).not.toEqual([]);
      const named = [
        'not_null_usage_rate',
        'never_constant',
        'means_of_earlier_games',
        'means_know_the_outcome',
      ];
      const others = found.filter(
        ({ severity, check }) => severity === 'error' && !named.includes(check),
      );
      expect(others).toEqual([]);
    },
    SLOW,
  );

  test(
    'a system that knows the outcome is found by its error and its hits, and no other is suspected',
    async () => {
      expect(clean.filter(({ check }) => ALARMS.includes(check))).toEqual([]);
      using bad = flagship.copy();
      plantSystem(bad, ORACLE);
      const outcome = await bad.materialize();
      // They warn.
      expect(outcome.code).toBe(0);
      const found = (await news(bad, outcome)).filter(({ check }) => ALARMS.includes(check));
      const suspects = new Set(
        found.flatMap(({ sample }) =>
          (JSON.parse(sample) as readonly { readonly system_id: string }[]).map(
            ({ system_id: system }) => system,
          ),
        ),
      );
      expect(suspects).toContain('oracle_v1');
      // They listen to it.
      for (const ensemble of ['ensemble_v1', 'ensemble_v2']) suspects.delete(ensemble);
      expect([...suspects]).toEqual(['oracle_v1']);
      const summaries = await bad.query(`SELECT DISTINCT CAST(game_date AS VARCHAR)
        FROM nba_predictions.system_summary
        WHERE system_id = 'oracle_v1' AND predictions_count >= 300 ORDER BY 1`);
      expect(summaries.length).toBeGreaterThan(10);
      const ofSpans = found.filter(({ asset }) => asset === 'system_summary');
      expect(datesFound(ofSpans, 'too_good_to_be_true')).toEqual(summaries.flat());
      const large = await bad.query(`SELECT CAST(game_date AS VARCHAR)
        FROM nba_predictions.prediction_accuracy WHERE system_id = 'oracle_v1' AND NOT is_void
        GROUP BY 1 HAVING COUNT(*) >= 100 ORDER BY 1`);
      const ofDates = found.filter(({ asset }) => asset === 'prediction_accuracy');
      expect(datesFound(ofDates, 'too_good_to_be_true')).toEqual(large.flat());
      if (isLarge) expect(datesFound(ofDates, 'hits_too_often').length).toBeGreaterThan(5);
    },
    SLOW,
  );

  test(
    'minutes written as MM:SS stop the source, with the first such row',
    async () => {
      using bad = flagship.unmade();
      const text = `floor(minutes)::INTEGER || ':' || lpad(floor((minutes % 1) * 60)::INTEGER::VARCHAR, 2, '0')`;
      await bad.rewrite({ player_box: `SELECT * REPLACE (${text} AS minutes) FROM f` });
      const { code, document } = await bad.materialize({ selection: ['+player_box'] });
      expect(code).toBe(1);
      const messages = new Set(document.failures.map(({ message }) => message));
      expect(document.failures[0]).toMatchObject({ asset: 'player_box', category: 'DATA_ERROR' });
      expect([...messages][0]).toMatch(
        /expected FLOAT64 in column "minutes", found "\d+:\d\d" in the row \{"game_id":"\d{10}","game_date":"/,
      );
    },
    SLOW,
  );
});

/** The checks that a system fails which is better than anybody can be. */
const ALARMS = ['too_good_to_be_true', 'hits_too_often', 'wins_too_often'];

/** Predicts the points that were scored. */
const ORACLE: PlantedSystem = {
  id: 'oracle_v1',
  prediction: 'COALESCE(CAST(g.points AS FLOAT64), f.points_avg_season)',
  tooLittle: 'FALSE',
  join: 'LEFT JOIN player_game_summary AS g ON g.game_date = f.game_date AND g.player_lookup = f.player_lookup',
  declaration:
    '    upstream: { ml_feature_store_v2: same, betting_lines: same, player_game_summary: same }\n',
};

function expectFault(fault: Planted, found: readonly Found[], outcome: RunOutcome): void {
  const { title, asset, check, dates, at = dates[0], says } = fault;
  const own = found.filter((each) => each.asset === asset && each.check === check);
  expect({ title, dates: own.map(({ date }) => date) }).toEqual({ title, dates });
  expect(own.find(({ date }) => date === at)?.sample, title).toContain(says);
  // A blocking check keeps the rows of the date out.
  if (!fault.blocks) return;
  const { failures } = outcome.document;
  for (const date of dates) {
    expect(failures, title).toContainEqual(
      expect.objectContaining({ asset, partition: date, category: 'CHECK_FAILED' }),
    );
  }
}

/** The means of the last games take in the game itself. */
function leakInto(flagship: Flagship): void {
  flagship.edit(
    'assets/precompute/player_daily_cache.sql',
    'f.last_game_date = c.last_game_date',
    'f.last_game_date = c.game_date',
  );
  const yaml = flagship.read('pipeline.yaml');
  const at = yaml.indexOf('  player_daily_cache:\n    group');
  const wide = yaml
    .slice(at)
    .replace('player_game_summary: { before: season }', 'player_game_summary: all');
  flagship.write('pipeline.yaml', yaml.slice(0, at) + wide);
}

function datesFound(found: readonly Found[], check: string): readonly string[] {
  return found.filter((each) => each.check === check).map(({ date }) => date);
}

function idOf({ asset, check, date }: Found): string {
  return `${asset} ${check} ${date}`;
}

/** The dates whose features are worth a look: with 50 of them at least. */
async function featuredDates(flagship: Flagship): Promise<readonly string[]> {
  const rows = await flagship.query(
    `SELECT CAST(game_date AS VARCHAR) FROM nba_precompute.ml_feature_store_v2
      GROUP BY 1 HAVING COUNT(team_win_pct) >= 50 ORDER BY 1`,
  );
  return rows.map(([date]) => String(date));
}
