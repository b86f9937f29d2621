import { afterAll, beforeAll, expect, test } from 'vitest';
import { normalizedName } from '../../../assets/nba/league/names.ts';
import { tinyLeague, type League } from './tiny-league.ts';

let league: League;

beforeAll(async () => {
  league = await tinyLeague({ seed: 3, seasons: 2 });
});

afterAll(async () => {
  await league[Symbol.asyncDispose]();
});

/** Each query lists the rows that break the rule in its title. */
const RULES: Readonly<Record<string, string>> = {
  'points are 2 a field goal, 1 more for a three and 1 a free throw': `
    SELECT * FROM player_box WHERE pts <> 2 * fgm + fg3m + ftm`,
  'rebounds are offensive and defensive ones': `
    SELECT * FROM player_box WHERE reb <> oreb + dreb`,
  'makes never exceed attempts and nobody has more than six fouls': `
    SELECT * FROM player_box
    WHERE fgm > fga OR fg3m > fg3a OR ftm > fta OR fg3m > fgm OR fg3a > fga OR pf > 6`,
  'the points of a team are its score': `
    SELECT game_id, home, sum(pts) FROM player_box JOIN schedule USING (game_id)
    GROUP BY game_id, home, home_score, away_score
    HAVING sum(pts) <> CASE WHEN home THEN home_score ELSE away_score END`,
  'the minutes of a team are 240 and 25 for each overtime': `
    SELECT game_id, team FROM player_box JOIN schedule USING (game_id)
    GROUP BY game_id, team, periods
    HAVING abs(sum(minutes) - 240 - 25 * (periods - 4)) > 0.01`,
  'minutes are whole seconds': `
    SELECT minutes FROM player_box
    WHERE abs(minutes * 60 - round(minutes * 60)) > 0.04 OR minutes <= 0`,
  'five start and eight to eleven play': `
    SELECT game_id, team FROM player_box GROUP BY game_id, team
    HAVING count(*) FILTER (starter) <> 5 OR count(*) NOT BETWEEN 8 AND 11`,
  'plus-minus of a team is five times its margin': `
    SELECT game_id, home FROM player_box JOIN schedule USING (game_id)
    GROUP BY game_id, home, home_score, away_score
    HAVING sum(plus_minus) <> 5 * (home_score - away_score) * CASE WHEN home THEN 1 ELSE -1 END`,
  'no game ends in a tie and overtime follows only a tie': `
    SELECT * FROM schedule WHERE home_score = away_score OR periods < 4`,
  'shots agree with the box on attempts, makes and threes': `
    WITH s AS (
      SELECT game_id, player_id, count(*) AS fga, count(*) FILTER (made) AS fgm,
             count(*) FILTER (shot_value = 3) AS fg3a,
             count(*) FILTER (made AND shot_value = 3) AS fg3m
      FROM shots GROUP BY game_id, player_id)
    SELECT * FROM player_box b FULL JOIN s USING (game_id, player_id)
    WHERE b.player_id IS NULL OR coalesce(s.fga, 0) <> b.fga OR coalesce(s.fgm, 0) <> b.fgm
       OR coalesce(s.fg3a, 0) <> b.fg3a OR coalesce(s.fg3m, 0) <> b.fg3m`,
  'assists in the shots are assists in the box': `
    WITH s AS (SELECT game_id, assist_player_id AS player_id, count(*) AS n FROM shots
               WHERE assisted GROUP BY ALL)
    SELECT * FROM player_box b FULL JOIN s USING (game_id, player_id)
    WHERE b.player_id IS NULL OR coalesce(n, 0) <> ast`,
  'blocks in the shots are blocks in the box': `
    WITH s AS (SELECT game_id, block_player_id AS player_id, count(*) AS n FROM shots
               WHERE blocked GROUP BY ALL)
    SELECT * FROM player_box b FULL JOIN s USING (game_id, player_id)
    WHERE b.player_id IS NULL OR coalesce(n, 0) <> blk`,
  'only makes are assisted, by a team mate, and only misses are blocked, by an opponent': `
    SELECT * FROM shots s
    LEFT JOIN player_box a ON a.game_id = s.game_id AND a.player_id = s.assist_player_id
    LEFT JOIN player_box d ON d.game_id = s.game_id AND d.player_id = s.block_player_id
    WHERE (s.assisted AND NOT s.made) OR (s.blocked AND s.made)
       OR s.assisted <> (s.assist_player_id IS NOT NULL) OR s.assist_player_id = s.player_id
       OR a.team <> s.team OR d.team <> s.opponent
       OR s.assist_player_name <> a.player_name OR s.block_player_name <> d.player_name`,
  'the value of a shot follows from its zone': `
    SELECT * FROM shots
    WHERE shot_value <> CASE WHEN zone_basic IN ('Restricted Area', 'In The Paint (Non-RA)', 'Mid-Range')
                             THEN 2 ELSE 3 END`,
  'distance is that of the spot in whole feet': `
    SELECT * FROM shots WHERE distance_ft <> floor(sqrt(loc_x * loc_x + loc_y * loc_y) / 10)`,
  'spots lie inside their zone': `
    WITH s AS (SELECT *, sqrt(loc_x * loc_x + loc_y * loc_y) AS radius FROM shots)
    SELECT * FROM s WHERE NOT CASE zone_basic
      WHEN 'Restricted Area' THEN radius < 40
      WHEN 'In The Paint (Non-RA)' THEN radius >= 40 AND abs(loc_x) <= 80 AND loc_y < 139
      WHEN 'Mid-Range' THEN radius < 237.5 AND abs(loc_x) < 220
      WHEN 'Left Corner 3' THEN loc_x <= -220 AND loc_y < 88
      WHEN 'Right Corner 3' THEN loc_x >= 220 AND loc_y < 88
      WHEN 'Above the Break 3' THEN radius >= 237.5 AND loc_y >= 88
      ELSE loc_y >= 420 END`,
  'the clock stays inside the period': `
    SELECT * FROM shots JOIN schedule USING (game_id)
    WHERE period > periods
       OR seconds_remaining NOT BETWEEN 0 AND CASE WHEN period > 4 THEN 300 ELSE 720 END`,
  'every game has both boxes and both sides have shots': `
    SELECT game_id FROM schedule
    LEFT JOIN (SELECT game_id, count(DISTINCT team) AS teams FROM player_box GROUP BY ALL) b USING (game_id)
    LEFT JOIN (SELECT game_id, count(DISTINCT team) AS teams FROM shots GROUP BY ALL) s USING (game_id)
    WHERE b.teams IS DISTINCT FROM 2 OR s.teams IS DISTINCT FROM 2`,
  'rows name the team, the opponent and the season of their game': `
    SELECT game_id FROM player_box b JOIN schedule g USING (game_id)
    WHERE b.game_date <> g.game_date OR b.season_year <> g.season_year
       OR b.season_type <> g.season_type
       OR b.team <> CASE WHEN home THEN home_team ELSE away_team END
       OR b.opponent <> CASE WHEN home THEN away_team ELSE home_team END
       OR b.opponent_team_id <> CASE WHEN home THEN away_team_id ELSE home_team_id END`,
  'game ids tell the kind of game and its season': `
    SELECT * FROM schedule
    WHERE length(game_id) <> 10 OR substr(game_id, 4, 2)::INT <> season_year % 100
       OR substr(game_id, 1, 3) <> CASE season_type WHEN 'regular' THEN '002' ELSE '004' END
       OR (season_type = 'playoffs' AND game_id NOT LIKE '_____00' || playoff_round || '_' || series_game)
       OR (season_type = 'regular') <> (playoff_round IS NULL)`,
  'game_id is unique in the schedule': duplicates('schedule', 'game_id'),
  'game and player are unique in the box': duplicates('player_box', 'game_id, player_id'),
  'game and event are unique in the shots': duplicates('shots', 'game_id, event_num'),
  'a game has at most one closing line': duplicates('closing_lines', 'game_id'),
  'players are listed once with the dates and games of their appearances': `
    WITH b AS (SELECT player_id, min(game_date) AS a, max(game_date) AS z, count(*) AS n
               FROM player_box GROUP BY ALL)
    SELECT * FROM players FULL JOIN b USING (player_id)
    WHERE a IS DISTINCT FROM first_game_date OR z IS DISTINCT FROM last_game_date
       OR n IS DISTINCT FROM games`,
  'a total is missing together with its prices': `
    SELECT * FROM closing_lines
    WHERE (total IS NULL) <> (over_price IS NULL) OR (total IS NULL) <> (under_price IS NULL)
       OR spread_home IS NULL OR spread_home * 2 <> round(spread_home * 2)`,
  'lines on players are for games played and taken before tip-off': `
    SELECT * FROM player_pra_lines l LEFT JOIN schedule g USING (game_id)
    WHERE g.game_id IS NULL OR snapshot_utc >= tipoff_utc OR line % 1 <> 0.5`,
};

