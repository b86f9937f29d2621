import type { Comparison } from '../config/report-rules.ts';
import { type Day, parseDay } from '../partitions/date.ts';
import type { QueryResult } from '../warehouse/warehouse.ts';
import { PROBABILITY_BINS } from './accuracy-queries.ts';
import { bootstrapInterval, type Interval } from './bootstrap.ts';

/** How good predictions were, over some rows. Errors are predicted minus actual: positive is too high. */
export interface Measures {
  readonly rows: number;
  readonly mae: number;
  /** The mean absolute error as a share of the baseline's on the same rows; below 1 is better. */
  readonly share: number | undefined;
  readonly baselineMae: number;
  readonly rmse: number;
  readonly bias: number;
  readonly meanBias: number | undefined;
  /** Shares of rows within the declared distances. */
  readonly within: readonly number[];
  readonly quantiles: readonly QuantileMeasures[];
  /** Share from the lowest to the highest quantile, both included. */
  readonly inside: number | undefined;
  /** Mean squared error of the probability. */
  readonly brier: number | undefined;
  readonly bets: BetMeasures | undefined;
}

export interface QuantileMeasures {
  readonly level: number;
  /** Share of what happened that is below; near the level if it is calibrated. */
  readonly below: number;
  readonly pinball: number;
}

export interface BetMeasures {
  readonly count: number;
  readonly won: number;
  readonly lost: number;
  readonly pushed: number;
  /** In stakes. */
  readonly profit: number;
  /** Profit per bet. */
  readonly yield: number;
}

export interface SystemAccuracy {
  readonly system: string;
  readonly measures: Measures;
  /** Of the share of the baseline's error. */
  readonly shareInterval: Interval | undefined;
  /** Of the profit per bet. */
  readonly yieldInterval: Interval | undefined;
  readonly bins: readonly ProbabilityBin[];
}

/** Probabilities in a tenth of 0 to 1. */
export interface ProbabilityBin {
  /** Where the threshold comes from; empty if that is not declared. */
  readonly origin: string;
  /** The tenth: from, included, to. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** Mean probability. */
  readonly expected: number;
  /** Share of times that it happened. */
  readonly happened: number;
}

/** What a system has in the range, compared or not. */
export interface SystemRows {
  readonly system: string;
  readonly rows: number;
  /** Rows that count, with a prediction and an outcome. */
  readonly graded: number;
  readonly first: Day | undefined;
  readonly last: Day | undefined;
}

/** One comparison with everything that a report shows of it. */
export interface AccuracyComparison {
  readonly comparison: Comparison;
  readonly systems: readonly SystemRows[];
  /** The systems compared, best first; all on the same rows. */
  readonly compared: readonly SystemAccuracy[];
  /** Figures by dimension, value and system; without `all`. */
  readonly parts: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, Measures>>>;
  readonly importances: readonly ModelImportances[];
}

export interface ModelImportances {
  readonly model: string;
  readonly newest: string;
  /** Greatest first. */
  readonly features: readonly { readonly name: string; readonly value: number }[];
}

type Row = Readonly<Record<string, unknown>>;

export function readSystems(result: QueryResult): readonly SystemRows[] {
  return rowsOf(result).map((row) => ({
    system: String(row['_system']),
    rows: Number(row['_rows']),
    graded: Number(row['_graded']),
    first: parseDay(String(row['_first'])),
    last: parseDay(String(row['_last'])),
  }));
}

/** Puts a comparison together from the results of its statements. */
export function readComparison(
  comparison: Comparison,
  found: {
    readonly systems: readonly SystemRows[];
    readonly measures: QueryResult;
    readonly bins: QueryResult | undefined;
    readonly importances: readonly ModelImportances[];
  },
): AccuracyComparison {
  const parts = new Map<string, Map<string, Map<string, Measures>>>();
  const overall = new Map<string, Measures>();
  const dates = new Map<string, Row[]>();
  for (const row of rowsOf(found.measures)) {
    const [dimension, value, system] = [row['_dimension'], row['_value'], row['_system']].map(
      String,
    );
    const measures = measuresOf(row, comparison);
    if (dimension === 'all') overall.set(system ?? '', measures);
    else put(parts, [dimension ?? '', value ?? '', system ?? ''], measures);
    if (dimension === 'date') dates.set(system ?? '', [...(dates.get(system ?? '') ?? []), row]);
  }
  const bins = found.bins === undefined ? [] : rowsOf(found.bins);
  const compared = [...overall].map(([system, measures]) => {
    const own = bins.filter((row) => row['_system'] === system);
    return { system, measures, ...intervalsOf(dates.get(system) ?? []), bins: own.map(binOf) };
  });
  return {
    comparison,
    systems: found.systems,
    compared: compared.toSorted((a, b) => a.measures.mae - b.measures.mae),
    parts,
    importances: found.importances,
  };
}

