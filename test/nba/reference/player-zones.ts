import type { Slate } from './calendar.ts';
import {
  completenessBlock,
  isWindowReady,
  percentageOf,
  tierOf,
  windowIssues,
} from './completeness.ts';
import type { League } from './league.ts';
import type { PlayerGame } from './player-games.ts';
import { playerWindows } from './player-windows.ts';
import type { PlayerWindows } from './player-windows.ts';
import { r, ratio, rn, sum } from './rounding.ts';
import type { Zone } from './shot-counts.ts';

/** One row of player_shot_zone_analysis (domain.md 4.2, oracle-notes 31, 32). */
export type PlayerZones = ReturnType<typeof playerZonesRow>;

const MIN_GAMES = 10;
const MIN_GAMES_FOR_20 = 15;
/** Ten games beyond this many days are worth a warning (domain.md 7.2). */
export const USUAL_DAYS = 21;

/** All qualified players of the season, also those not playing on d (oracle-notes 11). */
export function computePlayerZones(league: League): PlayerZones[] {
  const partitions = league.slates.filter((slate) => !slate.bootstrap);
  return partitions.flatMap((slate) =>
    league.players.entries(slate.season).flatMap(([lookup, timeline]) => {
      const games = timeline.lastBefore(slate.day, 20);
      if (games.length < MIN_GAMES) return [];
      const windows = playerWindows(league, { slate, lookup, team: '' });
      return [playerZonesRow({ slate, lookup, games, windows })];
    }),
  );
}

function zoneTotals(games: readonly PlayerGame[]) {
  const total = (pick: (game: PlayerGame) => number): number => sum(games.map(pick));
  const attempts: Record<Zone, number> = {
    paint: total((game) => game.paint_attempts),
    mid_range: total((game) => game.mid_range_attempts),
    three: total((game) => game.three_attempts_pbp),
  };
  const makes: Record<Zone, number> = {
    paint: total((game) => game.paint_makes),
    mid_range: total((game) => game.mid_range_makes),
    three: total((game) => game.three_makes_pbp),
  };
  return { attempts, makes, total: attempts.paint + attempts.mid_range + attempts.three };
}

function percent(part: number, whole: number): number | null {
  return rn(ratio(part * 100, whole), 2);
}

/** Only games with known assists, numerator and denominator (oracle-notes 31). */
export function assistShares(games: readonly PlayerGame[]) {
  const known = games.filter((game) => game.assisted_fg_makes !== null);
  const makes = sum(known.map((game) => game.fg_makes));
  return {
    assisted: ratio(sum(known.map((game) => game.assisted_fg_makes)), makes),
    unassisted: ratio(sum(known.map((game) => game.unassisted_fg_makes)), makes),
  };
}

function playerZonesRow(input: {
  readonly slate: Slate;
  readonly lookup: string;
  /** The newest games before d, at most 20, oldest first. */
  readonly games: readonly PlayerGame[];
  readonly windows: PlayerWindows;
}) {
  const { slate, lookup, games } = input;
  const { lastTen: window, changedTeam } = input.windows;
  const lastTen = games.slice(-10);
  const ten = zoneTotals(lastTen);
  const twenty = games.length >= MIN_GAMES_FOR_20 ? zoneTotals(games) : null;
  const assists = assistShares(lastTen);
  const rates = {
    paint: percent(ten.attempts.paint, ten.total),
    mid_range: percent(ten.attempts.mid_range, ten.total),
    three: percent(ten.attempts.three, ten.total),
  };
  const made = (zone: Zone): number | null => rn(ratio(ten.makes[zone], ten.attempts[zone]), 3);
  return {
    analysis_date: slate.date,
    player_lookup: lookup,
    universal_player_id: `${lookup}_001`,
    season_year: slate.season,
    total_shots_last_10: ten.total,
    paint_rate_last_10: rates.paint,
    mid_range_rate_last_10: rates.mid_range,
    three_pt_rate_last_10: rates.three,
    paint_rate_last_20: twenty && percent(twenty.attempts.paint, twenty.total),
    paint_pct_last_10: made('paint'),
    mid_range_pct_last_10: made('mid_range'),
    three_pt_pct_last_10: made('three'),
    paint_pct_last_20: twenty && rn(ratio(twenty.makes.paint, twenty.attempts.paint), 3),
    paint_attempts_per_game: r(ten.attempts.paint / lastTen.length, 1),
    mid_range_attempts_per_game: r(ten.attempts.mid_range / lastTen.length, 1),
    three_pt_attempts_per_game: r(ten.attempts.three / lastTen.length, 1),
    assisted_rate_last_10: rn(assists.assisted === null ? null : assists.assisted * 100, 2),
    unassisted_rate_last_10: rn(assists.unassisted === null ? null : assists.unassisted * 100, 2),
    games_in_sample_10: lastTen.length,
    games_in_sample_20: games.length,
    sample_quality_10: sampleQuality(lastTen.length, 10),
    sample_quality_20: sampleQuality(games.length, 20),
    primary_scoring_zone: primaryScoringZone(rates),
    data_quality_tier: 'high',
    player_position: null,
    calculation_notes: null,
    ...completenessBlock({
      slate,
      window,
      ready: isWindowReady(window),
      tier: tierOf(percentageOf(window)),
      issues: [...(changedTeam ? ['changed_team'] : []), ...windowIssues(window, USUAL_DAYS)],
    }),
  };
}

export function sampleQuality(n: number, target: number): string {
  if (n >= target) return 'excellent';
  if (n >= Math.floor(0.7 * target)) return 'good';
  return n >= Math.floor(0.5 * target) ? 'limited' : 'insufficient';
}

export type ScoringZone = 'paint' | 'perimeter' | 'mid_range' | 'balanced';

/** Decided on the rounded rates (oracle-notes 32). */
export function primaryScoringZone(
  rates: Readonly<Record<Zone, number | null>>,
): ScoringZone | null {
  const paint = rates.paint ?? 0;
  const midRange = rates.mid_range ?? 0;
  const three = rates.three ?? 0;
  if (paint === 0 && midRange === 0 && three === 0) return null;
  if (paint >= 40) return 'paint';
  if (three >= 40) return 'perimeter';
  return midRange >= 35 ? 'mid_range' : 'balanced';
}
