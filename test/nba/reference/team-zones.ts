import type { TeamDefense } from './analytics.ts';
import type { Slate } from './calendar.ts';
import {
  attendanceOf,
  completenessBlock,
  isWindowReady,
  percentageOf,
  tierOf,
  windowIssues,
} from './completeness.ts';
import type { Window } from './completeness.ts';
import type { League } from './league.ts';
import { mean, r, ratio, rn, sum } from './rounding.ts';
import type { Zone } from './shot-counts.ts';

/** One row of team_defense_zone_analysis (domain.md 4.1, oracle-notes E). */
export type TeamZones = ReturnType<typeof teamZonesRow>;

type ZoneTriple = Readonly<Record<Zone, number | null>>;

const ABSOLUTE_MIN_GAMES = 7;
const WINDOW_GAMES = 15;
/** 21 days for ten games, so 32 for fifteen. */
const USUAL_DAYS = 32;
const LEAGUE_DAYS = 30;
const LEAGUE_MIN_GAMES = 10;
const LEAGUE_MIN_TEAMS = 10;
const LEAGUE_DEFAULTS: ZoneTriple = { paint: 0.58, mid_range: 0.41, three: 0.355 };

/** All qualified teams of the season, also those not playing on d (oracle-notes 11, 28). */
export function computeTeamZones(league: League): TeamZones[] {
  const partitions = league.slates.filter((slate) => !slate.bootstrap);
  return partitions.flatMap((slate) => {
    const average = leagueAverage(league, slate);
    return league.teamDefense.entries(slate.season).flatMap(([team, timeline]) => {
      const games = timeline.lastBefore(slate.day, WINDOW_GAMES);
      if (games.length < ABSOLUTE_MIN_GAMES) return [];
      const scheduled = league.finalGames.get(slate.season, team);
      const window = {
        ...attendanceOf(scheduled.lastBefore(slate.day, WINDOW_GAMES), new Set(timeline.days)),
        dates: games.map((game) => game.game_date),
      };
      return [teamZonesRow({ slate, team, games, average, window })];
    });
  });
}

/** Unweighted mean over teams with 10 games in 30 days, else constants (oracle-notes 29). */
export function leagueAverage(league: League, slate: Slate): ZoneTriple {
  const teams = league.teamDefense
    .entries(slate.season)
    .map(([, timeline]) => timeline.window(slate.day, LEAGUE_DAYS))
    .filter((games) => games.length >= LEAGUE_MIN_GAMES)
    .map(zonePercentages);
  if (teams.length < LEAGUE_MIN_TEAMS) return LEAGUE_DEFAULTS;
  return {
    paint: mean(teams.map((team) => team.paint)),
    mid_range: mean(teams.map((team) => team.mid_range)),
    three: mean(teams.map((team) => team.three)),
  };
}

function zonePercentages(games: readonly TeamDefense[]): ZoneTriple {
  const pct = (
    makes: (game: TeamDefense) => number,
    attempts: (game: TeamDefense) => number,
  ): number | null => ratio(sum(games.map(makes)), sum(games.map(attempts)));
  return {
    paint: pct(
      (game) => game.opp_paint_makes,
      (game) => game.opp_paint_attempts,
    ),
    mid_range: pct(
      (game) => game.opp_mid_range_makes,
      (game) => game.opp_mid_range_attempts,
    ),
    three: pct(
      (game) => game.opp_three_pt_makes,
      (game) => game.opp_three_pt_attempts,
    ),
  };
}

function teamZonesRow(input: {
  readonly slate: Slate;
  readonly team: string;
  readonly games: readonly TeamDefense[];
  readonly average: ZoneTriple;
  readonly window: Window;
}) {
  const { slate, team, games, average, window } = input;
  const n = games.length;
  const pct = zonePercentages(games);
  const perGame = (pick: (game: TeamDefense) => number): number => r(sum(games.map(pick)) / n, 6);
  // Blocks are divided by the games where they are known (oracle-notes 30).
  const perKnownGame = (pick: (game: TeamDefense) => number | null): number | null =>
    rn(mean(games.map(pick)), 6);
  const vsLeague = {
    paint: versusLeague(pct.paint, average.paint),
    mid_range: versusLeague(pct.mid_range, average.mid_range),
    three: versusLeague(pct.three, average.three),
  };
  return {
    analysis_date: slate.date,
    team_abbr: team,
    season_year: slate.season,
    paint_pct_allowed_last_15: rn(pct.paint, 6),
    mid_range_pct_allowed_last_15: rn(pct.mid_range, 6),
    three_pt_pct_allowed_last_15: rn(pct.three, 6),
    paint_attempts_allowed_per_game: perGame((game) => game.opp_paint_attempts),
    mid_range_attempts_allowed_per_game: perGame((game) => game.opp_mid_range_attempts),
    three_pt_attempts_allowed_per_game: perGame((game) => game.opp_three_pt_attempts),
    paint_points_allowed_per_game: perGame((game) => game.points_in_paint_allowed),
    paint_blocks_per_game: perKnownGame((game) => game.blocks_paint),
    mid_range_blocks_per_game: perKnownGame((game) => game.blocks_mid_range),
    three_pt_blocks_per_game: perKnownGame((game) => game.blocks_three_pt),
    paint_defense_vs_league_avg: vsLeague.paint,
    mid_range_defense_vs_league_avg: vsLeague.mid_range,
    three_pt_defense_vs_league_avg: vsLeague.three,
    defensive_rating_last_15: perKnownGame((game) => game.defensive_rating),
    opponent_points_per_game: perGame((game) => game.points_allowed),
    opponent_pace: perKnownGame((game) => game.opponent_pace),
    games_in_sample: n,
    ...extremeZones(vsLeague),
    data_quality_tier: n >= 15 ? 'high' : n >= 10 ? 'medium' : 'low',
    ...completenessBlock({
      slate,
      window,
      ready: isWindowReady(window),
      tier: tierOf(percentageOf(window)),
      issues: windowIssues(window, USUAL_DAYS),
    }),
  };
}

/** Percentage points; positive is the worse defence (domain.md 4.1). */
export function versusLeague(pct: number | null, average: number | null): number | null {
  return pct === null || average === null ? null : r((pct - average) * 100, 6);
}

/** argmin and argmax over the known zones; the first in the order wins a tie (domain.md 4.1). */
export function extremeZones(vsLeague: ZoneTriple) {
  const known = (
    [
      ['paint', vsLeague.paint],
      ['mid_range', vsLeague.mid_range],
      ['perimeter', vsLeague.three],
    ] as const
  ).flatMap(([zone, value]) => (value === null ? [] : [{ zone, value }]));
  let strongest = known[0];
  let weakest = known[0];
  for (const entry of known) {
    if (strongest !== undefined && entry.value < strongest.value) strongest = entry;
    if (weakest !== undefined && entry.value > weakest.value) weakest = entry;
  }
  return { strongest_zone: strongest?.zone ?? null, weakest_zone: weakest?.zone ?? null };
}
