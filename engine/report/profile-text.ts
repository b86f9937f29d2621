import type { AssetProfile, ColumnProfile } from '../health/column-profile.ts';
import { formatDay } from '../partitions/date.ts';
import { figureText, shareText, spreadText } from './figure-text.ts';
import { histogramSpark, shareSpark, trendSpark } from './spark.ts';
import {
  formatCount,
  listOf,
  pad,
  type Paint,
  plural,
  renderTable,
  type TableColumn,
  truncate,
} from './text.ts';

/** What a profile is of, as reports say it. */
export interface ProfileAbout {
  readonly asset: string;
  readonly target: string;
  /** `2024-01-15..2024-01-18`, or undefined for an unpartitioned asset. */
  readonly range: string | undefined;
  readonly partitions: number;
  /** What it is recorded as; undefined when it was not. */
  readonly runId: string | undefined;
}

/** Months are listed one by one when no more columns than this were asked for. */
const LISTED = 3;

/** A profile for people: figures, shapes, most frequent values, months. */
export function renderProfile(
  profile: AssetProfile,
  about: ProfileAbout,
  options: { readonly paint: Paint; readonly quiet: boolean },
): string {
  const { paint } = options;
  const head = `${paint('bold', about.asset)} in ${about.target}: ${scopeText(profile, about)}\n`;
  const notes = notesOf(profile, about).map((line) => `${paint('dim', line)}\n`);
  if (options.quiet) return head;
  const blocks = [head, figureTable(profile, paint), shapeTable(profile, paint)];
  const frequent = frequentTable(profile, paint);
  if (frequent !== '') blocks.push(frequent);
  if (profile.columns.length <= LISTED) {
    blocks.push(...profile.columns.map((column) => monthTable(profile, column, paint)));
  }
  if (notes.length > 0) blocks.push(notes.join(''));
  return blocks.filter((block) => block !== '').join('\n');
}

/** `12,345 rows, 30 partitions (2024-01-01..2024-01-30)` */
export function scopeText({ rows }: Pick<AssetProfile, 'rows'>, about: ProfileAbout): string {
  const partitions =
    about.range === undefined ? '' : `, ${plural(about.partitions, 'partition')} (${about.range})`;
  return `${plural(rows, 'row')}${partitions}`;
}

/** What the reader must know of how figures came about. */
export function notesOf(profile: AssetProfile, about: ProfileAbout): readonly string[] {
  const { estimated, columns } = profile;
  const guesses = [
    ...(estimated.distinct ? ['numbers of distinct values'] : []),
    ...(estimated.quantiles ? ['quantiles'] : []),
  ];
  const lengths = columns.some(({ measured }) => measured === 'length');
  const infinite = columns.filter(({ notFinite }) => notFinite > 0);
  return [
    ...(guesses.length > 0 ? [`Estimates: ${listOf(guesses)}.`] : []),
    'The histograms go from min to max and are drawn from the hundredths of the rows.',
    ...(lengths ? ['Figures of text and arrays are of their lengths.'] : []),
    ...infinite.map(
      ({ name, notFinite }) => `${name}: ${plural(notFinite, 'value')} NaN or infinite, left out.`,
    ),
    ...(about.runId === undefined ? [] : [`Recorded as ${about.runId}.`]),
  ];
}

const right = (header: string): TableColumn => ({ header, align: 'right' });

function figureTable({ rows, columns }: AssetProfile, paint: Paint): string {
  const headers = [
    { header: 'column' },
    { header: 'type' },
    ...['nulls', '', 'distinct', 'min', '5%', '25%', '50%', '75%', '95%', 'max'].map(right),
  ];
  const lines = columns.map((column) => {
    const { name, type, nulls, distinct, min, max, measured, quantiles } = column;
    const cuts = [0, 1, 2, 3, 4].map((at) => figureText(quantiles[at], measured));
    return [
      name,
      type,
      nulls > 0 ? formatCount(nulls) : paint('dim', '0'),
      nulls > 0 ? paint('yellow', shareText(nulls / rows)) : '',
      distinct === undefined ? '-' : formatCount(distinct),
      figureText(min, measured),
      ...cuts,
      figureText(max, measured),
    ];
  });
  return renderTable(headers, lines, paint);
}

function shapeTable({ months, columns }: AssetProfile, paint: Paint): string {
  const hasMonths = months.length > 1;
  const headers = [
    { header: 'column' },
    ...['mean', 'sd'].map(right),
    { header: 'histogram' },
    ...(hasMonths ? [{ header: 'mean by month' }, { header: 'nulls by month' }] : []),
  ];
  const lines = columns.map((column) => {
    const { name, mean, sd, measured, bins } = column;
    return [
      name,
      figureText(mean, measured),
      spreadText(sd, measured),
      pad(paint('cyan', histogramSpark(bins)), 16),
      ...(hasMonths
        ? [
            trendOf(column),
            shareSpark(column.months.map(({ nulls }, at) => share(nulls, months[at]?.rows))),
          ]
        : []),
    ];
  });
  return renderTable(headers, lines, paint);
}

/** A date's mean moves with the month itself. */
function trendOf({ measured, months }: ColumnProfile): string {
  if (measured === 'day' || measured === 'instant') return '';
  return trendSpark(months.map(({ mean }) => mean));
}

function share(nulls: number, rows = 0): number | undefined {
  return rows === 0 ? undefined : nulls / rows;
}

const WIDEST_VALUE = 32;

function frequentTable({ rows, columns }: AssetProfile, paint: Paint): string {
  const known = columns.filter(({ top }) => top.length > 0);
  if (known.length === 0) return '';
  const lines = known.map(({ name, top }) => [
    name,
    top
      .map(({ value, count }) => `${shownValue(value)} ${paint('dim', shareText(count / rows))}`)
      .join(', '),
  ]);
  return renderTable(
    [{ header: 'column' }, { header: 'most frequent, share of rows' }],
    lines,
    paint,
  );
}

/** Text that would not be seen as it is, is quoted. */
export function shownValue(value: string): string {
  const text = truncate(value, WIDEST_VALUE);
  return /^$|^\s|\s$|[\p{Cc},"]/u.test(text) ? JSON.stringify(text) : text;
}

function monthTable({ months }: AssetProfile, column: ColumnProfile, paint: Paint): string {
  if (months.length < 2) return '';
  const headers = [{ header: column.name }, ...['rows', 'mean', 'nulls'].map(right)];
  const lines = months.map(({ first, rows }, at) => [
    formatDay(first).slice(0, 7),
    formatCount(rows),
    figureText(column.months[at]?.mean, column.measured),
    shareText(share(column.months[at]?.nulls ?? 0, rows)),
  ]);
  return renderTable(headers, lines, paint);
}
