import type { Calendar } from '../config/pipeline.ts';
import type { Freshness } from '../health/freshness.ts';
import { formatDay } from '../partitions/date.ts';
import type { AssetSummary } from '../staleness/summary.ts';
import { firstOf, formatCount, listOf, type Paint, plural } from './text.ts';

/** How new the rows of an asset are. */
export interface AssetAge extends Freshness {
  readonly name: string;
  /** By its `freshness` checks, or without any by its calendar. */
  readonly isFresh: boolean;
  /** What its `freshness` checks find. */
  readonly late: readonly string[];
}

export interface VerdictOptions {
  readonly target: string;
  readonly ages: readonly AssetAge[];
  /** Calendars that were never read: how many partitions are expected is not known yet. */
  readonly unreadCalendars: readonly Pick<Calendar, 'name' | 'asset'>[];
  /** The live run, described. */
  readonly running: string | undefined;
  /** The commands that mend and that explain. */
  readonly materialize: string;
  readonly stale: string;
  readonly isOpen: boolean;
  readonly paint: Paint;
}

/** One line that says how things stand, and the command to go on with. */
export function renderVerdict(summaries: readonly AssetSummary[], options: VerdictOptions): string {
  if (summaries.length === 0) return 'Nothing to tell of: no asset is selected.\n';
  const lines: string[] = [];
  for (const { name, asset } of options.unreadCalendars) {
    lines.push(`Calendar ${name} was not read yet: it comes from ${asset}.`);
  }
  lines.push(stateLine(summaries, options));
  const mayChange = sum(summaries, (asset) => asset.mayChange);
  if (mayChange > 0) {
    lines.push(`${plural(mayChange, 'current partition')} may change when upstream is made.`);
  }
  lines.push(...ageLines(options.ages), ...keptLines(summaries));
  if (options.running !== undefined) lines.push(`Running now: ${options.running}.`);
  const isWanting = options.isOpen || options.unreadCalendars.length > 0;
  if (isWanting && options.running === undefined) lines.push(...nextLines(summaries, options));
  return lines.map((line) => `${line}\n`).join('');
}

function stateLine(summaries: readonly AssetSummary[], options: VerdictOptions): string {
  const { target, paint } = options;
  const known = options.unreadCalendars.length > 0 ? ' known so far' : '';
  const expected = sum(summaries, (asset) => asset.expected);
  const counts: readonly (readonly [number, string])[] = [
    [sum(summaries, (asset) => asset.failed), 'failed'],
    [sum(summaries, (asset) => asset.missing), 'missing'],
    [sum(summaries, (asset) => asset.stale), 'stale'],
    [sum(summaries, (asset) => asset.blocked), 'blocked'],
  ];
  const open = counts.reduce((total, [count]) => total + count, 0);
  if (expected === 0) {
    return known === ''
      ? `No partition is expected in ${target}.`
      : paint('yellow', `No partition is known yet in ${target}.`);
  }
  if (open === 0) {
    const current = sum(summaries, (asset) => asset.current);
    return paint(
      'green',
      `All well in ${target}: ${plural(current, 'partition')}${known} current.`,
    );
  }
  const texts = counts
    .filter(([count]) => count > 0)
    .map(([count, status]) => `${formatCount(count)} ${status}`);
  const failed = counts[0]?.[0] ?? 0;
  return paint(
    failed > 0 ? 'red' : 'yellow',
    `${formatCount(open)} of ${plural(expected, 'partition')}${known} in ${target} not current: ${listOf(texts)}.`,
  );
}

/** Assets whose newest rows are old; those that never had any are missing, which is told already. */
function ageLines(ages: readonly AssetAge[]): string[] {
  const old = ages
    .filter(({ isFresh, newest }) => !isFresh && newest !== undefined)
    .sort((a, b) => (b.age_days ?? 0) - (a.age_days ?? 0));
  if (old.length === 0) return [];
  return [`Not fresh: ${firstOf(old.map(ageText))}.`];
}

/** `orders (newest 2024-01-08, 2 days old, 1 date behind)` */
function ageText({ name, newest, age_days: age = 0, behind }: AssetAge): string {
  const parts = [`newest ${formatDay(newest ?? 0)}`, `${plural(age, 'day')} old`];
  if (behind > 0) parts.push(`${plural(behind, 'date')} behind`);
  return `${name} (${parts.join(', ')})`;
}

/** Rows that are there although they would not be made now, or not so. */
function keptLines(summaries: readonly AssetSummary[]): string[] {
  const lines: string[] = [];
  const left = summaries.filter((asset) => asset.noLongerExpected > 0);
  if (left.length > 0) {
    const count = sum(left, (asset) => asset.noLongerExpected);
    lines.push(
      `${plural(count, 'partition')} of ${plural(left.length, 'asset')} ` +
        `${count === 1 ? 'is' : 'are'} no longer expected; materialize --prune removes ${count === 1 ? 'it' : 'them'}: ` +
        `${firstOf(left.map((asset) => asset.name))}.`,
    );
  }
  for (const { name, frozenDiffers } of summaries) {
    if (frozenDiffers === 0) continue;
    lines.push(
      `${plural(frozenDiffers, 'frozen partition')} of ${name} would be made from other inputs now; ` +
        `${frozenDiffers === 1 ? 'it stays' : 'they stay'} as ${frozenDiffers === 1 ? 'it is' : 'they are'}, why tells what changed.`,
    );
  }
  return lines;
}

function nextLines(summaries: readonly AssetSummary[], options: VerdictOptions): string[] {
  const { paint } = options;
  const hasWorked = summaries.some((asset) => asset.failed > 0 || asset.stale > 0);
  return [
    ...(hasWorked ? [`To see why: ${paint('bold', options.stale)}`] : []),
    `${hasWorked ? 'To mend it:' : 'Next:'} ${paint('bold', options.materialize)}`,
  ];
}

function sum(summaries: readonly AssetSummary[], pick: (asset: AssetSummary) => number): number {
  return summaries.reduce((total, asset) => total + pick(asset), 0);
}
