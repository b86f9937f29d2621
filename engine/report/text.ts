import { stripVTControlCharacters, styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';

/** Puts a style on text, or returns it as it is where colours are off. */
export type Paint = (style: Style | readonly Style[], text: string) => string;

/** Whether colours are on was decided once, on the command line; the stream is not asked again. */
export function paintFor(color: boolean): Paint {
  if (!color) return (_style, text) => text;
  return (style, text) =>
    text === ''
      ? text
      : styleText(typeof style === 'string' ? style : [...style], text, { validateStream: false });
}

export interface TableColumn {
  readonly header: string;
  readonly align?: 'left' | 'right';
}

/** Columns padded to their widest cell, two spaces apart; cells may be styled. */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  paint: Paint = paintFor(false),
): string {
  const widths = columns.map((column, at) =>
    Math.max(visibleWidth(column.header), ...rows.map((row) => visibleWidth(row[at] ?? ''))),
  );
  const headers = columns.map((column) => paint('dim', column.header));
  return [headers, ...rows]
    .map((row) => columns.map((column, at) => pad(row[at] ?? '', widths[at] ?? 0, column.align)))
    .map((cells) => cells.join('  ').trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

/** Pads to a width that the eye sees: escape sequences count as nothing. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - visibleWidth(text)));
  return align === 'right' ? space + text : text + space;
}

export function visibleWidth(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** Cuts plain text that is too long, showing that it was cut. */
export function truncate(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** `12,345` */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 partition`, `12,345 partitions` */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : nouns}`;
}

/** `0.4 s`, `12 s`, `3 min 05 s`, `2 h 04 min` */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** `1.5 kB`, `12 MB` */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** An instant as `2024-01-15 08:30` in a time zone. */
export function formatInstant(instantMs: number, timezone: string): string {
  let format = FORMATS.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: timezone,
      dateStyle: 'short',
      timeStyle: 'short',
      hourCycle: 'h23',
    });
    FORMATS.set(timezone, format);
  }
  return format.format(instantMs).replace(',', '');
}

/** Making one takes a hundred times as long as using it. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** `a, b and c` */
export function listOf(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** `a, b, c and 45 more`: the first of a list that may be long. */
export function firstOf(items: readonly string[], most = 3): string {
  const rest = items.length - most;
  return rest > 0 ? listOf([...items.slice(0, most), `${formatCount(rest)} more`]) : listOf(items);
}

function twoDigits(value: number): string {
  return value.toString().padStart(2, '0');
}
