/** What the features of the points models tell; every feature belongs to exactly one. */
export const FEATURE_GROUPS = {
  history: [
    /^(points|pra|fga|fta|threes|paints|mids|usage|rebounds|assists|turnovers|fouls|plus_minus)_(ewma|sd|min|max|avg|std)_/,
    /^points_from_/,
    /^ppm_/,
    /^(season|last_season)_(points|pra|games)$/,
    /^(career_games|last_points|last_fga|size_index|usage_spike_score)$/,
    /_pct_shrunk$/,
    /_rate_last_10$/,
  ],
  'role and minutes': [
    /^minutes_(ewma|sd|avg|close|last|min|max|trend|surprise)(_|$)/,
    /^(season|last_season|last|last_role|last_allotted)_minutes$/,
    /^(started_last|starts_last_\d+|starts_ewma_\d+|last_mates_points_vs_\d+)$/,
  ],
  availability: [
    /^(days_since_game|days_rest|days_out_minutes|returned)$/,
    /^(missed|missed_minutes|games_missed|season_games_missed|games_since_return|games_with_team)$/,
    /^(back_to_back|back_to_back_minutes|games_7|minutes_7|fatigue_score)$/,
    /^(team|opponent)_days_rest$/,
    /^(at_home|is_home|season_day|late_minutes|is_playoff|playoff_minutes|playoff_minutes_change)$/,
  ],
  opponent: [
    /^opponent_(defense|pace|margin|def_rating_last_15|pace_last_15)$/,
    /_allowed$/,
    /^(size_ratio|size_points|zone_points|shot_zone_mismatch_score)$/,
    /^(expected_pace|pace_score|margin_ewma|last_game_margin)$/,
    /^team_(pace|off_rating)_last_10$/,
  ],
  'spread and total': [/^expected_(margin|spread|total)$/, /^implied_/],
  'lineups present and absent': [
    /^(mates|absent|near|same_size)_/,
    /^opponent_(absent|present|big)_/,
    /^(load|allotted_minutes|top_points)$/,
    /^(minutes|points)_(share|rank)(_vs_\d+)?$/,
  ],
  'games with such company': [/^(similar|company)_/, /^similarity$/],
  starters: [/^is_starter/, /^starter_/, /^usual_starts$/],
} as const satisfies Readonly<Record<string, readonly RegExp[]>>;

export type FeatureGroup = keyof typeof FEATURE_GROUPS;

export const GROUP_NAMES = Object.keys(FEATURE_GROUPS) as readonly FeatureGroup[];

/**
 * The features of each group, in their order; empty where a model has none of it.
 * @throws where a feature belongs to no group, or to several
 */
export function groupFeatures(
  features: readonly string[],
): ReadonlyMap<FeatureGroup, readonly string[]> {
  const groupOf = new Map(features.map((feature) => [feature, onlyGroup(feature)]));
  return new Map(
    GROUP_NAMES.map((group) => [
      group,
      features.filter((feature) => groupOf.get(feature) === group),
    ]),
  );
}

function onlyGroup(feature: string): FeatureGroup {
  const found = GROUP_NAMES.filter((group) =>
    FEATURE_GROUPS[group].some((pattern) => pattern.test(feature)),
  );
  const [group] = found;
  if (found.length === 1 && group !== undefined) return group;
  const where = found.length === 0 ? 'no group' : found.join(' and ');
  throw new Error(
    `the feature ${feature} belongs to ${where}, expected one: see bench/feature-groups.ts`,
  );
}
