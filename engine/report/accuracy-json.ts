import type { AccuracyComparison, Measures, SystemAccuracy } from '../health/accuracy.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import type { AccuracyAbout } from './accuracy-text.ts';
import { rowsText } from './accuracy-words.ts';

/** The report as scripts read it: shares are fractions, errors in the unit of what is predicted. */
export function accuracyJson({ pipeline, target, comparisons, leftOut }: AccuracyAbout): object {
  return { pipeline, target, comparisons: comparisons.map(comparisonJson), left_out: leftOut };
}

function comparisonJson(of: AccuracyComparison): object {
  const { name, title, asset, baseline } = of.comparison;
  return {
    name,
    title,
    asset,
    baseline: baseline.name,
    rows: of.compared[0]?.measures.rows ?? 0,
    about: rowsText(of),
    available: of.systems.map(({ system, rows, graded, first, last }) => ({
      system,
      rows,
      graded,
      first: dateOrNull(first),
      last: dateOrNull(last),
    })),
    systems: of.compared.map((each) => systemJson(each, of)),
    parts: Object.fromEntries(
      [...of.parts].map(([dimension, values]) => [
        dimension,
        Object.fromEntries(
          [...values].map(([value, systems]) => [
            value,
            Object.fromEntries(
              [...systems].map(([system, measures]) => [system, measuresJson(measures, of)]),
            ),
          ]),
        ),
      ]),
    ),
    importances: of.importances,
  };
}

function systemJson(
  { system, measures, shareInterval, yieldInterval, bins }: SystemAccuracy,
  of: AccuracyComparison,
): object {
  const estimated = of.comparison.probability?.estimated ?? [];
  return {
    system,
    ...measuresJson(measures, of),
    share_interval: shareInterval ?? null,
    return_interval: yieldInterval ?? null,
    reliability: bins.map((bin) => ({ ...bin, estimated: estimated.includes(bin.origin) })),
  };
}

function measuresJson(measures: Measures, { comparison }: AccuracyComparison): object {
  const { rows, mae, baselineMae, share, rmse, bias, meanBias, inside, brier, bets } = measures;
  const near = comparison.within.map(
    (distance, at) => [String(distance), measures.within[at] ?? 0] as const,
  );
  return {
    rows,
    mae,
    baseline_mae: baselineMae,
    share_of_baseline: share ?? null,
    rmse,
    bias,
    bias_of_mean: meanBias ?? null,
    within: Object.fromEntries<number>(near),
    quantiles: measures.quantiles,
    in_interval: inside ?? null,
    brier: brier ?? null,
    bets: bets ?? null,
  };
}

function dateOrNull(day: Day | undefined): string | null {
  return day === undefined ? null : formatDay(day);
}
