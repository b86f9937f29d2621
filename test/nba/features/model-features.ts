import { sizeOf } from './defense-by-size.ts';
import { numberIn, type PlainRow } from './league-rows.ts';
import { both, minus, product } from './weighted-means.ts';

/** The rows that a row of model_features is made from: his and both teams'. */
export interface ModelInputs {
  readonly form: PlainRow;
  readonly context: PlainRow | undefined;
  readonly team: PlainRow;
  readonly teamContext: PlainRow;
  readonly opponent: PlainRow;
  readonly opponentDefense: PlainRow;
  /** First day of the season. */
  readonly seasonStart: string;
}

const HOME_POINTS = 2.5;
const MS_PER_DAY = 86_400_000;

/** Columns that model_features takes as they are from player_form. */
const OF_FORM: readonly string[] = [
  'game_date player_lookup game_id season_year season_games at_home season_points season_pra',
  'points_ewma_3 points_min_10 minutes_ewma_20 minutes_ewma_60 minutes_last_2 minutes_min_5',
  'minutes_sd_20 last_fga fta_ewma_8 fta_ewma_60 threes_ewma_20 paints_ewma_20 mids_ewma_20',
  'two_pct_shrunk ppm_20 usage_ewma_8 rebounds_ewma_8 rebounds_ewma_20 rebounds_ewma_60',
  'assists_ewma_8 assists_ewma_20 assists_ewma_60 pra_ewma_3 pra_ewma_8 pra_ewma_20 pra_ewma_60',
  'pra_sd_20 turnovers_ewma_20 plus_minus_ewma_20 size_index starts_ewma_8 days_since_game',
].flatMap((line) => line.split(' '));

/** What the asset model_features has to say of a player, given the rows that it is made from. */
export function expectedModelFeatures(inputs: ModelInputs): PlainRow {
  const { form, context, team, teamContext, opponent, seasonStart } = inputs;
  const days = (Date.parse(String(form['game_date'])) - Date.parse(seasonStart)) / MS_PER_DAY;
  return {
    ...Object.fromEntries(OF_FORM.map((name) => [name, form[name] ?? null])),
    feature_version: 'rich_2',
    season_day: days,
    is_playoff: isPlayoff(inputs) ? 1 : 0,
    margin_ewma: team['margin_ewma'] ?? null,
    last_game_margin: teamContext['last_game_margin'] ?? null,
    team_days_rest: teamContext['team_days_rest'] ?? null,
    games_7: context?.['games_in_last_7_days'] ?? null,
    opponent_defense: minus(
      numberIn(opponent, 'defense_ewma'),
      numberIn(opponent, 'league_rating'),
    ),
    expected_pace: expectedPace(inputs),
    assists_allowed: opponent['assists_allowed'] ?? null,
    rebounds_allowed: opponent['rebounds_allowed'] ?? null,
    ...pointsOf(inputs),
    ...minutesOf(inputs),
  };
}

function isPlayoff({ teamContext }: ModelInputs): boolean {
  return teamContext['game_type'] === 'playoff';
}

/** Both teams play faster or slower than the league; together they do both. */
function expectedPace({ team, opponent }: ModelInputs): number | null {
  const league = numberIn(team, 'league_pace');
  const over = (row: PlainRow): number | null => minus(numberIn(row, 'pace_ewma'), league);
  return both(
    league,
    both(over(team), over(opponent), (one, other) => one + other),
    (a, b) => a + b,
  );
}

/** The market's spread of the team, negative if it is favoured; or the margins of both and the venue. */
function expectedSpread({ form, teamContext, team, opponent }: ModelInputs): number | null {
  const venue = form['at_home'] === 1 ? HOME_POINTS : -HOME_POINTS;
  const better = minus(numberIn(team, 'margin_ewma'), numberIn(opponent, 'margin_ewma'));
  return (
    numberIn(teamContext, 'game_spread') ?? both(better, venue, (margin, home) => -margin - home)
  );
}

/** The market's total; or what both score in 100 possessions against each other, in as many as are expected. */
function expectedTotal(inputs: ModelInputs): number | null {
  const { teamContext, team, opponent } = inputs;
  const league = numberIn(team, 'league_rating');
  const scores = (one: PlainRow, other: PlainRow): number | null =>
    minus(
      both(numberIn(one, 'offense_ewma'), numberIn(other, 'defense_ewma'), (a, b) => a + b),
      league,
    );
  const rating = both(scores(team, opponent), scores(opponent, team), (a, b) => a + b);
  return numberIn(teamContext, 'game_total') ?? product(rating, expectedPace(inputs), 0.01);
}

function pointsOf(inputs: ModelInputs): PlainRow {
  const { form, opponentDefense } = inputs;
  const ppm = numberIn(form, 'ppm_60');
  const recent = numberIn(form, 'points_ewma_20');
  const spread = expectedSpread(inputs);
  const implied = both(expectedTotal(inputs), spread, (total, by) => (total - by) / 2);
  const index = numberIn(form, 'size_index');
  const ratio = numberIn(opponentDefense, `${sizeOf(index ?? 0)}_ratio`);
  return {
    points_from_minutes_3: product(numberIn(form, 'minutes_ewma_3'), ppm),
    points_from_last_minutes: product(numberIn(form, 'last_minutes'), ppm),
    expected_margin: spread === null ? null : Math.abs(spread),
    implied_total: implied,
    implied_points: product(implied, recent, 1 / 110),
    size_ratio: ratio,
    size_points: product(minus(ratio, 1), recent),
  };
}

function minutesOf(inputs: ModelInputs): PlainRow {
  const { form, context, teamContext } = inputs;
  const minutes = (halfLife: number): number | null => numberIn(form, `minutes_ewma_${halfLife}`);
  const beyond20 = minus(minutes(8), 20);
  const trend = minus(minutes(3), minutes(20));
  const gameNumber = numberIn(teamContext, 'game_number_in_season') ?? Number.NaN;
  const rest = numberIn(context, 'days_rest');
  const daysOut = numberIn(form, 'days_since_game');
  const gamesMissed = numberIn(form, 'games_missed');
  const missed = gamesMissed === null ? null : Math.log(1 + gamesMissed);
  const inPlayoffs = isPlayoff(inputs) ? 1 : 0;
  return {
    minutes_trend: trend === null ? null : Math.abs(trend),
    playoff_minutes: product(inPlayoffs, beyond20),
    playoff_minutes_change: product(inPlayoffs, minus(minutes(8), minutes(60))),
    late_minutes: product(1 - inPlayoffs, Math.max(gameNumber - 70, 0), beyond20),
    back_to_back_minutes: rest === 0 ? beyond20 : 0,
    missed,
    missed_minutes: product(missed, minus(numberIn(form, 'last_minutes'), minutes(20))),
    days_out_minutes: product(
      daysOut === null ? null : Math.log(1 + Math.min(daysOut, 60)),
      beyond20,
    ),
    returned: (numberIn(form, 'games_since_return') ?? Number.NaN) < 3 ? 1 : 0,
  };
}
