import type { Day } from './day.ts';
import type { Random } from './random.ts';
import { tipoffSeconds, type ScheduledGame } from './schedule.ts';
import type { Team } from './teams.ts';

const WINS_NEEDED = 4;
const MOST_SEEDS = 8;

/** Home court of the better seed in games 1, 2, 5 and 7. */
const BETTER_SEED_HOME = [true, true, false, false, true, false, true];

interface Series {
  readonly round: number;
  readonly index: number;
  readonly better: number;
  readonly worse: number;
  readonly days: readonly Day[];
  betterWins: number;
  worseWins: number;
}

export interface PlayoffOptions {
  readonly season: number;
  readonly teams: readonly Team[];
  /** Team indices from best to worst record. */
  readonly ranking: readonly number[];
  readonly firstDay: Day;
  /** Plays the game and says who won; `null` stops the playoffs there. */
  readonly play: (game: ScheduledGame) => number | null;
}

/** Two conference brackets and a final; every series is best of seven. */
export function playPlayoffs(options: PlayoffOptions, rng: Random): void {
  const half = options.teams.length / 2;
  const seeds = Math.min(MOST_SEEDS, 2 ** Math.floor(Math.log2(half)));
  let alive = [0, 1].map((conference) =>
    options.ranking.filter((team) => Math.floor(team / half) === conference).slice(0, seeds),
  );
  let firstDay = options.firstDay;
  for (let round = 1; ; round++) {
    const pairs = pairUp(alive);
    const series = pairs.map((pair, index) =>
      openSeries({ options, round, index, pair, firstDay, rng }),
    );
    const lastDay = playRound(options, series, rng);
    if (lastDay === null || series.length === 1) return;
    const perConference = Math.max(1, series.length / 2);
    const winners = series.map((s) => (s.betterWins === WINS_NEEDED ? s.better : s.worse));
    alive = [winners.slice(0, perConference), winners.slice(perConference)];
    firstDay = lastDay + 2;
  }
}

/** First against last inside each conference; the two champions against each other. */
function pairUp(alive: readonly (readonly number[])[]): readonly (readonly [number, number])[] {
  const champions = alive.every((conference) => conference.length === 1);
  const groups = champions ? [alive.flat()] : alive;
  return groups.flatMap((teams) =>
    teams
      .slice(0, teams.length / 2)
      .map((team, k) => [team, teams[teams.length - 1 - k] as number] as const),
  );
}

function openSeries(start: {
  readonly options: PlayoffOptions;
  readonly round: number;
  readonly index: number;
  readonly pair: readonly [number, number];
  readonly firstDay: Day;
  readonly rng: Random;
}): Series {
  const { options, round, index, pair, rng } = start;
  const [better, worse] = [...pair].sort(
    (a, b) => options.ranking.indexOf(a) - options.ranking.indexOf(b),
  ) as [number, number];
  const days = [start.firstDay + (index % 2)];
  while (days.length < BETTER_SEED_HOME.length) {
    days.push((days.at(-1) as Day) + (rng.chance(0.25) ? 3 : 2));
  }
  return { round, index, better, worse, days, betterWins: 0, worseWins: 0 };
}

/** Plays the games of a round by date; the last day played, or `null` if the season was cut off. */
function playRound(options: PlayoffOptions, series: readonly Series[], rng: Random): Day | null {
  const slots = series
    .flatMap((s) => s.days.map((day, number) => ({ s, day, number })))
    .sort((a, b) => a.day - b.day || a.s.index - b.s.index);
  let lastDay: Day = 0;
  for (const { s, day, number } of slots) {
    if (s.betterWins === WINS_NEEDED || s.worseWins === WINS_NEEDED) continue;
    const game = seriesGame({ options, series: s, day, number, rng });
    const winner = options.play(game);
    if (winner === null) return null;
    if (winner === s.better) s.betterWins += 1;
    else s.worseWins += 1;
    lastDay = day;
  }
  return lastDay;
}

function seriesGame(start: {
  readonly options: PlayoffOptions;
  readonly series: Series;
  readonly day: Day;
  readonly number: number;
  readonly rng: Random;
}): ScheduledGame {
  const { options, series, day, number, rng } = start;
  const betterHome = BETTER_SEED_HOME[number] ?? true;
  const home = betterHome ? series.better : series.worse;
  const code = String(options.season % 100).padStart(2, '0');
  return {
    id: `004${code}00${series.round}${series.index}${number + 1}`,
    season: options.season,
    type: 'playoffs',
    day,
    tipoffSeconds: tipoffSeconds({ day, home: options.teams[home] as Team, rng }),
    home,
    away: betterHome ? series.worse : series.better,
    round: series.round,
    seriesGame: number + 1,
  };
}
