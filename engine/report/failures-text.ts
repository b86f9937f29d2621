import { type Day, UNPARTITIONED } from '../partitions/date.ts';
import { describeDays } from '../partitions/subset.ts';
import { formatCount, type Paint, plural, renderTable, type Style } from './text.ts';

/** Failures of one asset and day with the same fate. */
export interface CountedFailure {
  readonly asset: string;
  readonly day: Day;
  readonly category: string;
  readonly reason: string;
  readonly isExpected: boolean;
  readonly isCorrectable: boolean;
  readonly resolution: string;
  readonly entities: number;
  readonly first: string;
}

export interface FailuresTextOptions {
  readonly paint: Paint;
  /** The expected days of every asset, to merge neighbours. */
  readonly calendars: ReadonlyMap<string, Int32Array>;
  /** At most so many lines of the long table. */
  readonly lines: number;
  /** Only the counts by category. */
  readonly quiet: boolean;
}

/** What `fastbreak failures` says: counts by category, then what failed where, the dates merged. */
export function renderFailures(
  counts: readonly CountedFailure[],
  options: FailuresTextOptions,
): string {
  const { paint } = options;
  if (counts.length === 0) {
    return `${paint('green', 'Nobody: whoever is expected has a row, or nothing was made yet.')}\n`;
  }
  const byCategory = categoryTable(counts, paint);
  return options.quiet ? byCategory : `${byCategory}\n${longTable(counts, options)}`;
}

/** `3 INSUFFICIENT_DATA, 1 UNTRACKED`, most first; nothing of what is resolved. */
export function failureCountsText(counts: readonly CountedFailure[]): string {
  const open = counts.filter((count) => count.resolution !== 'RESOLVED');
  return [...Map.groupBy(open, (count) => count.category)]
    .map(([category, of]) => ({ category, entities: entitiesOf(of) }))
    .sort((a, b) => b.entities - a.entities)
    .map(({ category, entities }) => `${formatCount(entities)} ${category}`)
    .join(', ');
}

function categoryTable(counts: readonly CountedFailure[], paint: Paint): string {
  const groups = Map.groupBy(counts, (count) => `${count.category}\n${failureClass(count).text}`);
  const rows = [...groups.values()]
    .sort((a, b) => entitiesOf(b) - entitiesOf(a))
    .flatMap((group) => {
      const [first] = group;
      if (!first) return [];
      const { text, style } = failureClass(first);
      return [
        [
          first.category,
          paint(style, text),
          formatCount(entitiesOf(group)),
          formatCount(new Set(group.map(({ asset, day }) => `${asset} ${day}`)).size),
          formatCount(new Set(group.map(({ asset }) => asset)).size),
        ],
      ];
    });
  return renderTable(
    [
      { header: 'category' },
      { header: 'class' },
      { header: 'entities', align: 'right' },
      { header: 'partitions', align: 'right' },
      { header: 'assets', align: 'right' },
    ],
    rows,
    paint,
  );
}

function longTable(counts: readonly CountedFailure[], options: FailuresTextOptions): string {
  const { paint, calendars, lines } = options;
  const groups = [
    ...Map.groupBy(counts, ({ asset, category, reason, resolution }) =>
      [asset, category, reason, resolution].join('\n'),
    ).values(),
  ];
  const rows = groups.slice(0, lines).flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { text, style } = failureClass(first);
    const days = group.map(({ day }) => day);
    const calendar = calendars.get(first.asset) ?? new Int32Array(0);
    const entities = entitiesOf(group);
    return [
      [
        first.asset,
        days[0] === UNPARTITIONED ? 'all' : describeDays(days, calendar, 2),
        entities === 1 ? first.first : formatCount(entities),
        first.category,
        first.reason,
        paint(style, text),
        first.resolution.toLowerCase(),
      ],
    ];
  });
  const table = renderTable(
    [
      { header: 'asset' },
      { header: 'partitions' },
      { header: 'entities', align: 'right' },
      { header: 'category' },
      { header: 'reason' },
      { header: 'class' },
      { header: 'resolution' },
    ],
    rows,
    paint,
  );
  const left = groups.length - rows.length;
  return left > 0 ? `${table}${plural(left, 'line')} more: --limit ${groups.length}\n` : table;
}

/** What is to be made of a failure, in a word. */
export function failureClass({
  isExpected,
  isCorrectable,
}: Pick<CountedFailure, 'isExpected' | 'isCorrectable'>): {
  readonly text: string;
  readonly style: Style;
} {
  if (isExpected) return { text: 'expected', style: 'dim' };
  if (isCorrectable) return { text: 'correctable', style: 'yellow' };
  return { text: 'to investigate', style: 'red' };
}

function entitiesOf(counts: readonly CountedFailure[]): number {
  return counts.reduce((sum, { entities }) => sum + entities, 0);
}
