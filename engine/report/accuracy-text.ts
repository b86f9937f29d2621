import type {
  AccuracyComparison,
  Measures,
  SystemAccuracy,
  SystemRows,
} from '../health/accuracy.ts';
import { betText, rowsText, signed } from './accuracy-words.ts';
import { formatCount, listOf, type Paint, renderTable } from './text.ts';

export interface AccuracyAbout {
  readonly title: string;
  readonly pipeline: string;
  readonly target: string;
  readonly comparisons: readonly AccuracyComparison[];
  /** Why declared comparisons are not among them. */
  readonly leftOut: readonly string[];
}

/** The report for people: per comparison the rows it is about, the systems, their calibration and parts. */
export function renderAccuracy(about: AccuracyAbout, paint: Paint): string {
  const blocks = about.comparisons.map((each) => comparisonText(each, paint));
  return [
    `${about.title}: ${about.pipeline} in ${about.target}\n`,
    ...blocks,
    ...about.leftOut.map((reason) => `\nLeft out: ${reason}\n`),
  ].join('');
}

function comparisonText(of: AccuracyComparison, paint: Paint): string {
  const parts = [
    `\n${paint('bold', of.comparison.title)}\n${rowsText(of)}\n\n`,
    systemsTable(of, paint),
    absentText(of),
    calibrationTable(of, paint),
    ...[...of.parts].flatMap(([dimension, values]) =>
      dimension === 'date' ? [] : partTable(of, dimension, values, paint),
    ),
    ...of.compared.flatMap(({ system, measures, yieldInterval }) =>
      measures.bets === undefined ? [] : `${system}: ${betText(measures.bets, yieldInterval)}\n`,
    ),
  ];
  return parts.join('');
}

function systemsTable(of: AccuracyComparison, paint: Paint): string {
  const { within, baseline } = of.comparison;
  const number = (header: string) => ({ header, align: 'right' }) as const;
  const headers = ['MAE', `of ${baseline.name}'s`, '95 %', 'RMSE', 'bias', 'bias of mean'];
  const near = within.map((distance) => `within ${distance}`);
  return renderTable(
    [{ header: 'system' }, ...[...headers, ...near].map(number)],
    of.compared.map((each) => [
      each.system,
      each.measures.mae.toFixed(3),
      each.measures.share?.toFixed(4) ?? 'N/A',
      intervalText(each),
      each.measures.rmse.toFixed(3),
      signed(each.measures.bias, 3),
      signed(each.measures.meanBias, 3),
      ...each.measures.within.map((share) => `${(100 * share).toFixed(1)}%`),
    ]),
    paint,
  );
}

function intervalText({ shareInterval: interval }: SystemAccuracy): string {
  return interval === undefined ? 'N/A' : `${interval.low.toFixed(4)}..${interval.high.toFixed(4)}`;
}

/** Systems that have rows in the range without a graded one among those that count. */
function absentText({ systems, compared }: AccuracyComparison): string {
  const shown = new Set(compared.map(({ system }) => system));
  const absent = systems.filter(({ system }) => !shown.has(system)).map(systemText);
  return absent.length === 0 ? '' : `not compared: ${listOf(absent)}\n`;
}

function systemText({ system, graded }: SystemRows): string {
  return `${system} (${formatCount(graded)} graded rows that count)`;
}

function calibrationTable(of: AccuracyComparison, paint: Paint): string {
  const levels = of.comparison.quantiles.map(({ level }) => `${Math.round(level * 100)}`);
  const rows = of.compared.filter(
    ({ measures }) => measures.quantiles.length > 0 || measures.brier !== undefined,
  );
  if (rows.length === 0) return '';
  const headers = [
    ...levels.map((level) => `below ${level} %`),
    'in interval',
    ...levels.map((level) => `pinball ${level}`),
    'Brier',
  ];
  const table = renderTable(
    [{ header: 'calibration' }, ...headers.map((header) => ({ header, align: 'right' }) as const)],
    rows.map(({ system, measures }) => [
      system,
      ...of.comparison.quantiles.map(({ level }) => percentAt(measures, level)),
      measures.inside === undefined ? 'N/A' : `${(100 * measures.inside).toFixed(1)}%`,
      ...of.comparison.quantiles.map(
        ({ level }) =>
          measures.quantiles.find((each) => each.level === level)?.pinball.toFixed(3) ?? 'N/A',
      ),
      measures.brier?.toFixed(4) ?? 'N/A',
    ]),
    paint,
  );
  return `\n${table}`;
}

function percentAt({ quantiles }: Measures, level: number): string {
  const found = quantiles.find((each) => each.level === level);
  return found === undefined ? 'N/A' : `${(100 * found.below).toFixed(1)}%`;
}

/** Shares of the baseline's error by a dimension: systems side by side, values below each other. */
function partTable(
  of: AccuracyComparison,
  dimension: string,
  values: ReadonlyMap<string, ReadonlyMap<string, Measures>>,
  paint: Paint,
): string {
  const systems = of.compared.map(({ system }) => system);
  const rows = [...values].map(([value, measures]) => [
    value,
    formatCount([...measures.values()].reduce((most, { rows: n }) => Math.max(most, n), 0)),
    ...systems.map((system) => measures.get(system)?.share?.toFixed(3) ?? ''),
  ]);
  const header = `${dimension} (of ${of.comparison.baseline.name}'s MAE)`;
  const columns = ['rows', ...systems].map((name) => ({ header: name, align: 'right' }) as const);
  return `\n${renderTable([{ header }, ...columns], rows, paint)}`;
}
