import type { HealthColumn, LegacyColumns } from '../config/health-rules.ts';
import type { AssetName } from '../ids.ts';
import { indexOfDay } from '../partitions/calendar.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import { countOn, type Measure, NO_COUNTS } from './counts.ts';
import { isEmptyAsExpected } from './expected-empty.ts';
import type { LegacyCounts } from './legacy-score.ts';
import type { ScoreContext } from './score.ts';

/** A value of a CSV: a number, a text, or nothing. */
export type CsvValue = string | number | null;

/** The values of one date by column name. */
export type CsvRow = ReadonlyMap<string, CsvValue>;

const ROWS: Measure = { type: 'rows' };

/** What has to be counted for a column. */
export function columnMeasures(
  column: HealthColumn,
): readonly { readonly asset: AssetName; readonly measures: readonly Measure[] }[] {
  switch (column.type) {
    case 'rows':
      return [{ asset: column.asset, measures: [ROWS] }];
    case 'distinct':
      return [{ asset: column.asset, measures: [{ type: 'distinct', column: column.column }] }];
    case 'present':
      return [{ asset: column.asset, measures: [{ type: 'present', column: column.column }] }];
    case 'true':
      return [
        {
          asset: column.asset,
          measures: [
            { type: 'true', column: column.column },
            { type: 'present', column: column.column },
          ],
        },
      ];
    case 'completion':
      return column.assets.map((asset) => ({ asset, measures: [ROWS] }));
    default:
      return [];
  }
}

/** The counts of a date by column; those that depend on the score are filled in by `scoredRow`. */
export function countedRow(
  columns: readonly HealthColumn[],
  day: Day,
  context: ScoreContext,
): CsvRow {
  const row = new Map<string, CsvValue>();
  for (const column of columns) row.set(column.name, countedValue(column, day, context));
  for (const column of columns) {
    if (column.type !== 'percent') continue;
    row.set(column.name, percentOf(row.get(column.of), row.get(column.per)));
  }
  return row;
}

/** What a scored date fills in. */
export interface ScoredValues {
  readonly score: number | undefined;
  readonly class: string | undefined;
  readonly reasons: readonly string[];
  readonly expectedEmpty: readonly string[];
}

export function scoredRow(
  columns: readonly HealthColumn[],
  row: CsvRow,
  scored: ScoredValues,
): CsvRow {
  const values = new Map(row);
  for (const { name, type } of columns) {
    if (type === 'score')
      values.set(name, scored.score === undefined ? 'N/A' : scored.score.toFixed(1));
    if (type === 'class') values.set(name, scored.class ?? 'N/A');
    if (type === 'reasons') values.set(name, scored.reasons.join('; ') || null);
    if (type === 'expected_empty') values.set(name, scored.expectedEmpty.join(' ') || null);
  }
  return values;
}

/** The counts that the formula of old wants, from a row; what is no number could not be counted. */
export function legacyCounts(columns: LegacyColumns, row: CsvRow): LegacyCounts {
  const count = (name: string): number => {
    const value = row.get(name);
    const number = value === null || value === undefined || value === '' ? NaN : Number(value);
    return Number.isFinite(number) ? number : -1;
  };
  return {
    scheduled: count(columns.scheduled),
    raw: columns.raw.map(count),
    analytics: columns.analytics.map(count),
    precompute: columns.precompute.map(count),
    predictions: count(columns.predictions),
    graded: count(columns.graded),
  };
}

/** Assets of the pipeline that are expected to be empty on a date. */
export function expectedEmptyOn(day: Day, { evaluations }: ScoreContext): readonly AssetName[] {
  return [...evaluations.values()].flatMap((of) =>
    isEmptyAsExpected(of, indexOfDay(of.expected.days, day)) ? [of.asset.name] : [],
  );
}

function countedValue(column: HealthColumn, day: Day, context: ScoreContext): CsvValue {
  const { counts } = context;
  const count = (asset: AssetName, measure: Measure): number =>
    counts.failed.has(asset) ? -1 : countOn(counts.byAsset.get(asset) ?? NO_COUNTS, measure, day);
  switch (column.type) {
    case 'date':
      return formatDay(day);
    case 'rows':
      return count(column.asset, ROWS);
    case 'distinct':
    case 'present':
      return count(column.asset, { type: column.type, column: column.column });
    case 'true': {
      const { asset, column: name } = column;
      const present = count(asset, { type: 'present', column: name });
      return percentOf(count(asset, { type: 'true', column: name }), present, 'N/A');
    }
    case 'completion': {
      const done = column.assets.filter((asset) => count(asset, ROWS) > 0).length;
      return `${done}/${column.assets.length}`;
    }
    case 'value':
      return column.value;
    default:
      return null;
  }
}

/** With one decimal; what nothing is a percentage of is 0, or what the caller says. */
function percentOf(
  part: CsvValue | undefined,
  whole: CsvValue | undefined,
  ofNothing = '0.0',
): string {
  const [of, per] = [Number(part), Number(whole)];
  if (!(per > 0) || !(of >= 0)) return ofNothing;
  return ((100 * of) / per).toFixed(1);
}
