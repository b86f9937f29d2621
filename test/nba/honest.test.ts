import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referenceData } from '../support/data.ts';
import { Flagship } from './flagship.ts';
import {
  AFTER_THE_FIRST_MODEL,
  afterwards,
  BEFORE_TIP_OFF,
  EMPTY_WITHOUT_GAMES_TO_COME,
  HAPPENED,
  outcomesOf,
  shuffled,
  TRAINED_MONTHLY,
} from './outcomes.ts';

const SLOW = 300_000;
const real = referenceData();
const REGULAR_DATES = ['the first processed day', 'the middle of a season'] as const;

interface Side {
  readonly title: string;
  readonly make: () => Promise<Flagship>;
  readonly changedDates: readonly (keyof Dates)[];
}

const SIDES: readonly Side[] = [
  {
    title: 'a simulated league',
    make: async () => (await Flagship.simulated()).withTreesAlone(),
    changedDates: [...REGULAR_DATES, 'the playoffs'],
  },
  ...(real === undefined
    ? []
    : [
        {
          // Half a season, without playoffs.
          title: 'real games',
          make: async () => (await Flagship.since('2024-10-01', real)).withTreesAlone(),
          changedDates: ['the middle of a season'] as const,
        },
      ]),
];

describe.each(SIDES)('nothing before a game knows its outcome, on $title', (side) => {
  let flagship: Flagship;
  let dates: Dates;

  beforeAll(async () => {
    flagship = await side.make();
    await flagship.make();
    dates = await datesOf(flagship);
  }, SLOW);
  afterAll(() => flagship[Symbol.dispose]());

  test.each(side.changedDates)(
    'other outcomes on %s change nothing up to it, and something after',
    async (title) => {
      const date = dates[title];
      using changed = flagship.copy();
      await changed.rewrite(outcomesOf(date));
      // Made up as they are, the outcomes break what is checked between tables.
      expect((await changed.materialize()).document.failures).toEqual([]);
      const differing = await differingDates(flagship, changed);
      for (const asset of [...BEFORE_TIP_OFF, ...TRAINED_MONTHLY]) {
        expect(upTo(differing[asset], date), `${asset} up to ${date}`).toEqual([]);
      }
      // Otherwise the change did not reach anything and the test would prove nothing.
      for (const asset of HAPPENED) expect(differing[asset], asset).toContain(date);
      // Which games a window holds does not depend on how they ended.
      for (const asset of BEFORE_TIP_OFF.filter((each) => each !== 'player_game_windows'))
        expect(differing[asset]?.length, asset).toBeGreaterThan(0);
      expect(await rowsUpTo(changed, date)).toEqual(await rowsUpTo(flagship, date));
      if (title !== 'the middle of a season') return;
      using scratch = changed.unmade();
      expect((await scratch.materialize()).document.failures).toEqual([]);
      expect(await scratch.allVersions()).toEqual(await changed.allVersions());
    },
    SLOW,
  );

  test(
    'a game that is added after a date changes nothing at or before it',
    async () => {
      const date = dates['the middle of a season'];
      using earlier = flagship.unmade();
      await earlier.rewrite(afterwards(date, 'without'));
      await earlier.make();
      using later = earlier.copy();
      await later.rewrite(afterwards(date, 'with-one-game', flagship.data));
      await later.make();
      const differing = await differingDates(earlier, later);
      for (const [asset, found] of Object.entries(differing)) {
        expect(upTo(found, date), `${asset} up to ${date}`).toEqual([]);
      }
      for (const asset of BEFORE_TIP_OFF) expect(differing[asset]?.length, asset).toBe(1);
    },
    SLOW,
  );

  test('days 0 to 13 of each season are expected to be empty, and say why', async () => {
    const days = await daysOfSeasons(flagship);
    const bootstrap = days.filter(({ age }) => age < 14).map(({ date }) => date);
    expect(bootstrap.length).toBeGreaterThan(5);
    const { assets } = flagship.command<StatusDocument>('status');
    for (const { name, expected_empty: empty, missing, failed, blocked } of assets) {
      expect({ name, missing, failed, blocked }).toEqual({
        name,
        missing: 0,
        failed: 0,
        blocked: 0,
      });
      const rule = ROLLING.includes(name) ? bootstrap.length : 0;
      if (!LATER_STILL.includes(name)) expect(empty, name).toBe(rule);
    }
    for (const asset of ['player_daily_cache', 'player_prop_predictions']) {
      expect(flagship.command('why', asset, bootstrap.at(-1) ?? '')).toMatchObject({
        status: 'expected-empty',
        reason: 'too few games in the first 14 days of a season',
      });
    }
  });

  test('dates on which nobody has 10 games yet have no shot-zone profiles, and say why', async () => {
    const empty = await datesWithoutTenGames(flagship);
    expect(empty.length).toBeGreaterThan(0);
    const bootstrap = (await daysOfSeasons(flagship)).filter(({ age }) => age < 14);
    const { assets } = flagship.command<StatusDocument>('status', 'player_shot_zone_analysis');
    expect(assets[0]?.expected_empty).toBe(bootstrap.length + empty.length);
    expect(flagship.command('why', 'player_shot_zone_analysis', empty[0] ?? '')).toMatchObject({
      status: 'expected-empty',
      reason: 'no player has 10 games yet',
    });
  });

  test('a day off is no partition', async () => {
    const [off] = await flagship.query(
      `SELECT CAST(day AS VARCHAR) FROM (SELECT UNNEST(range(MIN(game_date), MAX(game_date), INTERVAL 1 DAY)) AS day
        FROM nba_raw.schedule WHERE season_year = (SELECT MAX(season_year) FROM nba_raw.schedule))
      WHERE day NOT IN (SELECT game_date FROM nba_raw.schedule) ORDER BY day LIMIT 1`,
    );
    const date = String(off?.[0]).slice(0, 10);
    expect(flagship.command('why', 'player_game_summary', date)).toMatchObject({
      status: 'not-a-partition',
    });
  });

  test(
    'the order of the source rows and the clock change no data version',
    async () => {
      using later = flagship.copy();
      await later.rewrite(shuffled());
      const start = Date.parse('2031-05-05T03:00:00Z');
      let ticks = 0;
      await later.make(() => start + ticks++);
      expect(await later.allVersions()).toEqual(await flagship.allVersions());
      using scratch = later.unmade();
      await scratch.make(() => start + ticks++);
      expect(await scratch.allVersions()).toEqual(await flagship.allVersions());
    },
    SLOW,
  );
});

