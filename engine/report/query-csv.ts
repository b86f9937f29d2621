import type { QueryRows, Scalar } from './query-table.ts';

/** RFC 4180 with `\n` line ends: NULL is empty, an empty text is `""`, lists are JSON. */
export function queryCsv(result: QueryRows): string {
  const names = result.columns.map((column) => cell(column.name));
  return [names, ...result.rows.map((row) => row.map(cell))]
    .map((cells) => `${cells.join(',')}\n`)
    .join('');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : `${value as Scalar}`;
  return text === '' || /[",\n\r]/.test(text) || /^\s|\s$/.test(text)
    ? `"${text.replaceAll('"', '""')}"`
    : text;
}