export function readImportances(result: QueryResult): readonly ModelImportances[] {
  return rowsOf(result).flatMap((row) => {
    const features = featuresOf(String(row['_importances']));
    if (features.length === 0) return [];
    return { model: String(row['_model']), newest: String(row['_newest']), features };
  });
}

/** `{"feature": 1}` or `[{"feature": "name", "importance": 1}]`; what is neither has none. */
function featuresOf(text: string): ModelImportances['features'] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return [];
  }
  if (typeof parsed !== 'object' || parsed === null) return [];
  return Object.entries(parsed)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([name, value]) => ({ name, value }))
    .toSorted((a, b) => b.value - a.value);
}

function measuresOf(row: Row, { within, quantiles, bets }: Comparison): Measures {
  const sum = (name: string): number => Number(row[name] ?? 0);
  const rows = sum('n');
  const ratio = (name: string, of: string): number | undefined =>
    sum(of) === 0 ? undefined : sum(name) / sum(of);
  return {
    rows,
    mae: sum('absolute') / rows,
    share: ratio('absolute', 'baseline'),
    baselineMae: sum('baseline') / rows,
    rmse: Math.sqrt(sum('squared') / rows),
    bias: sum('signed') / rows,
    meanBias: ratio('mean_signed', 'mean_n'),
    within: within.map((_, at) => sum(`within_${at}`) / rows),
    quantiles: quantiles.flatMap(({ level }, at) => {
      const below = ratio(`quantile_${at}_below`, `quantile_${at}_n`);
      const pinball = ratio(`quantile_${at}_loss`, `quantile_${at}_n`);
      return below === undefined || pinball === undefined ? [] : { level, below, pinball };
    }),
    inside: quantiles.length < 2 ? undefined : ratio('inside', 'quantile_0_n'),
    brier: ratio('brier', 'probability_n'),
    bets: bets === undefined || sum('bets') === 0 ? undefined : betsOf(sum),
  };
}

function betsOf(sum: (name: string) => number): BetMeasures {
  const [count, won, lost] = [sum('bets'), sum('won'), sum('lost')];
  const profit = sum('profit');
  return { count, won, lost, pushed: count - won - lost, profit, yield: profit / count };
}

function intervalsOf(
  dates: readonly Row[],
): Pick<SystemAccuracy, 'shareInterval' | 'yieldInterval'> {
  const sums = (above: string, below: string) =>
    dates.map((row) => ({ above: Number(row[above] ?? 0), below: Number(row[below] ?? 0) }));
  return {
    shareInterval: bootstrapInterval(sums('absolute', 'baseline')),
    yieldInterval: bootstrapInterval(sums('profit', 'bets')),
  };
}

function binOf(row: Row): ProbabilityBin {
  const rows = Number(row['_n']);
  const bin = Number(row['_bin']);
  return {
    origin: String(row['_origin']),
    from: bin / PROBABILITY_BINS,
    to: (bin + 1) / PROBABILITY_BINS,
    rows,
    expected: Number(row['_expected']) / rows,
    happened: Number(row['_times']) / rows,
  };
}

function put(
  parts: Map<string, Map<string, Map<string, Measures>>>,
  [dimension, value, system]: readonly [string, string, string],
  measures: Measures,
): void {
  const values = parts.get(dimension) ?? new Map<string, Map<string, Measures>>();
  const systems = values.get(value) ?? new Map<string, Measures>();
  systems.set(system, measures);
  parts.set(dimension, values.set(value, systems));
}

function rowsOf({ columns, rows }: QueryResult): readonly Row[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at]])));
}
