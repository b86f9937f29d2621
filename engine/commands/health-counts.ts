import { readFile } from 'node:fs/promises';

import type { HealthColumn } from '../config/health-rules.ts';
import { messageOf, PipelineError } from '../errors.ts';
import { type CsvRow, type CsvValue, scoredRow } from '../health/health-columns.ts';
import {
  type DateHealth,
  dateOf,
  type HealthReport,
  legacyParts,
  reportOf,
} from '../health/health-report.ts';
import { parseDay } from '../partitions/date.ts';
import { contains, daySet } from '../partitions/subset.ts';
import { MAX_DAY, MIN_DAY } from '../partitions/window.ts';
import type { Project } from './context.ts';
import { requestedDays } from './dates.ts';
import type { RangeOptions } from './health-range.ts';

/** Scores counts that were taken elsewhere, by the formula that counts alone can feed. */
export async function healthOfCounts(
  path: string,
  { project, options }: { readonly project: Project; readonly options: RangeOptions },
): Promise<HealthReport> {
  const rules = project.pipeline.health;
  const { legacyColumns } = rules;
  const date = rules.csv.find(({ type }) => type === 'date');
  if (legacyColumns === undefined || date === undefined) {
    throw new PipelineError(
      '--counts needs health.legacy_columns and a date column in health.csv',
      {
        code: 'MISSING_KEY',
        hint: 'declare both in pipeline.yaml',
      },
    );
  }
  const wanted =
    requestedDays({ from: options.from, to: options.to }, project.today) ??
    daySet([{ lo: MIN_DAY, hi: MAX_DAY }]);
  const table = parseCsv(await readText(path));
  const header = table[0] ?? [];
  const { scheduled, predictions, graded, raw, analytics, precompute } = legacyColumns;
  const lists = [...raw, ...analytics, ...precompute];
  const needed = new Set([date.name, scheduled, ...lists, predictions, graded]);
  const missing = [...needed].filter((name) => !header.includes(name));
  if (missing.length > 0) {
    throw new PipelineError(`${path} has no column ${missing.join(', ')}`, {
      code: 'INVALID_COUNTS',
      hint: `expected the columns of health.csv, found ${header.join(', ')}`,
    });
  }
  const dates = table
    .slice(1)
    .map((cells, at) => dateOfCells({ header, cells, place: `${path}:${at + 2}` }, date, rules))
    .filter(({ day }) => contains(wanted, day))
    .sort((a, b) => a.day - b.day);
  return reportOf(dates, 'legacy');
}

function dateOfCells(
  line: {
    readonly header: readonly string[];
    readonly cells: readonly string[];
    readonly place: string;
  },
  date: HealthColumn,
  rules: Project['pipeline']['health'],
): DateHealth {
  const row: CsvRow = new Map(
    line.header.map((name, at): [string, CsvValue] => [name, line.cells[at] ?? null]),
  );
  const text = String(row.get(date.name));
  const day = parseDay(text);
  if (day === undefined || line.cells.length !== line.header.length) {
    const what = day === undefined ? `a date in ${date.name}` : `${line.header.length} values`;
    const found = day === undefined ? `"${text}"` : `${line.cells.length}`;
    throw new PipelineError(`${line.place}: expected ${what}, found ${found}`, {
      code: 'INVALID_COUNTS',
    });
  }
  const components = legacyParts(rules, row);
  const scored = dateOf({ day, period: undefined, components });
  return { ...scored, row: scoredRow(rules.csv, row, { ...scored, expectedEmpty: [] }) };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new PipelineError(`${path} cannot be read: ${messageOf(error)}`, {
      code: 'COUNTS_UNREADABLE',
      hint: 'name a CSV with the columns of health.csv',
      cause: error,
    });
  }
}

/** RFC 4180: quoted cells may hold commas, line breaks and doubled quotes; blank lines are none. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cells = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/g;
  for (const [whole, cell = '', end = ''] of text.replace(/^\uFEFF/, '').matchAll(cells)) {
    if (whole === '' && row.length === 0) break;
    row.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === ',') continue;
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  }
  return rows;
}
