import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { giveFiles, injured, writeFile } from './evening.ts';
import { EXPECTED, onDates } from './features/expected-features.ts';
import { type LeagueRows, type PlainRow, readLeague, readTable } from './features/league-rows.ts';
import { Flagship } from './flagship.ts';
import { afterwards } from './outcomes.ts';
import { compareTables } from './reference/index.ts';

const SLOW = 300_000;
const FEATURES = ['+group:features'];
const ASSETS = Object.keys(EXPECTED);
/** Features have four decimals; what they are held against is not rounded. */
const HALF_A_DIGIT = 0.000_051;

let flagship: Flagship;
let league: LeagueRows;
let dates: readonly string[];

beforeAll(async () => {
  // The end of a season, and one that is long enough for trades in February and a 71st game.
  flagship = await Flagship.simulated({ teams: 8, gamesPerTeam: 72 });
  const dated = `SELECT * FROM f WHERE game_date >= DATE '2024-02-20'`;
  await flagship.rewrite({
    schedule: dated,
    player_box: dated,
    shots: dated,
    closing_lines: dated,
  });
  await makeFeatures(flagship);
  league = await readLeague(flagship);
  dates = [...new Set(league.slateTeams.map(({ date }) => date))];
}, SLOW);
afterAll(() => flagship[Symbol.dispose]());

describe('the features of the trained models, row by row', () => {
  test('are looked at where they could go wrong', async () => {
    const wanted = onDates(sampled());
    const count = async (relation: string, condition: string): Promise<number> => {
      const rows = await readTable(flagship, relation, `${wanted} AND ${condition}`);
      return rows.length;
    };
    const forms = 'nba_features.player_form';
    // Nobody knows him yet; he comes back from a summer, and from an absence; he missed games.
    expect(await count(forms, 'days_since_game IS NULL')).toBeGreaterThan(10);
    expect(await count(forms, 'season_games = 0 AND last_minutes > 0')).toBeGreaterThan(10);
    expect(await count(forms, 'season_games > 0 AND days_since_game > 20')).toBeGreaterThan(3);
    expect(await count(forms, 'season_games > 0 AND games_missed > 0')).toBeGreaterThan(50);
    const sample = new Set(sampled());
    const traded = league.slatePlayers.filter(
      ({ player, team, season, date }) =>
        sample.has(date) &&
        league.gamesByPlayer
          .get(player)
          ?.some((game) => game.season === season && game.date < date && game.team !== team),
    );
    expect(traded.length).toBeGreaterThan(20);
    expect(league.teamGames.filter(({ overtimes }) => overtimes > 0).length).toBeGreaterThan(10);
    const models = 'nba_features.model_features';
    expect(await count(models, 'is_playoff = 1')).toBeGreaterThan(50);
    expect(await count(models, 'late_minutes <> 0')).toBeGreaterThan(10);
    const contexts = 'nba_analytics.upcoming_team_game_context';
    expect(await count(contexts, 'game_spread IS NULL')).toBeGreaterThan(10);
    expect(await count(contexts, 'game_spread IS NOT NULL')).toBeGreaterThan(10);
    const lineups = 'nba_features.lineup_form';
    expect(await count(lineups, 'absent_minutes > 0 AND company_games_log > 0')).toBeGreaterThan(
      50,
    );
  });

  test.each(ASSETS)('%s has the values of a naive computation', async (name) => {
    await expectAgreement(name, { flagship, league, dates: sampled() });
  });

  test('a date on its own, and without any later game, has what it has among all others', async () => {
    const season = league.slateTeams.at(-1)?.season;
    const first = league.slateTeams.find((row) => row.season === season)?.date ?? '';
    const regular = dates[dates.indexOf(first) + 60] ?? '';
    const playoffs = dates.at(-4) ?? '';
    using cut = flagship.copy();
    await cut.rewrite(afterwards(playoffs, 'without'));
    await makeFeatures(cut);
    for (const partitions of [first, regular, playoffs]) {
      const request = { selection: ['group:features'], partitions, force: true };
      const { document } = await cut.materialize(request);
      const made = document.assets.map((asset) => asset.materialized + asset.unchanged);
      // In the first days of a season contract_features has nothing to make.
      expect(made.filter((count) => count === 1)).toHaveLength(partitions === first ? 5 : 6);
      for (const name of ASSETS) {
        const condition = onDates([partitions]);
        const rows = await readTable(cut, `nba_features.${name}`, condition);
        const among = await readTable(flagship, `nba_features.${name}`, condition);
        expect(differencesOf(among, rows), name).toEqual([]);
      }
    }
  });
});

