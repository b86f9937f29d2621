import type { Column } from '../config/pipeline.ts';
import { type Day, parseDay } from '../partitions/date.ts';
import type { QueryResult } from '../warehouse/warehouse.ts';
import {
  type AssetProfile,
  BINS,
  type ColumnMonth,
  type ColumnProfile,
  measuredOf,
  QUANTILES,
  type TopValue,
} from './column-profile.ts';
import {
  FULL_FIGURES,
  LIGHT_FIGURES,
  type ProfileRequest,
  TOP_VALUES,
} from './column-profile-query.ts';

/** Reads what `profileQuery` returns. */
export function readProfile(request: ProfileRequest, { rows }: QueryResult): AssetProfile {
  const { columns, detail, estimated } = request;
  const width = LIGHT_FIGURES.length + (detail === 'full' ? FULL_FIGURES.length : 0);
  const found = rows.map(([month, count, ...cells]) => ({
    month: month === null ? undefined : parseDay(String(month)),
    rows: Number(count),
    cells: columns.map((_, at) => cells.slice(at * width, (at + 1) * width)),
  }));
  const total = found.find(({ month }) => month === undefined);
  const months = found.flatMap((row) =>
    row.month === undefined ? [] : { ...row, first: row.month },
  );
  return {
    rows: total?.rows ?? 0,
    estimated,
    months: months.map(({ first, rows: count }: { first: Day; rows: number }) => ({
      first,
      rows: count,
    })),
    columns: columns.map((column, at) =>
      columnProfile(
        column,
        { rows: total?.rows ?? 0, cells: total?.cells[at] ?? [] },
        months.map(({ rows: count, cells }) => columnMonth(count, cells[at] ?? [])),
      ),
    ),
  };
}

function columnMonth(rows: number, [present, , , , mean]: readonly unknown[]): ColumnMonth {
  return { nulls: rows - Number(present), mean: numberOf(mean) };
}

function columnProfile(
  { name, type }: Column,
  { rows, cells }: { readonly rows: number; readonly cells: readonly unknown[] },
  months: readonly ColumnMonth[],
): ColumnProfile {
  const [present, numbers, min, max, mean, sd, distinct, percentiles, top] = cells;
  const known = Number(present ?? 0);
  const measured = measuredOf(type);
  const cuts = Array.isArray(percentiles) ? percentiles.flatMap((cut) => numberOf(cut) ?? []) : [];
  const figures = {
    min: numberOf(min),
    max: numberOf(max),
    mean: numberOf(mean),
    // Of one row there is none.
    sd: numberOf(sd),
  };
  return {
    name,
    type,
    measured,
    nulls: rows - known,
    notFinite: known - Number(numbers ?? 0),
    distinct: numberOf(distinct),
    ...figures,
    quantiles: cuts.length === 0 ? [] : QUANTILES.map((share) => cuts[share * 100] ?? 0),
    bins:
      measured === 'truth' ? truthBins(cuts, figures.mean) : binsOf(cuts, figures.min, figures.max),
    top: measured === 'truth' && cuts.length > 0 ? truths(known, figures.mean) : topValues(top),
    months,
  };
}

/**
 * A histogram from the hundredths of the rows, so that the rows need not be read twice: each hundredth lies between
 * two cuts, evenly, or at one value where both are the same.
 */
export function binsOf(
  cuts: readonly number[],
  min: number | undefined,
  max: number | undefined,
): readonly number[] {
  if (cuts.length < 2 || min === undefined || max === undefined) return [];
  const bins = new Float64Array(BINS);
  const width = (max - min) / BINS;
  const share = 1 / (cuts.length - 1);
  const binAt = (value: number): number =>
    width === 0 ? 0 : Math.max(0, Math.min(BINS - 1, Math.floor((value - min) / width)));
  const add = (bin: number, part: number): void => void (bins[bin] = (bins[bin] ?? 0) + part);
  for (const [at, high] of cuts.entries()) {
    const low = cuts[at - 1];
    if (low === undefined) continue;
    const [first, last] = [binAt(low), binAt(high)];
    if (first === last) {
      add(first, share);
      continue;
    }
    for (let bin = first; bin <= last; bin++) {
      const from = Math.max(low, min + bin * width);
      const to = bin === last ? high : Math.min(high, min + (bin + 1) * width);
      add(bin, (share * (to - from)) / (high - low));
    }
  }
  return [...bins];
}

/** False to the left, true to the right; empty where nothing but the figures was asked for. */
function truthBins(cuts: readonly number[], mean: number | undefined): readonly number[] {
  if (cuts.length === 0 || mean === undefined) return [];
  return Array.from({ length: BINS }, (_, bin) =>
    bin === 0 ? 1 - mean : bin === BINS - 1 ? mean : 0,
  );
}

function truths(present: number, mean: number | undefined): readonly TopValue[] {
  if (mean === undefined) return [];
  const count = Math.round(present * mean);
  return [
    { value: 'true', count },
    { value: 'false', count: present - count },
  ]
    .filter((each) => each.count > 0)
    .sort((a, b) => b.count - a.count);
}

function topValues(text: unknown): readonly TopValue[] {
  if (typeof text !== 'string') return [];
  // Made by the statement: objects of a value and its count, which BigQuery writes as text where it is large.
  const found = JSON.parse(text) as
    readonly { value: string | null; count: number | string }[] | null;
  return (found ?? [])
    .flatMap(({ value, count }) => (value === null ? [] : { value, count: Number(count) }))
    .slice(0, TOP_VALUES);
}

function numberOf(value: unknown): number | undefined {
  if (value === null || value === undefined) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