/** All assets whose first days of a season are empty. */
const ROLLING = [
  'team_defense_zone_analysis',
  'player_composite_factors',
  'player_daily_cache',
  'contract_features',
  'betting_lines',
  'moving_average_baseline_v1',
  'zone_matchup_v1',
  'expert_rule_v1',
  'ensemble_v1',
  'ensemble_v2',
  'player_prop_predictions',
  'prediction_accuracy',
  'system_daily_performance',
];

/** These may be empty on further dates, by rules of their own. */
const LATER_STILL = [
  'closing_lines',
  'player_pra_lines',
  'pra_lines',
  'pra_predictions',
  'pra_accuracy',
  'system_summary',
  'player_shot_zone_analysis',
  'similarity_balanced_v1',
  ...AFTER_THE_FIRST_MODEL,
  ...EMPTY_WITHOUT_GAMES_TO_COME,
];

interface StatusDocument {
  readonly assets: readonly Readonly<
    Record<'expected_empty' | 'missing' | 'failed' | 'blocked', number> & { readonly name: string }
  >[];
}

/** Every date with games, and how many days after the first of its season it is. */
async function daysOfSeasons(flagship: Flagship) {
  const rows = await flagship.query(
    `SELECT DISTINCT CAST(s.game_date AS VARCHAR), s.game_date - f.first_date
    FROM nba_raw.schedule AS s JOIN (SELECT season_year, MIN(game_date) AS first_date
      FROM nba_raw.schedule WHERE season_type = 'regular' GROUP BY 1) AS f USING (season_year) ORDER BY 1`,
  );
  return rows.map(([date, age]) => ({ date: String(date), age: Number(age) }));
}

