import type { HealthRules } from '../config/health-rules.ts';
import type { AssetName } from '../ids.ts';
import { indexOfDay, type Period, periodAt } from '../partitions/calendar.ts';
import { type Day, UNPARTITIONED } from '../partitions/date.ts';
import type { DayRange } from '../partitions/window.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import { addMeasures } from './count-assets.ts';
import type { Measure } from './counts.ts';
import {
  columnMeasures,
  countedRow,
  type CsvRow,
  expectedEmptyOn,
  legacyCounts,
  scoredRow,
} from './health-columns.ts';
import { LEGACY_COMPONENTS, legacyComponents, oneDecimal } from './legacy-score.ts';
import {
  classOf,
  type ComponentScore,
  countMeasure,
  type HealthClass,
  scoreComponent,
  type ScoreContext,
  weightedScore,
} from './score.ts';
import { mean } from './statistics.ts';

/** One date with its score, one decimal, and what took from it. */
export interface DateHealth {
  readonly day: Day;
  readonly period: string | undefined;
  /** Undefined when nothing of it can be measured. */
  readonly score: number | undefined;
  readonly class: HealthClass | undefined;
  readonly components: readonly ComponentScore[];
  /** What takes most from the score first. */
  readonly reasons: readonly string[];
  readonly row: CsvRow;
}

/** Means of the last 7 or 30 dates and of as many before them. */
export interface Trend {
  readonly dates: number;
  readonly mean: number;
  readonly before: number | undefined;
  readonly change: number | undefined;
}

export interface ComponentSummary {
  readonly name: string;
  readonly weight: number;
  /** Over the dates on which it was measured. */
  readonly mean: number | undefined;
  readonly dates: number;
  readonly leftOut: number;
  /** Dates below 100. */
  readonly below: number;
}

export interface HealthReport {
  readonly formula: 'weighted' | 'legacy';
  /** Ascending. */
  readonly dates: readonly DateHealth[];
  readonly average: number | undefined;
  readonly classes: Readonly<Record<HealthClass, number>>;
  readonly trends: readonly Trend[];
  readonly components: readonly ComponentSummary[];
  /** At most ten dates below 100, the worst first. */
  readonly worst: readonly DateHealth[];
}

export interface HealthScope extends ScoreContext {
  readonly rules: HealthRules;
  readonly range: DayRange;
  readonly today: Day;
  readonly isLegacy: boolean;
}

const WORST = 10;

/** Everything that scoring counts, by asset. */
export function healthMeasures(rules: HealthRules): Map<AssetName, Measure[]> {
  const measures = new Map<AssetName, Measure[]>();
  for (const component of rules.components) {
    if (component.type === 'ratio') {
      for (const each of [component.of, component.per]) {
        addMeasures(measures, each.asset, [countMeasure(each), { type: 'rows' }]);
      }
      continue;
    }
    const assets = component.type === 'any' ? [component.asset] : component.assets;
    for (const asset of assets) addMeasures(measures, asset, [{ type: 'rows' }]);
  }
  for (const column of rules.csv) {
    for (const { asset, measures: some } of columnMeasures(column)) {
      addMeasures(measures, asset, some);
    }
  }
  return measures;
}

/** Scores every date that an asset of a component is expected on; the rows are counted already. */
export function healthOf(scope: HealthScope): HealthReport {
  const dates = datesOf(scope).map(({ day, period }) => dateHealth(day, period, scope));
  return reportOf(dates, scope.isLegacy ? 'legacy' : 'weighted');
}

/** Puts scored dates together: classes, trend, components, the worst. */
export function reportOf(
  dates: readonly DateHealth[],
  formula: HealthReport['formula'],
): HealthReport {
  const scores = dates.flatMap(({ score }) => score ?? []);
  const classes: Record<HealthClass, number> = { excellent: 0, good: 0, fair: 0, poor: 0 };
  for (const { class: name } of dates) if (name !== undefined) classes[name]++;
  const worst = dates
    .filter(({ score }) => score !== undefined && score < 100)
    .sort((a, b) => (a.score ?? 0) - (b.score ?? 0) || a.day - b.day)
    .slice(0, WORST);
  return {
    formula,
    dates,
    average: scores.length === 0 ? undefined : oneDecimal(mean(scores)),
    classes,
    trends: [7, 30].flatMap((count) => trendOf(scores, count) ?? []),
    components: summariesOf(dates),
    worst,
  };
}

