const DAY = `DATE '1970-01-01' + g.day`;
const utc = (seconds: string) => `make_timestamp(${seconds}::BIGINT * 1000000)`;

const GAME_KEYS = `g.game_id, ${DAY} AS game_date, g.season_year`;

/** Own and other team of a row that knows whether it is the home side. */
const SIDES = `
  JOIN s_team own ON own.team_id = CASE WHEN r.home = 1 THEN g.home_team_id ELSE g.away_team_id END
  JOIN s_team other ON other.team_id = CASE WHEN r.home = 1 THEN g.away_team_id ELSE g.home_team_id END`;

const SCHEDULE = `
SELECT g.game_id, g.season_year, g.season_type, ${DAY} AS game_date, ${utc('g.tipoff')} AS tipoff_utc,
       g.home_team_id::BIGINT AS home_team_id, h.team AS home_team,
       g.away_team_id::BIGINT AS away_team_id, a.team AS away_team, g.status,
       g.home_score, g.away_score, g.periods, g.playoff_round, g.series_game,
       g.score_source
FROM (SELECT *, 'final' AS status, 'play_by_play' AS score_source FROM s_game
      UNION ALL BY NAME
      SELECT * REPLACE (NULL AS home_score, NULL AS away_score, NULL AS periods),
             'scheduled' AS status, NULL AS score_source
      FROM s_coming) g
JOIN s_team h ON h.team_id = g.home_team_id
JOIN s_team a ON a.team_id = g.away_team_id
ORDER BY game_date, game_id`;

const PLAYER_BOX = `
SELECT ${GAME_KEYS}, g.season_type, r.player_id::BIGINT AS player_id, p.player_name,
       own.team_id::BIGINT AS team_id, own.team, other.team_id::BIGINT AS opponent_team_id,
       other.team AS opponent, r.home = 1 AS home, r.starter = 1 AS starter,
       round(r.seconds / 60.0::DOUBLE, 3) AS minutes, 'derived' AS minutes_source,
       r.pts, r.fgm, r.fga, r.fg3m, r.fg3a, r.ftm, r.fta, r.oreb, r.dreb, r.oreb + r.dreb AS reb,
       r.ast, r.stl, r.blk, r.tov, r.pf, r.plus_minus, 'official' AS plus_minus_source,
       r.ejected = 1 AS ejected, 'play_by_play' AS stats_source
FROM s_box r
JOIN s_game g USING (game_index)
JOIN s_player p USING (player_id)${SIDES}
ORDER BY game_date, game_id, own.team_id, starter DESC, minutes DESC, r.player_id`;

const SHOTS = `
SELECT g.game_id, r.event_num, ${DAY} AS game_date, g.season_year, g.season_type,
       r.player_id::BIGINT AS player_id, p.player_name, own.team_id::BIGINT AS team_id, own.team,
       other.team AS opponent, r.home = 1 AS home, r.period, r.seconds_remaining, r.made = 1 AS made,
       r.shot_value, action.name AS action_type, r.distance_ft, r.loc_x, r.loc_y,
       zone.name AS zone_basic, area.name AS zone_area, range.name AS zone_range,
       r.assist_player_id IS NOT NULL AS assisted, r.assist_player_id::BIGINT AS assist_player_id,
       assister.player_name AS assist_player_name, r.block_player_id IS NOT NULL AS blocked,
       r.block_player_id::BIGINT AS block_player_id, blocker.player_name AS block_player_name,
       true AS has_pbp
FROM s_shot r
JOIN s_game g USING (game_index)
JOIN s_player p USING (player_id)${SIDES}
JOIN s_action action ON action.code = r.action
JOIN s_zone zone ON zone.code = r.zone
JOIN s_area area ON area.code = r.area
JOIN s_range range ON range.code = r.range
LEFT JOIN s_player assister ON assister.player_id = r.assist_player_id
LEFT JOIN s_player blocker ON blocker.player_id = r.block_player_id
ORDER BY game_date, game_id, r.period, r.seconds_remaining DESC, r.event_num`;

const CLOSING_LINES = `
SELECT ${GAME_KEYS}, h.team AS home_team, a.team AS away_team, r.spread_home, r.spread_home_price,
       r.total, r.over_price, r.under_price, r.home_ml, r.away_ml,
       ${utc('r.commence')} AS commence_time_utc, r.source_event_id, r.suspect = 1 AS suspect
FROM s_closing r
JOIN s_game g USING (game_index)
JOIN s_team h ON h.team_id = g.home_team_id
JOIN s_team a ON a.team_id = g.away_team_id
ORDER BY game_date, game_id`;

const PLAYER_PRA_LINES = `
SELECT ${GAME_KEYS}, r.player_id::BIGINT AS player_id, r.source_player_name, r.bookmaker,
       'player_points_rebounds_assists' AS market, r.line, r.over_price, r.under_price,
       ${utc('r.snapshot')} AS snapshot_utc, r.source_event_id
FROM s_pra r
JOIN s_game g USING (game_index)
ORDER BY game_date, game_id, r.source_player_name, r.bookmaker, r.line`;

const PLAYERS = `
WITH appearance AS (
  SELECT r.player_id, ${DAY} AS game_date, own.team
  FROM s_box r
  JOIN s_game g USING (game_index)${SIDES}
)
SELECT p.player_id::BIGINT AS player_id, p.player_name, p.ascii AS player_name_ascii,
       min(a.game_date) AS first_game_date, max(a.game_date) AS last_game_date,
       arg_max(a.team, a.game_date) AS last_team, count(*) AS games
FROM appearance a
JOIN s_player p USING (player_id)
GROUP BY ALL
ORDER BY player_id`;

const TEAMS = `
SELECT team_id::BIGINT AS team_id, team, city, nickname FROM s_team ORDER BY team`;

/** Takes the games after a day out of `s_game`, and so out of every file but the schedule. */
export function withoutGamesAfter(day: number | undefined): readonly string[] {
  const isComing = day === undefined ? 'FALSE' : `day > ${day}`;
  return [
    `CREATE TABLE s_coming AS SELECT * FROM s_game WHERE ${isComing}`,
    `DELETE FROM s_game WHERE ${isComing}`,
  ];
}

/** One query per file, in the columns, types and order of the reference data. */
export const OUTPUT_QUERIES = {
  schedule: SCHEDULE,
  player_box: PLAYER_BOX,
  shots: SHOTS,
  closing_lines: CLOSING_LINES,
  player_pra_lines: PLAYER_PRA_LINES,
  players: PLAYERS,
  teams: TEAMS,
} as const;

export type OutputName = keyof typeof OUTPUT_QUERIES;
