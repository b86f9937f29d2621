import type { EvaluationRows } from '../assets/module-evaluation.ts';
import { bootstrapRatios, type DateSums, type Interval, middle95 } from './bootstrap.ts';

/** What the data say about a challenger. */
export type Verdict =
  /** The challenger is worse, and not by chance. */
  | 'champion_stays'
  /** The challenger is better, and not by chance. */
  | 'challenger_wins'
  | 'no_difference';

/** Two sides on the same rows; errors are absolute, differences those of the challenger minus the champion's. */
export interface PairedMeasures {
  readonly rows: number;
  readonly dates: number;
  readonly championMae: number;
  readonly challengerMae: number;
  /** Of the rows that have a baseline; undefined where none has. */
  readonly baselineMae: number | undefined;
  /** Below 0 the challenger is better. */
  readonly difference: number;
  /** Undefined for fewer than two dates. */
  readonly interval: Interval | undefined;
  /** Share of the draws in which the challenger's error is the smaller one. */
  readonly challengerWins: number | undefined;
  readonly verdict: Verdict;
}

export interface PairedComparison {
  readonly all: PairedMeasures;
  readonly groups: readonly { readonly name: string; readonly measures: PairedMeasures }[];
  /** Rows that only one of the sides predicted. */
  readonly alone: { readonly champion: number; readonly challenger: number };
  readonly first: string;
  readonly last: string;
}

/** Why two sides cannot be compared; the message is for whoever made the rows. */
export class ComparisonFault extends Error {
  override readonly name = 'ComparisonFault';
}

/** As many that the ends of the interval hardly move with the seed. */
const DRAWS = 5000;

/** One row that both sides predicted. */
interface Pair {
  readonly date: string;
  readonly group: string | undefined;
  readonly champion: number;
  readonly challenger: number;
  readonly baseline: number;
}

/**
 * Compares two sides on the rows that both predicted, with an interval by drawing dates again with replacement: what
 * happens on a date hangs together. Baseline and group are the champion's.
 * @throws {ComparisonFault} where a side has a row twice, the sides disagree about what happened, or share no row
 */
export function comparePaired(
  champion: EvaluationRows,
  challenger: EvaluationRows,
  seed: number,
): PairedComparison {
  const ofChallenger = positions(challenger, 'the challenger');
  const ofChampion = positions(champion, 'the champion');
  const pairs: Pair[] = [];
  for (const [key, at] of ofChampion) {
    const other = ofChallenger.get(key);
    if (other !== undefined) pairs.push(pairOf(champion, at, { rows: challenger, at: other }));
  }
  if (pairs.length === 0) {
    throw new ComparisonFault(
      `no row is common to both sides: ${ofChampion.size} of the champion, ${ofChallenger.size} of the challenger`,
    );
  }
  const dates = pairs.map(({ date }) => date).toSorted();
  const groups = Map.groupBy(pairs, ({ group }) => group);
  return {
    all: measure(pairs, seed),
    groups: [...groups]
      .flatMap(([name, own]) =>
        name === undefined ? [] : [{ name, measures: measure(own, seed) }],
      )
      .toSorted((a, b) => b.measures.rows - a.measures.rows || (a.name < b.name ? -1 : 1)),
    alone: {
      champion: ofChampion.size - pairs.length,
      challenger: ofChallenger.size - pairs.length,
    },
    first: dates[0] ?? '',
    last: dates.at(-1) ?? '',
  };
}

/** Where each row stands that was predicted and has happened. */
function positions(rows: EvaluationRows, side: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  rows.partition.forEach((date, at) => {
    if (Number.isNaN(rows.prediction[at] ?? NaN) || Number.isNaN(rows.actual[at] ?? NaN)) return;
    const key = `${date} ${rows.entity[at] ?? ''}`;
    if (found.has(key)) throw new ComparisonFault(`${side} has a row twice: ${key}`);
    found.set(key, at);
  });
  return found;
}

function pairOf(
  champion: EvaluationRows,
  at: number,
  challenger: { readonly rows: EvaluationRows; readonly at: number },
): Pair {
  const date = champion.partition[at] ?? '';
  const actual = champion.actual[at] ?? NaN;
  const other = challenger.rows.actual[challenger.at] ?? NaN;
  if (actual !== other) {
    throw new ComparisonFault(
      `the sides disagree about what happened: ${date} ${champion.entity[at] ?? ''} is ${actual} for the champion and ${other} for the challenger; both must predict the same`,
    );
  }
  return {
    date,
    group: champion.group?.[at],
    champion: Math.abs((champion.prediction[at] ?? NaN) - actual),
    challenger: Math.abs((challenger.rows.prediction[challenger.at] ?? NaN) - actual),
    baseline: Math.abs((champion.baseline?.[at] ?? NaN) - actual),
  };
}

function measure(pairs: readonly Pair[], seed: number): PairedMeasures {
  const byDate = new Map<string, { above: number; below: number }>();
  let [champion, challenger, baseline, known] = [0, 0, 0, 0];
  for (const pair of pairs) {
    const sums = byDate.get(pair.date) ?? { above: 0, below: 0 };
    sums.above += pair.challenger - pair.champion;
    sums.below += 1;
    byDate.set(pair.date, sums);
    champion += pair.champion;
    challenger += pair.challenger;
    if (Number.isNaN(pair.baseline)) continue;
    baseline += pair.baseline;
    known++;
  }
  const dates = [...byDate.keys()].toSorted().flatMap((date) => byDate.get(date) ?? []);
  const drawn = differencesOf(dates, seed);
  return {
    rows: pairs.length,
    dates: byDate.size,
    championMae: champion / pairs.length,
    challengerMae: challenger / pairs.length,
    baselineMae: known === 0 ? undefined : baseline / known,
    difference: (challenger - champion) / pairs.length,
    ...drawn,
  };
}

/** The interval of the mean difference, from the sums of each date. */
function differencesOf(
  dates: readonly DateSums[],
  seed: number,
): Pick<PairedMeasures, 'interval' | 'challengerWins' | 'verdict'> {
  const drawn = bootstrapRatios(dates, { draws: DRAWS, seed });
  const interval = middle95(drawn);
  if (interval === undefined) {
    return { interval: undefined, challengerWins: undefined, verdict: 'no_difference' };
  }
  const wins = drawn.filter((difference) => difference < 0).length;
  return { interval, challengerWins: wins / drawn.length, verdict: verdictOf(interval) };
}

function verdictOf({ low, high }: Interval): Verdict {
  if (high < 0) return 'challenger_wins';
  return low > 0 ? 'champion_stays' : 'no_difference';
}
