import type { AssetProfile, ColumnProfile, Measured } from '../health/column-profile.ts';
import type { ProfileColumnRecord, ProfileRecord } from '../health/column-profile-record.ts';
import type { ColumnShift } from '../health/column-profile-shift.ts';
import { formatDay } from '../partitions/date.ts';
import type { HistoryEntry } from './profile-history-text.ts';
import type { ProfileAbout } from './profile-text.ts';

/** The document of `profile ASSET --json`. */
export function profileJson(
  profile: AssetProfile,
  record: ProfileRecord,
  about: ProfileAbout,
): object {
  const { rows, estimated, months } = profile;
  return {
    target: about.target,
    asset: about.asset,
    run_id: about.runId ?? null,
    recorded_at: about.runId === undefined ? null : new Date(record.at).toISOString(),
    partitions: { ...partitionsJson(record), count: about.partitions },
    rows,
    estimated,
    columns: profile.columns.map((column) => columnJson(column, months, rows)),
  };
}

/** The document of `profile ASSET --history --json`. */
export function historyJson(
  entries: readonly HistoryEntry[],
  about: { readonly target: string; readonly asset: string; readonly columns: readonly string[] },
): object {
  const wanted = new Set(about.columns);
  return {
    target: about.target,
    asset: about.asset,
    profiles: entries.map(({ profile, shifts }) => ({
      ...recordJson(profile),
      columns: profile.columns
        .filter(({ name }) => wanted.has(name))
        .map((column) => ({
          name: column.name,
          type: column.type,
          ...figuresJson(column, profile.rows),
          change: changeJson(shifts.get(column.name)),
        })),
    })),
  };
}

/** The document of `profile ASSET --against WHAT --json`. */
export function shiftsJson(
  shifts: readonly ColumnShift[],
  sides: { readonly before: ProfileRecord; readonly now: ProfileRecord },
  about: { readonly target: string; readonly asset: string },
): object {
  const { before, now } = sides;
  return {
    target: about.target,
    asset: about.asset,
    before: recordJson(before),
    now: recordJson(now),
    columns: shifts.map((shift) => ({
      name: shift.name,
      type: shift.type,
      before: shift.before === undefined ? null : figuresJson(shift.before, before.rows),
      now: shift.now === undefined ? null : figuresJson(shift.now, now.rows),
      change: changeJson(shift),
      notable: shift.isNotable,
    })),
  };
}

function recordJson(record: ProfileRecord): object {
  return {
    run_id: record.runId,
    recorded_at: new Date(record.at).toISOString(),
    partitions: partitionsJson(record),
    whole: record.isWhole,
    rows: record.rows,
  };
}

function partitionsJson({ firstDay, lastDay }: ProfileRecord): object {
  const text = (day: number | null): string | null => (day === null ? null : formatDay(day));
  return { from: text(firstDay), to: text(lastDay) };
}

function figuresJson(column: ProfileColumnRecord, rows: number): object {
  const { nulls, distinct, min, max, mean, sd } = column;
  return { nulls, null_share: rows === 0 ? null : nulls / rows, distinct, min, max, mean, sd };
}

function changeJson(shift: ColumnShift | undefined): object | null {
  if (shift === undefined) return null;
  const { nullChange = null, meanChange = null, shift: sds = null } = shift;
  const relative = meanChange !== null && Number.isFinite(meanChange) ? meanChange : null;
  return { null_share: nullChange, mean: relative, in_sd: sds };
}

function columnJson(column: ColumnProfile, months: AssetProfile['months'], rows: number): object {
  const { name, type, measured, nulls, notFinite, distinct, sd, quantiles, bins, top } = column;
  const figure = (value: number | undefined): number | string | null => figureJson(value, measured);
  const [p5, p25, p50, p75, p95] = quantiles.map(figure);
  return {
    name,
    type,
    figures_of: measured === 'length' ? 'length' : 'value',
    nulls,
    null_share: rows === 0 ? null : nulls / rows,
    not_finite: notFinite,
    distinct: distinct ?? null,
    min: figure(column.min),
    max: figure(column.max),
    mean: figure(column.mean),
    // Of dates in days, of times in milliseconds.
    sd: sd ?? null,
    quantiles: quantiles.length === 0 ? null : { p5, p25, p50, p75, p95 },
    histogram: bins,
    top,
    months: column.months.map(({ nulls: missing, mean }, at) => ({
      month: formatDay(months[at]?.first ?? 0).slice(0, 7),
      rows: months[at]?.rows ?? 0,
      nulls: missing,
      mean: figure(mean),
    })),
  };
}

/** Dates and times as text, like everywhere else. */
function figureJson(value: number | undefined, measured: Measured): number | string | null {
  if (value === undefined) return null;
  if (measured === 'day') return formatDay(Math.round(value));
  return measured === 'instant' ? new Date(value).toISOString() : value;
}
