import {
  completenessBlock,
  isWindowReady,
  tierOf,
  windowIssues,
  worstTier,
} from './completeness.ts';
import type { Slate } from './calendar.ts';
import type { PlayerContext } from './context.ts';
import { USUAL_DAYS } from './player-zones.ts';
import type { PlayerZones, ScoringZone } from './player-zones.ts';
import type { PlayerWindows } from './player-windows.ts';
import { clamp, clampAbs, r } from './rounding.ts';
import type { TeamZones } from './team-zones.ts';

/** One row of player_composite_factors (domain.md 4.3, oracle-notes F). */
export type CompositeFactors = ReturnType<typeof compositeRow>;

export interface FatigueInputs {
  readonly backToBack: boolean | null;
  readonly daysRest: number | null;
  readonly gamesInLast7Days: number | null;
  readonly minutesInLast7Days: number | null;
  readonly avgMinutesLast7: number | null;
  readonly backToBacksLast14Days: number | null;
  readonly age: number | null;
}

/** 100 is fresh, 0 exhausted; the defaults for NULL are those of domain.md 4.3. */
export function fatigueScore(inputs: FatigueInputs): number {
  const score =
    100 +
    restPoints(inputs) +
    ((inputs.gamesInLast7Days ?? 3) >= 4 ? -10 : 0) +
    ((inputs.minutesInLast7Days ?? 200) > 240 ? -10 : 0) +
    ((inputs.avgMinutesLast7 ?? 30) > 35 ? -8 : 0) +
    pairPoints(inputs.backToBacksLast14Days ?? 0) +
    agePoints(inputs.age ?? 25);
  return clamp(score, { lo: 0, hi: 100 });
}

function restPoints(inputs: FatigueInputs): number {
  if (inputs.backToBack === true) return -15;
  return (inputs.daysRest ?? 1) >= 3 ? 5 : 0;
}

function agePoints(age: number): number {
  if (age >= 35) return -10;
  return age >= 30 ? -5 : 0;
}

function pairPoints(pairs: number): number {
  if (pairs >= 2) return -12;
  return pairs === 1 ? -5 : 0;
}

export function fatigueAdjustment(score: number): number {
  return clamp((score - 100) / 20, { lo: -5, hi: 0 });
}

export interface MismatchInputs {
  readonly zone: ScoringZone | null;
  /** Percent of shots per zone, NULL without shots. */
  readonly rates: Readonly<Record<'paint' | 'perimeter' | 'mid_range', number | null>>;
  /** Percentage points of the opponent against the league, positive is worse. */
  readonly defense: Readonly<Record<'paint' | 'perimeter' | 'mid_range', number | null>>;
}

/** Unrounded; balanced and unknown count as paint (oracle-notes 35). */
export function shotZoneMismatch(inputs: MismatchInputs): number {
  const zone = inputs.zone === null || inputs.zone === 'balanced' ? 'paint' : inputs.zone;
  const base = (inputs.defense[zone] ?? 0) * Math.min((inputs.rates[zone] ?? 50) / 50, 1);
  return clampAbs(Math.abs(base) > 5 ? base * 1.2 : base, 10);
}

/** Unrounded. */
export function paceScore(paceDifferential: number | null): number {
  return clampAbs((paceDifferential ?? 0) / 2, 3);
}

/** Unrounded; 0 where an input is missing or the baseline is 0 (domain.md D9). */
export function usageSpike(inputs: {
  readonly projected: number | null;
  readonly baseline: number | null;
  readonly starsOut: number;
}): number {
  const { projected, baseline, starsOut } = inputs;
  if (projected === null || baseline === null || baseline === 0) return 0;
  const spike = 0.3 * (projected - baseline);
  if (spike <= 0) return clampAbs(spike, 3);
  return clampAbs(spike * (starsOut >= 2 ? 1.3 : starsOut === 1 ? 1.15 : 1), 3);
}

/** One row per context row, also without the zone rows (oracle-notes 33). */
export function computeComposite(input: {
  readonly contexts: readonly PlayerContext[];
  readonly slates: ReadonlyMap<string, Slate>;
  readonly windows: ReadonlyMap<string, PlayerWindows>;
  readonly playerZones: ReadonlyMap<string, PlayerZones>;
  readonly teamZones: ReadonlyMap<string, TeamZones>;
}): CompositeFactors[] {
  return input.contexts.flatMap((context) => {
    const slate = input.slates.get(context.game_date);
    const windows = input.windows.get(`${context.game_date}|${context.player_lookup}`);
    if (slate === undefined || windows === undefined) return [];
    const row = compositeRow({
      context,
      slate,
      windows,
      shots: input.playerZones.get(`${context.game_date}|${context.player_lookup}`) ?? null,
      defense: input.teamZones.get(`${context.game_date}|${context.opponent_team_abbr}`) ?? null,
    });
    return [row];
  });
}

