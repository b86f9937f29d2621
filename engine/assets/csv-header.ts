import { open } from 'node:fs/promises';

/** How a CSV file begins; with it nothing about the file has to be guessed from its rows. */
export interface CsvHeader {
  readonly path: string;
  readonly delimiter: string;
  readonly columns: readonly string[];
}

const DELIMITERS = [',', ';', '\t', '|'] as const;
const LONGEST_HEADER = 256 * 1024;

/** Reads the first line of a CSV file. The delimiter is the one that occurs most in it. */
export async function readCsvHeader(path: string): Promise<CsvHeader> {
  const line = await firstLine(path);
  const candidates = DELIMITERS.map((delimiter) => ({
    delimiter,
    columns: named(split(line, delimiter)),
  }));
  const [first, ...others] = candidates;
  if (!first) throw new Error('Internal error: no delimiter of CSV files is known');
  const best = others.reduce(
    (most, each) => (each.columns.length > most.columns.length ? each : most),
    first,
  );
  return { path, ...best };
}

async function firstLine(path: string): Promise<string> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(LONGEST_HEADER);
    const { bytesRead } = await file.read(buffer, 0, LONGEST_HEADER, 0);
    const text = buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '');
    return /^(?:"[^"]*"|[^"\r\n])*/.exec(text)?.[0] ?? '';
  } finally {
    await file.close();
  }
}

/** Tools that number the rows leave the first name empty. */
function named(columns: readonly string[]): readonly string[] {
  if (columns.every((column) => column === '')) return columns;
  return columns.map((column, index) => (column === '' ? `column${index}` : column));
}

/** The values of a line; quotes may hold the delimiter, and two of them stand for one. */
function split(line: string, delimiter: string): string[] {
  const values: string[] = [];
  let value = '';
  let isQuoted = false;
  let previous = '';
  for (const character of line) {
    if (character === '"') {
      if (!isQuoted && previous === '"') value += '"';
      isQuoted = !isQuoted;
    } else if (character === delimiter && !isQuoted) {
      values.push(value.trim());
      value = '';
    } else value += character;
    previous = character;
  }
  return [...values, value.trim()];
}