async function datesWithoutTenGames(flagship: Flagship): Promise<readonly string[]> {
  const rows = await flagship.query(
    `SELECT season_year, CAST(MIN(game_date) AS VARCHAR) FROM (SELECT season_year, game_date,
      ROW_NUMBER() OVER (PARTITION BY player_id, season_year ORDER BY game_date) AS game_no
      FROM nba_raw.player_box WHERE minutes > 0) WHERE game_no = 10 GROUP BY 1`,
  );
  const tenth = new Map(rows.map(([season, date]) => [Number(season), String(date)]));
  const days = await flagship.query(
    'SELECT DISTINCT CAST(game_date AS VARCHAR), season_year FROM nba_raw.schedule ORDER BY 1',
  );
  const processed = new Map((await daysOfSeasons(flagship)).map(({ date, age }) => [date, age]));
  return days
    .filter(([date, season]) => String(date) <= (tenth.get(Number(season)) ?? ''))
    .map(([date]) => String(date))
    .filter((date) => (processed.get(date) ?? 0) >= 14);
}

type Dates = Readonly<
  Record<'the first processed day' | 'the middle of a season' | 'the playoffs', string>
>;

async function datesOf(flagship: Flagship): Promise<Dates> {
  const rows = await flagship.query(
    `SELECT season_year, playoff_game = 1, list_sort(list(DISTINCT CAST(game_date AS VARCHAR)))
    FROM nba_precompute.ml_feature_store_v2 WHERE data_source <> 'early_season'
    GROUP BY 1, 2 ORDER BY 1`,
  );
  const newest = (isPlayoffs: boolean): readonly string[] => {
    const found = rows.findLast(([, playoffs]) => playoffs === isPlayoffs)?.[2];
    return Array.isArray(found) ? found.map(String) : [];
  };
  const [regular, playoffs] = [newest(false), newest(true)];
  const middle = (all: readonly string[]): string => all[Math.floor(all.length / 2)] ?? '';
  return {
    'the first processed day': regular[0] ?? '',
    'the middle of a season': middle(regular),
    'the playoffs': middle(playoffs),
  };
}

function upTo(differing: readonly string[] | undefined, date: string): readonly string[] {
  return (differing ?? ['no such asset']).filter((each) => each <= date);
}

/** Dates whose rows are not the same in both, by asset. */
async function differingDates(
  one: Flagship,
  other: Flagship,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const [before, after] = [await one.allVersions(), await other.allVersions()];
  return Object.fromEntries(
    Object.entries(before).map(([asset, versions]) => {
      const others = after[asset] ?? {};
      const days = new Set([...Object.keys(versions), ...Object.keys(others)]);
      return [asset, [...days].filter((day) => versions[day] !== others[day]).toSorted()];
    }),
  );
}

/** Rows and their hash by asset, from the tables themselves and not from what is recorded of them. */
async function rowsUpTo(flagship: Flagship, date: string): Promise<unknown> {
  const found: Record<string, unknown> = {};
  for (const [asset, table] of await flagship.tables()) {
    if (![...BEFORE_TIP_OFF, ...TRAINED_MONTHLY].includes(asset)) continue;
    found[asset] = await flagship.query(
      `SELECT COUNT(*), CAST(SUM(hash(t)) AS VARCHAR) FROM ${table.relation} AS t WHERE ${table.date} <= DATE '${date}'`,
    );
  }
  return found;
}

describe.skipIf(real === undefined)('all real seasons', () => {
  test(
    'have 14 dates after the first 14 days on which nobody has 10 games, and no All-Star dates',
    async () => {
      using flagship = await Flagship.since('2021-10-01', real ?? '');
      await flagship.materialize({ selection: ['+player_shot_zone_analysis'] });
      expect(await datesWithoutTenGames(flagship)).toHaveLength(14);
      const statuses = Object.values(await flagship.status('player_shot_zone_analysis'));
      expect(statuses.filter((status) => status === 'expected-empty')).toHaveLength(56 + 14);
      expect(new Set(statuses)).toEqual(new Set(['expected-empty', 'current']));
      for (const date of ['2022-02-20', '2023-02-19', '2024-02-18']) {
        expect(flagship.command('why', 'player_shot_zone_analysis', date)).toMatchObject({
          status: 'not-a-partition',
        });
      }
    },
    SLOW,
  );
});
