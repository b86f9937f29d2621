import { openReader } from '../../engine/commands/context.ts';
import { unsafeRunId } from '../../engine/ids.ts';
import { formatDay } from '../../engine/partitions/date.ts';
import type { RunOutcome } from '../support/project.ts';
import type { Flagship, Rewrites } from './flagship.ts';

/** One check that failed on one date. */
export interface Found {
  readonly asset: string;
  readonly check: string;
  readonly severity: string;
  readonly date: string;
  /** Offending rows as JSON. */
  readonly sample: string;
}

/** Every check that failed in a run, date by date, as recorded. */
export async function foundBy(
  flagship: Flagship,
  { document }: RunOutcome,
): Promise<readonly Found[]> {
  const reader = await openReader(await flagship.open());
  try {
    const results = reader?.checks(unsafeRunId(document.run_id ?? '')) ?? [];
    return results
      .map(({ asset, check, severity, day, sample }) => {
        return { asset, check, severity, date: formatDay(day), sample: sample ?? '' };
      })
      .sort((a, b) => (a.date < b.date ? -1 : 1));
  } finally {
    reader?.close();
  }
}

/** A fault in the source files, and who finds it where. */
export interface Planted {
  readonly title: string;
  readonly asset: string;
  readonly check: string;
  readonly dates: readonly string[];
  /** The date whose offending rows are looked at; default the first one. */
  readonly at?: string;
  /** Part of them. */
  readonly says: string;
  readonly blocks?: boolean;
}

export interface Game {
  readonly id: string;
  readonly date: string;
  /** The next date with games, on which neither team plays. */
  readonly next: string;
  readonly home: string;
  readonly away: string;
}

/** Games whose teams do not play on the next date, by date, from the second quarter of the season on. */
export async function gamesOf(flagship: Flagship): Promise<readonly Game[]> {
  const rows = await flagship.query(`WITH days AS (
    SELECT game_date, LEAD(game_date) OVER (ORDER BY game_date) AS next,
      PERCENT_RANK() OVER (ORDER BY game_date) AS place
    FROM (SELECT DISTINCT game_date FROM nba_raw.schedule))
    SELECT ANY_VALUE(s.game_id), CAST(s.game_date AS VARCHAR), ANY_VALUE(CAST(d.next AS VARCHAR)),
      ANY_VALUE(s.home_team), ANY_VALUE(s.away_team)
    FROM (SELECT * FROM nba_raw.schedule ORDER BY game_id) AS s JOIN days AS d USING (game_date)
    WHERE d.place BETWEEN 0.3 AND 0.9 AND NOT EXISTS (SELECT 1 FROM nba_raw.schedule AS n
      WHERE n.game_date = d.next AND (n.home_team IN (s.home_team, s.away_team)
        OR n.away_team IN (s.home_team, s.away_team)))
    GROUP BY s.game_date HAVING COUNT(*) >= 1 ORDER BY s.game_date`);
  return rows.map((row) => {
    const [id = '', date = '', next = '', home = '', away = ''] = row.map(String);
    return { id, date, next, home, away };
  });
}

/** Faults that do not hide each other: each on a game or a date of its own. */
export function sourceFaults(
  games: readonly Game[],
  dates: readonly string[],
): {
  readonly rewrites: Rewrites;
  readonly faults: readonly Planted[];
} {
  const [twice, again, missing, swapped, moved, dropped] = [0, 3, 6, 9, 12, 16].map((at) => {
    const game = games[at];
    if (!game) throw new Error('the season is too short for the faults');
    return game;
  }) as [Game, Game, Game, Game, Game, Game];
  const is = (game: Game): string => `game_id = '${game.id}'`;
  return {
    rewrites: {
      schedule: `SELECT * FROM f UNION ALL SELECT * REPLACE ('9' || substr(game_id, 2) AS game_id) FROM f WHERE ${is(twice)}`,
      player_box: `SELECT * REPLACE (
          IF(${is(moved)}, DATE '${moved.next}', game_date) AS game_date,
          IF(${is(swapped)}, NOT home, home) AS home)
        FROM f WHERE NOT (${is(missing)} AND team = '${missing.home}')
        UNION ALL SELECT * FROM f WHERE ${is(again)}`,
      shots: `SELECT * REPLACE (IF(${is(moved)}, DATE '${moved.next}', game_date) AS game_date)
        FROM f WHERE NOT (game_date >= DATE '${dropped.date}' AND event_num % 5 = 0)`,
    },
    faults: [
      ...gameFaults({ twice, again, missing, swapped, moved }),
      {
        title: 'a fifth of the shots missing from one date on',
        asset: 'player_game_summary',
        check: 'zones_add_up',
        dates: dates.filter((date) => date >= dropped.date),
        says: '"has_complete_shot_zones":false',
      },
    ],
  };
}

function gameFaults(
  of: Readonly<Record<'twice' | 'again' | 'missing' | 'swapped' | 'moved', Game>>,
): readonly Planted[] {
  const { twice, again, missing, swapped, moved } = of;
  const offense = 'team_offense_game_summary';
  const oneRow = (game: Game) => `"nba_game_id":"${game.id}"`;
  return [
    {
      title: 'a game that the schedule has twice, under another id',
      asset: 'schedule',
      check: 'duplicate_rows',
      dates: [twice.date],
      says: `"home_team":"${twice.home}"`,
    },
    {
      title: 'a team that would play twice on a date',
      asset: 'team_slate',
      check: 'unique key (game_date, team_abbr)',
      dates: [twice.date],
      says: `"team_abbr":"${twice.away}"`,
      blocks: true,
    },
    {
      title: 'the box score of a game twice',
      asset: 'player_box',
      check: 'unique key (game_id, player_id)',
      dates: [again.date],
      says: `"game_id":"${again.id}"`,
      blocks: true,
    },
    {
      title: 'a game of which one team is missing',
      asset: offense,
      check: 'two_sides',
      dates: [missing.date],
      says: `"row_count":1,"team_abbr":"${missing.away}"`,
    },
    {
      title:
        'games without two teams: one missing, one moved to another date, one only in the schedule',
      asset: offense,
      check: 'row_count_per_final_games',
      dates: [twice.date, missing.date, moved.date].toSorted(),
      at: moved.date,
      says: `${oneRow(moved)},"row_count":0`,
    },
    {
      title: 'home and away swapped: the score is that of the other team',
      asset: offense,
      check: 'away_score',
      dates: [twice.date, swapped.date, moved.date, moved.next].toSorted(),
      at: swapped.date,
      says: oneRow(swapped),
    },
    {
      title: 'the score of the team that is missing',
      asset: offense,
      check: 'home_score',
      dates: [twice.date, missing.date, swapped.date, moved.date, moved.next].toSorted(),
      at: missing.date,
      says: `${oneRow(missing)},"value":0,`,
    },
    {
      title: 'a game a day too late',
      asset: offense,
      check: 'game_of_the_date',
      dates: [moved.next],
      says: oneRow(moved),
    },
  ];
}

/** All dates with games. */
export async function datesOf(flagship: Flagship): Promise<readonly string[]> {
  const rows = await flagship.query(
    'SELECT DISTINCT CAST(game_date AS VARCHAR) FROM nba_raw.schedule ORDER BY 1',
  );
  return rows.map(([date]) => String(date));
}