interface CompositeInput {
  readonly context: PlayerContext;
  readonly slate: Slate;
  readonly windows: PlayerWindows;
  readonly shots: PlayerZones | null;
  readonly defense: TeamZones | null;
}

function compositeRow(input: CompositeInput) {
  const { context } = input;
  const fatigue = fatigueScore({
    backToBack: context.back_to_back,
    daysRest: context.days_rest,
    gamesInLast7Days: context.games_in_last_7_days,
    minutesInLast7Days: context.minutes_in_last_7_days,
    avgMinutesLast7: context.avg_minutes_per_game_last_7,
    backToBacksLast14Days: context.back_to_backs_last_14_days,
    age: context.player_age,
  });
  const mismatch = mismatchOf(input);
  const pace = paceScore(context.pace_differential);
  const usage = usageSpike({
    projected: context.projected_usage_rate,
    baseline: context.avg_usage_rate_last_7_games,
    starsOut: 0,
  });
  const total = fatigueAdjustment(fatigue) + mismatch + pace + usage;
  const missing = missingFields(input);
  const warnings = warningsOf({ fatigue, mismatch, total });
  return {
    player_lookup: context.player_lookup,
    universal_player_id: context.universal_player_id,
    game_date: context.game_date,
    game_id: context.game_id,
    analysis_date: context.game_date,
    season_year: context.season_year,
    fatigue_score: fatigue,
    shot_zone_mismatch_score: r(mismatch, 1),
    pace_score: r(pace, 1),
    usage_spike_score: r(usage, 1),
    referee_favorability_score: 0,
    look_ahead_pressure_score: 0,
    travel_impact_score: 0,
    opponent_strength_score: 0,
    total_composite_adjustment: r(total, 2),
    data_completeness_pct: 100 - 20 * missing.length,
    missing_data_fields: missing.length === 0 ? null : missing.join(','),
    has_warnings: warnings.length > 0,
    warning_details: warnings.length === 0 ? null : warnings.join(','),
    calculation_version: 'v1_4factors',
    ...readiness(input, 100 - 20 * missing.length),
  };
}

function profileIssues(
  name: string,
  profile: { readonly is_production_ready: boolean } | null,
): string[] {
  if (profile === null) return [`${name}_missing`];
  return profile.is_production_ready ? [] : [`${name}_not_ready`];
}

/** Ready if its own window and both profiles are; as good as the worst of what it is made of. */
function readiness(input: CompositeInput, knownInputs: number) {
  const { context, slate, shots, defense } = input;
  const { lastTen: window, changedTeam } = input.windows;
  const shotsReady = shots?.is_production_ready === true;
  const defenseReady = defense?.is_production_ready === true;
  return {
    upstream_player_shot_ready: shotsReady,
    upstream_team_defense_ready: defenseReady,
    all_upstreams_ready: shotsReady && defenseReady,
    ...completenessBlock({
      slate,
      window,
      ready: shotsReady && defenseReady && isWindowReady(window),
      tier: worstTier([
        tierOf(knownInputs),
        context.quality_tier,
        shots?.quality_tier,
        defense?.quality_tier,
      ]),
      issues: [
        ...(changedTeam ? ['changed_team'] : []),
        ...profileIssues('shot_zones', shots),
        ...profileIssues('defense', defense),
        ...windowIssues(window, USUAL_DAYS),
      ],
    }),
  };
}

function mismatchOf({ shots, defense }: CompositeInput): number {
  if (shots === null || defense === null) return 0;
  return shotZoneMismatch({
    zone: shots.primary_scoring_zone,
    rates: {
      paint: shots.paint_rate_last_10,
      mid_range: shots.mid_range_rate_last_10,
      perimeter: shots.three_pt_rate_last_10,
    },
    defense: {
      paint: defense.paint_defense_vs_league_avg,
      mid_range: defense.mid_range_defense_vs_league_avg,
      perimeter: defense.three_pt_defense_vs_league_avg,
    },
  });
}

/** In the order of domain.md 4.3, data_completeness_pct. */
function missingFields({ context, shots, defense }: CompositeInput): string[] {
  const inputs: readonly (readonly [string, unknown])[] = [
    ['days_rest', context.days_rest],
    ['projected_usage_rate', context.projected_usage_rate],
    ['pace_differential', context.pace_differential],
    ['player_shot_zone_analysis', shots],
    ['team_defense_zone_analysis', defense],
  ];
  return inputs.filter(([, value]) => value === null).map(([name]) => name);
}

/** Tested on unrounded values (oracle-notes 36). */
function warningsOf(scores: {
  readonly fatigue: number;
  readonly mismatch: number;
  readonly total: number;
}): string[] {
  return [
    ...(scores.fatigue < 50 ? ['EXTREME_FATIGUE'] : []),
    ...(Math.abs(scores.mismatch) > 8 ? ['EXTREME_MATCHUP'] : []),
    ...(Math.abs(scores.total) > 12 ? ['EXTREME_ADJUSTMENT'] : []),
  ];
}
