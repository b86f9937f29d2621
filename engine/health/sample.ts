import type { AssetName } from '../ids.ts';
import { type Day, UNPARTITIONED } from '../partitions/date.ts';
import { mixWords } from '../partitions/hash64.ts';
import { contains, type DaySet } from '../partitions/subset.ts';
import {
  type AssetEvaluation,
  STATUS,
  STATUS_NAMES,
  type StatusName,
} from '../staleness/status.ts';

/** Partitions of one asset, as ascending positions in its expected days. */
export interface AssetSample {
  readonly evaluation: AssetEvaluation;
  readonly indexes: readonly number[];
}

/** Why partitions are not verified: their asset cannot be, or they are not current. */
export type LeftOutReason = 'source' | 'frozen' | Exclude<StatusName, 'current'>;

export interface LeftOut {
  readonly asset: AssetName;
  readonly reason: LeftOutReason;
  readonly partitions: number;
}

export interface Verifiable {
  readonly assets: readonly AssetSample[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Sorts out what can be computed again and must come out the same: current partitions of assets that are made
 * from upstream. A source has none; what is frozen may be older than its upstream; what is stale or missing
 * would differ, and everybody knows.
 */
export function verifiablePartitions(
  evaluations: readonly AssetEvaluation[],
  days: DaySet | undefined,
): Verifiable {
  const assets: AssetSample[] = [];
  const leftOut: LeftOut[] = [];
  for (const evaluation of evaluations) {
    const indexes: number[] = [];
    const counts = new Map<LeftOutReason, number>();
    for (const [index, day] of evaluation.expected.days.entries()) {
      if (!isAskedFor(day, days)) continue;
      const reason = reasonToLeaveOut(evaluation, index);
      if (reason === undefined) indexes.push(index);
      else counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    if (indexes.length > 0) assets.push({ evaluation, indexes });
    for (const [reason, partitions] of counts) {
      leftOut.push({ asset: evaluation.asset.name, reason, partitions });
    }
  }
  return { assets, leftOut };
}

export interface SampleSize {
  /** Partitions in all; every asset gets at least one, even if that makes more. */
  readonly size: number;
  readonly seed: number;
}

/** Draws partitions spread over the assets and over the dates of each; the same seed draws the same ones. */
export function drawSample(assets: readonly AssetSample[], options: SampleSize): AssetSample[] {
  const shares = shareOut(
    assets.map((asset) => asset.indexes.length),
    options.size,
  );
  return assets.map(({ evaluation, indexes }, at) => {
    // Of its own for every asset: another selection draws the same dates of this one.
    const random = randomOf(options.seed, evaluation.asset.name);
    return { evaluation, indexes: drawSpread(indexes, shares[at] ?? 1, random) };
  });
}

/** Equal shares, at least one each; what a small asset cannot use goes to the others, first come first served. */
function shareOut(sizes: readonly number[], total: number): number[] {
  const shares = sizes.map(() => 1);
  let left = total - sizes.length;
  while (left > 0) {
    const open = [...sizes.keys()].filter((at) => (shares[at] ?? 0) < (sizes[at] ?? 0));
    if (open.length === 0) break;
    const each = Math.max(1, Math.floor(left / open.length));
    for (const at of open) {
      const added = Math.min(each, left, (sizes[at] ?? 0) - (shares[at] ?? 0));
      shares[at] = (shares[at] ?? 0) + added;
      left -= added;
    }
  }
  return shares;
}

/** One of each of `count` equal stretches. */
function drawSpread(
  indexes: readonly number[],
  count: number,
  random: (draw: number) => number,
): readonly number[] {
  if (count >= indexes.length) return indexes;
  return Array.from({ length: count }, (_, draw) => {
    const from = Math.floor((draw * indexes.length) / count);
    const to = Math.floor(((draw + 1) * indexes.length) / count);
    return indexes[from + Math.floor(random(draw) * (to - from))] ?? 0;
  });
}

/** Numbers from 0 to 1 that depend on the seed, the name and the number of the draw, on nothing else. */
function randomOf(seed: number, name: string): (draw: number) => number {
  const letters = Array.from(name, (letter) => letter.codePointAt(0) ?? 0);
  const words = [seed >>> 0, Math.floor(seed / 2 ** 32), ...letters];
  return (draw) => mixWords([...words, draw]).hi / 2 ** 32;
}

/** A range of dates says nothing of an unpartitioned asset. */
function isAskedFor(day: Day, days: DaySet | undefined): boolean {
  return days === undefined || day === UNPARTITIONED || contains(days, day);
}

function reasonToLeaveOut(
  { asset, status }: AssetEvaluation,
  index: number,
): LeftOutReason | undefined {
  if (asset.kind === 'source') return 'source';
  if (status[index] === STATUS.current) return asset.freeze === 'once' ? 'frozen' : undefined;
  const name = STATUS_NAMES[status[index] ?? STATUS.missing] ?? 'missing';
  return name === 'current' ? undefined : name;
}