test('a game that is not over when later ones are is none of its players', async () => {
  const late = dates.slice(-90).find((date) => teamsOf(date).length > 2) ?? '';
  const following = dates.slice(dates.indexOf(late) + 1, dates.indexOf(late) + 5);
  using waiting = flagship.copy();
  const [next = ''] = following.slice(-1);
  // As if the results of one date had been lost.
  const isPlayed = `game_date > DATE '${late}' AND game_date <= DATE '${next}'`;
  await giveFiles({ whole: flagship, next }, waiting, { playedBefore: late, isPlayed });
  await makeFeatures(waiting);
  const relation = 'nba_features.lineup_form';
  expect((await readTable(waiting, relation, onDates([late]))).length).toBeGreaterThan(20);
  for (const partitions of following) {
    const together = await readTable(waiting, relation, onDates([partitions]));
    await waiting.materialize({ selection: ['lineup_form'], partitions, force: true });
    const alone = await readTable(waiting, relation, onDates([partitions]));
    expect(differencesOf(alone, together), partitions).toEqual([]);
  }
});

describe('the features of a date whose games are not played yet', () => {
  let live: Flagship;
  let liveLeague: LeagueRows;
  let tonight: string;

  beforeAll(async () => {
    tonight = dates.slice(-60).find((date) => teamsOf(date).length > 2) ?? '';
    const next = dates[dates.indexOf(tonight) + 1] ?? '';
    live = flagship.copy();
    await giveFiles({ whole: flagship, next }, live, { playedBefore: tonight });
    const [unknown = '', , hurt = ''] = teamsOf(tonight);
    const [[star = null] = []] = await flagship.query(
      `SELECT player_id FROM nba_analytics.player_game_summary
        WHERE team_abbr = '${hurt}' AND game_date = DATE '${tonight}' ORDER BY minutes_played DESC`,
    );
    await writeFile(live, 'injuries', injured(tonight, star, 'out'));
    const last = `SELECT MAX(game_date) FROM f WHERE team = '${unknown}'`;
    await live.rewrite({
      player_box: `SELECT * REPLACE (CASE WHEN team = '${unknown}' AND game_date = (${last})
        THEN NULL ELSE starter END AS starter) FROM f`,
    });
    await makeFeatures(live);
    liveLeague = await readLeague(live);
  }, SLOW);
  afterAll(() => live[Symbol.dispose]());

  test('are looked at with starters who are not known and with one who is hurt', async () => {
    const rows = await live.query(`
      SELECT COUNT(*) FILTER (WHERE is_starter IS NULL)::INT, COUNT(*) FILTER (WHERE is_starter)::INT,
        (SELECT COUNT(DISTINCT absent_minutes)::INT FROM nba_features.lineup_form
          WHERE game_date = DATE '${tonight}' AND absent_minutes > 0)
      FROM nba_analytics.slate_lineups WHERE game_date = DATE '${tonight}'`);
    const [[unknown, starters, teamsWithAbsent] = []] = rows;
    expect(unknown).toBeGreaterThan(7);
    expect(starters).toBeGreaterThan(10);
    expect(teamsWithAbsent).toBeGreaterThan(0);
  });

  test.each(ASSETS)('%s has the values of a naive computation', async (name) => {
    await expectAgreement(name, { flagship: live, league: liveLeague, dates: [tonight] });
  });
});

/** Every fourth date, and the first three of each season. */
function sampled(): readonly string[] {
  const seasons = Map.groupBy(league.slateTeams, ({ season }) => season);
  const first = [...seasons.values()].flatMap((rows) =>
    [...new Set(rows.map(({ date }) => date))].slice(0, 3),
  );
  return dates.filter((date, at) => at % 4 === 0 || first.includes(date));
}

function teamsOf(date: string): readonly string[] {
  return league.slateTeams.filter((row) => row.date === date).map(({ team }) => team);
}

async function makeFeatures(flagship_: Flagship): Promise<void> {
  const { code, document, log } = await flagship_.materialize({ selection: FEATURES });
  expect(document.failures).toEqual([]);
  expect(code, log).toBe(0);
}

async function expectAgreement(
  name: string,
  known: {
    readonly flagship: Flagship;
    readonly league: LeagueRows;
    readonly dates: readonly string[];
  },
): Promise<void> {
  const expected = await EXPECTED[name]?.({ ...known, warehouse: known.flagship });
  if (expected === undefined) throw new Error(`there is no computation of ${name}`);
  const relation = `nba_features.${name}`;
  const actual = await readTable(known.flagship, relation, onDates(known.dates));
  const columns = Object.keys(expected[0] ?? {});
  const { differences, referenceOnlyColumns, actualOnlyColumns } = compareTables(expected, actual, {
    key: keyOf(expected),
    tolerance: Object.fromEntries(columns.map((column) => [column, HALF_A_DIGIT])),
  });
  expect(differences).toEqual([]);
  expect(expected.length).toBeGreaterThan(0);
  expect([...referenceOnlyColumns, ...actualOnlyColumns]).toEqual([]);
}

function differencesOf(rows: readonly PlainRow[], others: readonly PlainRow[]): readonly string[] {
  return compareTables(rows, others, { key: keyOf(rows) }).differences;
}

function keyOf([row]: readonly PlainRow[]): readonly string[] {
  return ['game_date', row && 'player_lookup' in row ? 'player_lookup' : 'team_abbr'];
}
