import { type Day, dayOf, firstOfMonth, formatDay, UNPARTITIONED } from '../partitions/date.ts';
import type { StatusName } from '../staleness/status.ts';
import { formatCount, type Paint, paintFor, type Style } from './text.ts';

export interface GridAsset {
  readonly name: string;
  readonly days: Int32Array;
  /** Parallel to `days`. */
  readonly statuses: readonly StatusName[];
}

export interface GridOptions {
  readonly width: number;
  readonly color: boolean;
}

/** Assets over time; one partitioned asset alone as a calendar, a line per month. */
export function renderGrid(assets: readonly GridAsset[], options: GridOptions): string {
  const paint = paintFor(options.color);
  const [only] = assets;
  const isCalendar = assets.length === 1 && only !== undefined && !isUnpartitioned(only);
  const body = isCalendar ? calendarLines(only, options, paint) : heatMap(assets, options, paint);
  return [...body, '', legend(assets, options, paint), ''].join('\n');
}

interface Cell {
  readonly block: string;
  readonly style: Style;
  /** Where colours are off. */
  readonly letter: string;
}

// The worst first: that is what a cell of several partitions shows.
const CELLS: Readonly<Record<StatusName, Cell>> = {
  failed: { block: '█', style: 'red', letter: 'F' },
  blocked: { block: '█', style: 'magenta', letter: 'B' },
  running: { block: '█', style: 'blue', letter: 'R' },
  missing: { block: '░', style: 'cyan', letter: 'M' },
  stale: { block: '▓', style: 'yellow', letter: 'S' },
  current: { block: '█', style: 'green', letter: '.' },
  'expected-empty': { block: '·', style: 'dim', letter: 'e' },
};
// The keys of the table, in its order.
const ORDER = Object.keys(CELLS) as StatusName[];

function cellText(status: StatusName, { color }: GridOptions, paint: Paint): string {
  const cell = CELLS[status];
  return color ? paint(cell.style, cell.block) : cell.letter;
}

function worst(a: StatusName | undefined, b: StatusName): StatusName {
  return a === undefined || ORDER.indexOf(b) < ORDER.indexOf(a) ? b : a;
}

function legend(assets: readonly GridAsset[], options: GridOptions, paint: Paint): string {
  const used = new Set(assets.flatMap((asset) => asset.statuses));
  return ORDER.filter((status) => used.has(status))
    .map((status) => `${cellText(status, options, paint)} ${status}`)
    .join('   ');
}

/** A line per month, a character per day of the month, and how much of the month is done. */
function calendarLines(asset: GridAsset, options: GridOptions, paint: Paint): string[] {
  const months = Map.groupBy(asset.days.keys(), (index) => firstOfMonth(asset.days[index] ?? 0));
  const ruler = '         1   5    10   15   20   25   30';
  return [
    paint('bold', asset.name),
    paint('dim', ruler),
    ...[...months].map(([month, indexes]) => {
      const cells = Array.from({ length: 31 }, () => ' ');
      for (const index of indexes) {
        const status = asset.statuses[index] ?? 'missing';
        cells[(asset.days[index] ?? 0) - month] = cellText(status, options, paint);
      }
      const isDone = (index: number): boolean =>
        asset.statuses[index] === 'current' || asset.statuses[index] === 'expected-empty';
      const done = indexes.filter(isDone).length;
      const share = `${formatCount(done)}/${formatCount(indexes.length)}`;
      const text = done === indexes.length ? paint('dim', share) : paint('yellow', share);
      return `${formatDay(month).slice(0, 7)}  ${cells.join('')}  ${text}`;
    }),
  ];
}

interface Bucketing {
  /** Which bucket a day falls into; consecutive numbers. */
  readonly bucketOf: (day: Day) => number;
  /** The first day of a bucket. */
  readonly startOf: (bucket: number) => Day;
  readonly name: string;
}

