import type { ProfileColumnRecord, ProfileRecord } from '../../state/store.ts';

/** The part of a profile that another one is held against. */
export type ComparedProfile = Pick<ProfileRecord, 'rows' | 'columns'>;

/** How a column of one profile differs from the same column of an earlier one. */
export interface ColumnShift {
  readonly name: string;
  readonly type: string;
  readonly before: ProfileColumnRecord | undefined;
  readonly now: ProfileColumnRecord | undefined;
  /** Change of the share of rows without a value, in parts of 1. */
  readonly nullChange: number | undefined;
  /** Change of the mean as a part of what it was, infinite where it was 0. */
  readonly meanChange: number | undefined;
  /** Change of the mean in standard deviations of the earlier values; absent where these were all alike. */
  readonly shift: number | undefined;
  /** Worth a look: nulls or mean changed by more than the limits below. */
  readonly isNotable: boolean;
}

/** A mean that moved by a quarter of a standard deviation is a small effect, and far beyond chance on many rows. */
const NOTABLE_SHIFT = 0.25;
/** Five of a hundred rows. */
const NOTABLE_NULLS = 0.05;

/** Every column of two profiles, in the order of the later one; those that only the earlier one has come last. */
export function shiftsBetween(
  before: ComparedProfile,
  now: ComparedProfile,
): readonly ColumnShift[] {
  const names = new Set([...now.columns, ...before.columns].map(({ name }) => name));
  return [...names].map((name) => shiftOf(name, sideOf(before, name), sideOf(now, name)));
}

type Changes = Pick<ColumnShift, 'nullChange' | 'meanChange' | 'shift'>;

interface Side {
  readonly column: ProfileColumnRecord | undefined;
  readonly rows: number;
}

function sideOf({ rows, columns }: ComparedProfile, name: string): Side {
  return { rows, column: columns.find((column) => column.name === name) };
}

function shiftOf(name: string, earlier: Side, later: Side): ColumnShift {
  const [before, now] = [earlier.column, later.column];
  const type = now?.type ?? before?.type ?? '';
  const nullChange = difference(nullShare(before, earlier.rows), nullShare(now, later.rows));
  const moved = difference(before?.mean, now?.mean);
  const shift = inDeviations(moved, before?.sd ?? 0);
  const meanChange = relative(moved, before?.mean);
  const changes = { nullChange, meanChange, shift };
  return { name, type, before, now, ...changes, isNotable: isNotable(changes) };
}

/** Of values that were all alike any move is notable. */
function isNotable({ nullChange, meanChange, shift }: Changes): boolean {
  if (Math.abs(nullChange ?? 0) >= NOTABLE_NULLS) return true;
  return shift === undefined ? meanChange !== undefined : Math.abs(shift) >= NOTABLE_SHIFT;
}

function inDeviations(moved: number | undefined, sd: number): number | undefined {
  if (moved === undefined || moved === 0) return moved;
  return sd > 0 ? moved / sd : undefined;
}

/** The share of rows without a value; undefined without rows. */
export function nullShare(
  column: Pick<ProfileColumnRecord, 'nulls'> | undefined,
  rows: number,
): number | undefined {
  return column === undefined || rows === 0 ? undefined : column.nulls / rows;
}

function difference(
  before: number | null | undefined,
  now: number | null | undefined,
): number | undefined {
  return typeof before === 'number' && typeof now === 'number' ? now - before : undefined;
}

function relative(moved: number | undefined, from: number | null | undefined): number | undefined {
  if (moved === undefined || moved === 0) return moved;
  return moved / Math.abs(from ?? 0);
}
