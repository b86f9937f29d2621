import type { Measured } from '../health/column-profile.ts';
import type { ProfileColumnRecord, ProfileRecord } from '../health/column-profile-record.ts';
import type { ColumnShift } from '../health/column-profile-shift.ts';
import { formatDay } from '../partitions/date.ts';
import { changeText, figureText, shareText } from './figure-text.ts';
import { trendSpark } from './spark.ts';
import {
  formatCount,
  formatInstant,
  type Paint,
  plural,
  renderTable,
  type TableColumn,
} from './text.ts';

/** One recorded profile and how each column differs from the recorded profile before that has it. */
export interface HistoryEntry {
  readonly profile: ProfileRecord;
  readonly shifts: ReadonlyMap<string, ColumnShift>;
}

export interface HistoryAbout {
  readonly asset: string;
  readonly target: string;
  readonly timezone: string;
  readonly paint: Paint;
  readonly measuredOf: (type: string) => Measured;
}

const right = (header: string): TableColumn => ({ header, align: 'right' });

/** Of every column its mean and nulls in each recorded profile, oldest first, with the change from one to the next. */
export function renderProfileHistory(
  entries: readonly HistoryEntry[],
  columns: readonly string[],
  about: HistoryAbout,
): string {
  const { paint } = about;
  const head = `${paint('bold', about.asset)} in ${about.target}: ${plural(entries.length, 'recorded profile')}\n`;
  return [head, ...columns.map((name) => columnHistory(name, entries, about))].join('\n');
}

function columnHistory(
  name: string,
  entries: readonly HistoryEntry[],
  { paint, timezone, measuredOf }: HistoryAbout,
): string {
  const found = entries.flatMap((entry) => {
    const column = entry.profile.columns.find((each) => each.name === name);
    return column === undefined ? [] : { ...entry, column };
  });
  const spark = trendSpark(found.map(({ column }) => column.mean ?? undefined));
  const type = found.at(-1)?.column.type ?? '';
  const headers = [
    { header: 'recorded' },
    { header: 'run' },
    { header: 'partitions' },
    ...['rows', 'mean', 'change', 'in sd', 'nulls', 'change'].map(right),
  ];
  const lines = found.map(({ profile, column, shifts }) => {
    const shift = shifts.get(name);
    const mark = (text: string): string => (shift?.isNotable ? paint('yellow', text) : text);
    return [
      formatInstant(profile.at, timezone),
      profile.runId,
      rangeOf(profile),
      formatCount(profile.rows),
      figureText(column.mean, measuredOf(column.type)),
      mark(shift === undefined ? '' : changeText(shift.meanChange)),
      mark(shift === undefined ? '' : changeText(shift.shift, 'sd')),
      nullText(column, profile.rows),
      mark(shift === undefined ? '' : changeText(shift.nullChange, 'points')),
    ];
  });
  return `${paint('bold', name)} ${paint('dim', type)}  ${paint('cyan', spark)}\n${renderTable(headers, lines, paint)}`;
}

function nullText(column: ProfileColumnRecord, rows: number): string {
  return shareText(rows === 0 ? undefined : column.nulls / rows);
}

/** Which partitions a recorded profile is of. */
export function rangeOf({ firstDay, lastDay, isWhole }: ProfileRecord): string {
  if (firstDay === null || lastDay === null) return '-';
  const range = `${formatDay(firstDay)}..${formatDay(lastDay)}`;
  return isWhole ? range : `${range} (part)`;
}

/** Two profiles held against each other, column by column. */
export function renderShifts(
  shifts: readonly ColumnShift[],
  sides: { readonly before: ProfileRecord; readonly now: ProfileRecord },
  about: HistoryAbout,
): string {
  const { paint, measuredOf } = about;
  const both = shifts.filter(({ before, now }) => before !== undefined && now !== undefined);
  const notable = both.filter(({ isNotable }) => isNotable);
  const headers = [
    { header: '' },
    { header: 'column' },
    ...['mean then', 'now', 'change', 'in sd', 'nulls then', 'now', 'change'].map(right),
  ];
  const lines = both.map((shift) => {
    const { name, type, before, now } = shift;
    const measured = measuredOf(type);
    const cells = [
      figureText(before?.mean, measured),
      figureText(now?.mean, measured),
      changeText(shift.meanChange),
      changeText(shift.shift, 'sd'),
      before === undefined ? '-' : nullText(before, sides.before.rows),
      now === undefined ? '-' : nullText(now, sides.now.rows),
      changeText(shift.nullChange, 'points'),
    ];
    const mark = shift.isNotable ? paint('yellow', '!') : '';
    return [mark, name, ...cells];
  });
  const side = (title: string, profile: ProfileRecord): string =>
    `${title} ${profile.runId}, ${formatInstant(profile.at, about.timezone)}: ` +
    `${plural(profile.rows, 'row')}, ${rangeOf(profile)}\n`;
  const moved = 'moved by a quarter of a standard deviation or 5 points of nulls';
  const count = notable.length === 0 ? 'None' : formatCount(notable.length);
  const sum = `${count} of ${plural(both.length, 'column')} ${moved}.\n`;
  const onlyIn = (title: string, some: readonly ColumnShift[]): string =>
    some.length === 0 ? '' : `Only in ${title}: ${some.map(({ name }) => name).join(', ')}.\n`;
  const rest =
    onlyIn(
      'now',
      shifts.filter(({ before }) => before === undefined),
    ) +
    onlyIn(
      'then',
      shifts.filter(({ now }) => now === undefined),
    );
  const head = `${paint('bold', about.asset)} in ${about.target}\n`;
  return `${head}${side('then', sides.before)}${side('now ', sides.now)}\n${renderTable(headers, lines, paint)}\n${sum}${rest}`;
}