function monthBuckets(months: number, name: string): Bucketing {
  return {
    bucketOf: (day) => {
      const [year = 0, month = 0] = formatDay(day).split('-').map(Number);
      return Math.floor((year * 12 + month - 1) / months);
    },
    startOf: (bucket) => {
      const month = bucket * months;
      return dayOf(Math.floor(month / 12), (month % 12) + 1, 1);
    },
    name,
  };
}

// 1970-01-01 was a Thursday: weeks begin on Monday.
const BUCKETINGS: readonly Bucketing[] = [
  { bucketOf: (day) => day, startOf: (bucket) => bucket, name: 'day' },
  {
    bucketOf: (day) => Math.floor((day + 3) / 7),
    startOf: (bucket) => bucket * 7 - 3,
    name: 'week',
  },
  monthBuckets(1, 'month'),
  monthBuckets(3, 'quarter'),
  monthBuckets(12, 'year'),
];

function heatMap(assets: readonly GridAsset[], options: GridOptions, paint: Paint): string[] {
  const nameWidth = Math.max(...assets.map((asset) => asset.name.length), 0);
  const axis = timeAxis(assets, Math.max(8, options.width - nameWidth - 2));
  const lines = assets.map((asset) => {
    const label = asset.name.padEnd(nameWidth);
    if (isUnpartitioned(asset)) {
      const cell = cellText(asset.statuses[0] ?? 'missing', options, paint);
      return `${label}  ${cell} ${paint('dim', '(one partition)')}`;
    }
    const cells = rowCells(asset, axis).map((status) =>
      status ? cellText(status, options, paint) : ' ',
    );
    return `${label}  ${cells.join('')}`.trimEnd();
  });
  if (axis.count === 0) return lines;
  const ruler = `${' '.repeat(nameWidth)}  ${rulerText(axis)}`.trimEnd();
  return [paint('dim', ruler), ...lines, paint('dim', `one character per ${axis.name}`)];
}

interface TimeAxis extends Bucketing {
  /** The first bucket. */
  readonly lowest: number;
  readonly count: number;
}

/** The finest buckets for which all the time fits into the room. */
function timeAxis(assets: readonly GridAsset[], room: number): TimeAxis {
  const partitioned = assets.filter((asset) => !isUnpartitioned(asset) && asset.days.length > 0);
  const first = Math.min(...partitioned.map((asset) => asset.days[0] ?? 0));
  const last = Math.max(...partitioned.map((asset) => asset.days.at(-1) ?? 0));
  const years = monthBuckets(12, 'year');
  if (partitioned.length === 0) return { ...years, lowest: 0, count: 0 };
  const bucketing =
    BUCKETINGS.find((each) => each.bucketOf(last) - each.bucketOf(first) < room) ?? years;
  const lowest = bucketing.bucketOf(first);
  return { ...bucketing, lowest, count: bucketing.bucketOf(last) - lowest + 1 };
}

function rowCells(asset: GridAsset, axis: TimeAxis): (StatusName | undefined)[] {
  const cells = Array.from({ length: axis.count }, (): StatusName | undefined => undefined);
  for (const [index, day] of asset.days.entries()) {
    const at = axis.bucketOf(day) - axis.lowest;
    cells[at] = worst(cells[at], asset.statuses[index] ?? 'missing');
  }
  return cells;
}

/** Years, or months where a character is at most a week, each where it begins and if there is room. */
function rulerText(axis: TimeAxis): string {
  const isFine = axis.name === 'day' || axis.name === 'week';
  const labels = Array.from({ length: axis.count }, (_, at) =>
    formatDay(axis.startOf(axis.lowest + at)).slice(0, isFine ? 7 : 4),
  );
  const begins = [...labels.keys()].filter((at) => labels[at] !== labels[at - 1]);
  let text = '';
  for (const [nth, at] of begins.entries()) {
    const label = labels[at] ?? '';
    // A first label that is cut short by the next one would only take its place.
    const isCut = nth === 0 && (begins[1] ?? Infinity) - at <= label.length;
    if (!isCut && text.length <= at) text = `${text.padEnd(at)}${label} `;
  }
  return text;
}

function isUnpartitioned(asset: GridAsset): boolean {
  return asset.days[0] === UNPARTITIONED;
}
