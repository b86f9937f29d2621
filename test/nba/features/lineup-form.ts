import { companyOf } from './company.ts';
import { type LeagueRows, numberIn, type PlainRow, type SlatePlayer } from './league-rows.ts';
import { type Appearance, Rotations } from './rotation.ts';
import { type Strength, strengthOf, versus } from './strength.ts';
import { product } from './weighted-means.ts';

/**
 * What the asset lineup_form has to say of players of the slate.
 * @param forms rows of player_form by date and player
 */
export function expectedLineupForm(
  league: LeagueRows,
  wanted: readonly SlatePlayer[],
  forms: ReadonlyMap<string, PlainRow>,
): readonly PlainRow[] {
  const rotations = new Rotations(league);
  const isWanted = new Set(wanted);
  const seasons = Map.groupBy(league.slatePlayers, ({ player, season }) => `${season} ${player}`);
  return [...seasons.values()].flatMap((slate) => {
    if (!slate.some((row) => isWanted.has(row))) return [];
    const strengths = slate.map((row) => strengthOf(row, rotations));
    return slate.flatMap((row, at): readonly PlainRow[] => {
      const now = strengths[at];
      if (now === undefined || !isWanted.has(row)) return [];
      const form = forms.get(`${row.date} ${row.player}`);
      const earlier = strengths.slice(0, at);
      const known = { league, rotations, ppm: numberIn(form, 'ppm_60') };
      const features = [
        presenceOf(now),
        comparisonsOf(now, earlier, numberIn(form, 'usage_ewma_20')),
        lastGameOf(earlier),
        companyOf(now, earlier, known),
      ];
      return [Object.assign(keyOf(row), ...features) as PlainRow];
    });
  });
}

function keyOf({ date, player }: Appearance): PlainRow {
  return { game_date: date, player_lookup: player, feature_version: 'lineups_2' };
}

function presenceOf(now: Strength): PlainRow {
  return {
    starter_rank: now.isStarter ? now.rank : 0,
    allotted_minutes: now.allottedMinutes,
    load: product(now.usedShare, now.allottedMinutes),
    minutes_share: now.minutesShare,
    mates_points: now.matesPoints,
    mates_used: now.matesUsed,
    mates_assists: now.matesAssists,
    mates_rebounds: now.matesRebounds,
    near_minutes: now.nearMinutes,
    near_better_minutes: now.nearBetterMinutes,
    absent_minutes: now.absentMinutes,
    absent_points: now.absentPoints,
    starter_points: now.starterPoints,
    opponent_absent_minutes: now.opponentAbsentMinutes,
  };
}

function comparisonsOf(
  now: Strength,
  earlier: readonly Strength[],
  usage: number | null,
): PlainRow {
  const against = (games: number, value: (strength: Strength) => number | null): number | null =>
    versus(now, earlier, games, value);
  const points = against(20, matesPoints);
  return {
    is_starter_vs_1: against(1, ({ isStarter }) => (isStarter ? 1 : 0)),
    minutes_share_vs_20: against(20, ({ minutesShare }) => minutesShare),
    mates_minutes_vs_1: against(1, ({ matesMinutes }) => matesMinutes),
    mates_minutes_vs_5: against(5, ({ matesMinutes }) => matesMinutes),
    // Usage is 20 percent for a player of average.
    mates_points_by_usage: product(points, usage, 1 / 20),
    same_size_minutes_vs_5: against(5, ({ sameSizeMinutes }) => sameSizeMinutes),
    near_minutes_vs_5: against(5, ({ nearMinutes }) => nearMinutes),
    near_absent_used_vs_5: against(5, ({ nearAbsentUsed }) => nearAbsentUsed),
  };
}

/** What the lineup of his last game of the season suggested: known without the one of today. */
function lastGameOf(earlier: readonly Strength[]): PlainRow {
  const last = earlier.at(-1);
  return {
    last_mates_points_vs_20: last ? versus(last, earlier.slice(0, -1), 20, matesPoints) : null,
    last_allotted_minutes: last?.allottedMinutes ?? null,
    last_role_minutes: last?.roleMinutes ?? null,
  };
}

function matesPoints(strength: Strength): number {
  return strength.matesPoints;
}
