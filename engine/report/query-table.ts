import { pad, type Paint, paintFor, truncate } from './text.ts';

export interface QueryRows {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

/** What a value is besides NULL and lists. */
export type Scalar = string | number | boolean | bigint;

const NUMBER_TYPES = new Set(['INT64', 'FLOAT64', 'NUMERIC', 'BIGNUMERIC']);
const GAP = '  ';
/** Text is cut no shorter than this to make a table fit. */
const NARROWEST = 10;

/** Rows as a table with numbers to the right; one below the other where the columns do not fit the width. */
export function queryTable(
  result: QueryRows,
  width = Infinity,
  paint: Paint = paintFor(false),
): string {
  const cells = result.rows.map((row) => row.map(cellText));
  const natural = result.columns.map((column, at) =>
    cells.reduce((widest, row) => Math.max(widest, row[at]?.length ?? 0), column.name.length),
  );
  const isRight = result.columns.map((column) => NUMBER_TYPES.has(column.type));
  const widths = fit(natural, isRight, width);
  if (widths === undefined) return recordList(result, cells, paint);
  const line = (texts: readonly string[], style: (text: string, at: number) => string): string => {
    const padded = texts.map((text, at) => {
      const short = truncate(text, widths[at] ?? 0);
      return pad(style(short, at), widths[at] ?? 0, isRight[at] ? 'right' : 'left');
    });
    return `${padded.join(GAP).trimEnd()}\n`;
  };
  const names = result.columns.map((column) => column.name);
  const head = line(names, (text) => paint('bold', text));
  const rule = `${widths.map((each) => '─'.repeat(each)).join(GAP)}\n`;
  const body = cells.map((row, index) =>
    line(row, (text, at) => (result.rows[index]?.[at] === null ? paint('dim', text) : text)),
  );
  return [head, paint('dim', rule), ...body].join('');
}

/** A value on one line: NULL, numbers as they are, lists as JSON. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') {
    return value.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  }
  return typeof value === 'object' ? JSON.stringify(value) : `${value as Scalar}`;
}

/** Widths that fit: the widest text columns give first; undefined when even that does not help. */
function fit(
  natural: readonly number[],
  isRight: readonly boolean[],
  width: number,
): readonly number[] | undefined {
  const widths = [...natural];
  const total = (): number =>
    widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);
  while (total() > width) {
    const shrinkable = widths
      .map((each, at) => ({ each, at }))
      .filter(({ each, at }) => !isRight[at] && each > NARROWEST)
      .sort((a, b) => b.each - a.each);
    const [widest, next] = shrinkable;
    if (widest === undefined) return undefined;
    const excess = total() - width;
    const floor = Math.max(NARROWEST, next?.each ?? NARROWEST);
    widths[widest.at] = Math.max(Math.min(floor, widest.each - 1), widest.each - excess);
  }
  return widths;
}

function recordList(
  result: QueryRows,
  cells: readonly (readonly string[])[],
  paint: Paint,
): string {
  const width = Math.max(0, ...result.columns.map((column) => column.name.length));
  return cells
    .map((row, index) => {
      const lines = result.columns.map(
        (column, at) => `${paint('bold', pad(column.name, width))}${GAP}${row[at] ?? ''}\n`,
      );
      return `${paint('dim', `── row ${index + 1}`)}\n${lines.join('')}`;
    })
    .join('');
}