function duplicates(table: string, key: string): string {
  return `SELECT ${key} FROM ${table} GROUP BY ALL HAVING count(*) > 1`;
}

test.for(Object.entries(RULES))('%s', async ([, query]) => {
  expect(await league.rows(query)).toEqual([]);
});

test('lines cover a part of the games', async () => {
  const [row] = await league.rows(`
    SELECT (SELECT count(*) FROM schedule)::INT AS games,
           (SELECT count(*) FROM closing_lines)::INT AS closing,
           (SELECT count(DISTINCT game_id) FROM player_pra_lines)::INT AS pra`);
  const games = Number(row?.['games']);
  expect(Number(row?.['closing']) / games).toBeGreaterThan(0.15);
  expect(Number(row?.['closing']) / games).toBeLessThan(0.5);
  expect(Number(row?.['pra']) / games).toBeGreaterThan(0.1);
  expect(Number(row?.['pra']) / games).toBeLessThan(0.45);
});

test('plain names have no diacritics, and normalised names do not collide', async () => {
  const players = await league.rows('SELECT player_name, player_name_ascii FROM players');
  const names = players.map((row) => String(row['player_name']));
  const plain = players.map((row) => String(row['player_name_ascii']));
  expect(plain.every((name) => /^[A-Za-z'. -]+$/.test(name))).toBe(true);
  expect(new Set(names.map(normalizedName)).size).toBe(names.length);
  expect(names.some((name, i) => name !== plain[i])).toBe(true);
  expect(names.some((name) => / (Jr\.|II|III|IV)$/.test(name))).toBe(true);
  expect(names.some((name) => name.includes("'"))).toBe(true);
});
