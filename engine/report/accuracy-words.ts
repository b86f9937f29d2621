import type { AccuracyComparison, BetMeasures } from '../health/accuracy.ts';
import type { Interval } from '../health/bootstrap.ts';
import { formatCount, plural } from './text.ts';

/** What a comparison is about: which rows, how many, and that all systems are measured on the same. */
export function rowsText(of: AccuracyComparison): string {
  const { comparison, compared } = of;
  const rows = compared[0]?.measures.rows ?? 0;
  const dates = [...(of.parts.get('date')?.keys() ?? [])].sort();
  const who = comparison.rows === undefined ? 'all rows' : comparison.rows.description;
  const span =
    dates.length === 0 ? '' : ` on ${plural(dates.length, 'date')}, ${dates[0]} to ${dates.at(-1)}`;
  const lost = lostText(of, rows);
  return (
    `${plural(rows, 'row')}${span}: ${who}. All systems are measured on the same rows, ` +
    `those that each of them has and that have a ${comparison.baseline.name}${lost}.`
  );
}

/** Which system costs the most rows, where one costs any. */
function lostText({ systems, compared }: AccuracyComparison, rows: number): string {
  const shown = new Set(compared.map(({ system }) => system));
  const some = systems.filter(({ system }) => shown.has(system));
  const least = some.toSorted((a, b) => a.graded - b.graded)[0];
  const most = some.reduce((greatest, { graded }) => Math.max(greatest, graded), 0);
  if (least === undefined || rows === most) return '';
  return `; alone, systems have up to ${formatCount(most)} (fewest: ${least.system} with ${formatCount(least.graded)})`;
}

/** A record of bets with what may be concluded from it. */
export function betText(bets: BetMeasures, interval: Interval | undefined): string {
  const record = `${formatCount(bets.count)} bets, ${formatCount(bets.won)} won, ${formatCount(bets.lost)} lost, ${formatCount(bets.pushed)} pushed`;
  const percent = (value: number): string => `${signed(100 * value, 1)}%`;
  const range =
    interval === undefined ? '' : ` (95 %: ${percent(interval.low)} to ${percent(interval.high)})`;
  return `${record}, return ${percent(bets.yield)} of the stakes${range}: ${verdict(interval)}`;
}

/** Whether there is anything to claim. */
export function verdict(interval: Interval | undefined): string {
  if (interval === undefined) return 'too few dates to say anything';
  if (interval.low <= 0 && interval.high >= 0) return 'no edge, the interval holds 0';
  return interval.low > 0
    ? 'a profit on these dates, as one system in forty has by chance'
    : 'a loss';
}

/** With its sign, `N/A` for nothing. */
export function signed(value: number | undefined, digits: number): string {
  if (value === undefined || Number.isNaN(value)) return 'N/A';
  const text = value.toFixed(digits);
  return value >= 0 ? `+${text}` : text;
}