/** A scored date from its components. */
export function dateOf(
  date: Pick<DateHealth, 'day' | 'period' | 'components'>,
): Omit<DateHealth, 'row'> {
  const raw = weightedScore(date.components);
  const score = raw === undefined ? undefined : oneDecimal(raw);
  const lost = ({ value = 100, weight }: ComponentScore): number => weight * (100 - value);
  const reasons = date.components
    .filter((component) => lost(component) > 0)
    .sort((a, b) => lost(b) - lost(a))
    .map(({ name, value = 0, reason }) => {
      return `${name} ${Math.round(value)}${reason === undefined ? '' : `: ${reason}`}`;
    });
  return { ...date, score, class: score === undefined ? undefined : classOf(score), reasons };
}

/** The five parts of the formula of old as components of equal weight. */
export function legacyParts(rules: HealthRules, row: CsvRow): readonly ComponentScore[] {
  const { legacyColumns } = rules;
  if (legacyColumns === undefined) return [];
  const values = legacyComponents(legacyCounts(legacyColumns, row));
  return LEGACY_COMPONENTS.map((name) => {
    const value = values[name];
    return { name, weight: 1, value, reason: value === undefined ? 'not measured' : undefined };
  });
}

function dateHealth(day: Day, period: Period | undefined, scope: HealthScope): DateHealth {
  const { rules } = scope;
  const row = countedRow(rules.csv, day, scope);
  const components = scope.isLegacy
    ? legacyParts(rules, row)
    : rules.components.map((component) => scoreComponent(component, day, scope));
  const scored = dateOf({ day, period: period?.name, components });
  const values = { ...scored, expectedEmpty: expectedEmptyOn(day, scope) };
  return { ...scored, row: scoredRow(rules.csv, row, values) };
}

/** The dates that assets of the components are expected on, each with its period. */
function datesOf(scope: HealthScope): readonly {
  readonly day: Day;
  readonly period: Period | undefined;
}[] {
  const names = [...healthMeasures({ ...scope.rules, csv: [] }).keys()];
  const periods = new Map<Day, Period | undefined>();
  const evaluations = names.flatMap((name) => scope.evaluations.get(name) ?? []);
  for (const { expected } of evaluations as readonly AssetEvaluation[]) {
    for (const day of expected.days) {
      const isWanted = scope.range.lo <= day && day < scope.range.hi && day <= scope.today;
      if (day === UNPARTITIONED || !isWanted || periods.get(day) !== undefined) continue;
      periods.set(day, periodAt(expected, indexOfDay(expected.days, day)));
    }
  }
  return [...periods].map(([day, period]) => ({ day, period })).sort((a, b) => a.day - b.day);
}

function trendOf(scores: readonly number[], dates: number): Trend | undefined {
  if (scores.length < dates) return undefined;
  const now = mean(scores.slice(-dates));
  const earlier = scores.slice(-2 * dates, -dates);
  const before = earlier.length < dates ? undefined : mean(earlier);
  return {
    dates,
    mean: oneDecimal(now),
    before: before === undefined ? undefined : oneDecimal(before),
    change: before === undefined ? undefined : oneDecimal(now - before),
  };
}

function summariesOf(dates: readonly DateHealth[]): readonly ComponentSummary[] {
  const first = dates[0]?.components ?? [];
  return first.map(({ name, weight }, at) => {
    const values = dates.map(({ components }) => components[at]?.value);
    const measured = values.filter((value) => value !== undefined);
    return {
      name,
      weight,
      mean: measured.length === 0 ? undefined : oneDecimal(mean(measured)),
      dates: measured.length,
      leftOut: values.length - measured.length,
      below: measured.filter((value) => value < 100).length,
    };
  });
}
