import type { HealthComponent, HealthCount } from '../config/health-rules.ts';
import type { AssetName } from '../ids.ts';
import { indexOfDay } from '../partitions/calendar.ts';
import type { Day } from '../partitions/date.ts';
import { type AssetEvaluation, STATUS, STATUS_NAMES } from '../staleness/status.ts';
import type { CountedAssets } from './count-assets.ts';
import { type AssetCounts, countOn, type Measure, NO_COUNTS } from './counts.ts';
import { isEmptyAsExpected } from './expected-empty.ts';

export type HealthClass = 'excellent' | 'good' | 'fair' | 'poor';

/** One part of a date's score. */
export interface ComponentScore {
  readonly name: string;
  readonly weight: number;
  /** 0 to 100; undefined when it is left out: expected to be empty, or not measurable. */
  readonly value: number | undefined;
  /** Why it is below 100, or left out. */
  readonly reason: string | undefined;
}

/** What scores are computed from. */
export interface ScoreContext {
  readonly evaluations: ReadonlyMap<AssetName, AssetEvaluation>;
  readonly counts: CountedAssets;
}

/** 90 and more is excellent, 70 good, 50 fair. */
export function classOf(score: number): HealthClass {
  if (score >= 90) return 'excellent';
  if (score >= 70) return 'good';
  return score >= 50 ? 'fair' : 'poor';
}

/** The weighted mean of what can be measured; undefined when nothing can. */
export function weightedScore(components: readonly ComponentScore[]): number | undefined {
  let sum = 0;
  let weights = 0;
  for (const { value, weight } of components) {
    if (value === undefined) continue;
    sum += weight * value;
    weights += weight;
  }
  return weights === 0 ? undefined : sum / weights;
}

/** The value of one component on one date. */
export function scoreComponent(
  component: HealthComponent,
  day: Day,
  context: ScoreContext,
): ComponentScore {
  const { name, weight } = component;
  switch (component.type) {
    case 'present':
    case 'complete': {
      const states = component.assets.map((asset) => stateOf(asset, day, context));
      return { name, weight, ...share(states, component.type) };
    }
    case 'any':
      return { name, weight, ...share([stateOf(component.asset, day, context)], 'present') };
    case 'ratio':
      return { name, weight, ...ratio(component, day, context) };
  }
}

/** What is counted for a ratio. */
export function countMeasure({ column }: HealthCount): Measure {
  return column === undefined ? { type: 'rows' } : { type: 'distinct', column };
}

interface AssetState {
  readonly asset: AssetName;
  /** Not counted: it has no such partition, is expected to be empty, or its query failed. */
  readonly leftOut: string | undefined;
  readonly rows: number;
  readonly status: string;
}

const ROWS: Measure = { type: 'rows' };

function stateOf(asset: AssetName, day: Day, { evaluations, counts }: ScoreContext): AssetState {
  const of = evaluations.get(asset);
  const index = of === undefined ? -1 : indexOfDay(of.expected.days, day);
  const own: AssetCounts = counts.byAsset.get(asset) ?? NO_COUNTS;
  const rows = countOn(own, ROWS, day);
  const code = of?.status[index] ?? STATUS.missing;
  const status = STATUS_NAMES[code] ?? 'missing';
  const base = { asset, rows, status };
  if (counts.failed.has(asset)) return { ...base, leftOut: 'its query failed' };
  if (index < 0) return { ...base, leftOut: 'has no such partition' };
  if (of !== undefined && isEmptyAsExpected(of, index)) {
    return { ...base, leftOut: 'expected to be empty' };
  }
  return { ...base, leftOut: undefined };
}

type Value = Pick<ComponentScore, 'value' | 'reason'>;

function share(states: readonly AssetState[], type: 'present' | 'complete'): Value {
  const counted = states.filter(({ leftOut }) => leftOut === undefined);
  if (counted.length === 0) return leftOutValue(states);
  const isGood = ({ rows, status }: AssetState): boolean =>
    rows > 0 && (type === 'present' || status === 'current');
  const bad = counted.filter((state) => !isGood(state));
  const value = (100 * (counted.length - bad.length)) / counted.length;
  return { value, reason: bad.length === 0 ? undefined : reasonText(bad) };
}

/** `a missing; b and c blocked` */
function reasonText(states: readonly AssetState[]): string {
  const byStatus = new Map<string, string[]>();
  for (const { asset, rows, status } of states) {
    const what = rows === 0 && status === 'current' ? 'without rows' : status;
    byStatus.set(what, [...(byStatus.get(what) ?? []), asset]);
  }
  return [...byStatus].map(([status, names]) => `${names.join(', ')} ${status}`).join('; ');
}

function ratio(
  { of, per }: Extract<HealthComponent, { readonly type: 'ratio' }>,
  day: Day,
  context: ScoreContext,
): Value {
  const states = [of, per].map(({ asset }) => stateOf(asset, day, context));
  if (states.some(({ leftOut }) => leftOut !== undefined)) return leftOutValue(states);
  const count = (each: HealthCount): number =>
    countOn(context.counts.byAsset.get(each.asset) ?? NO_COUNTS, countMeasure(each), day);
  const [part, whole] = [count(of), count(per)];
  if (whole === 0) return { value: undefined, reason: `${countName(per)} has nothing to compare` };
  const value = Math.min(100, (100 * part) / whole);
  const reason = `${countName(of)} ${part} of ${whole}`;
  return { value, reason: value < 100 ? reason : undefined };
}

function countName({ asset, column }: HealthCount): string {
  return column === undefined ? asset : `${asset}.${column}`;
}

function leftOutValue(states: readonly AssetState[]): Value {
  const reasons = [...new Set(states.flatMap(({ leftOut }) => leftOut ?? []))];
  return { value: undefined, reason: reasons.join('; ') || 'nothing to measure' };
}
