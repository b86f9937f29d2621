import type { CompiledAsset } from '../compile/compiled.ts';
import type { CriticalColumn } from '../config/health-rules.ts';
import { countIn, countOn, type Measure } from './counts.ts';
import { type Finding, percentText, stretchesOf } from './finding.ts';
import { lowStretches, placeOf, type Point, profileOf, unusualBelow } from './profile.ts';
import { explainWords } from './row-volume.ts';
import { median } from './statistics.ts';
import { type AssetScope, dayAt, isExpectedEmpty, ROWS, rowsAt } from './validation-scope.ts';

/** A column that usually has values, and lacks most of them. */
const UNUSUAL = 0.5;
/** Where fewer values than this are to be expected of a stretch, nothing can be said of it. */
const LEAST_VALUES = 10;
/** Where so many are to be expected, none at all is no accident, however much the share varies. */
const LEAST_VALUES_AT_ALL = 30;

/** Columns whose values may be missing. */
export function nullableColumns(asset: CompiledAsset): readonly string[] {
  const { key, partitionColumn } = asset;
  return asset.columns
    .filter(({ name, nullable }) => nullable && name !== partitionColumn && !key.includes(name))
    .map(({ name }) => name);
}

export function presentIn(column: string): Measure {
  return { type: 'present', column };
}

export function badIn({ column, zeros }: CriticalColumn): Measure {
  return { type: 'bad', column, zeros };
}

/** What is wrong with the values of columns, date by date and over the range. */
export function columnFindings(scope: AssetScope): readonly Finding[] {
  const critical = new Set(scope.declared.critical.map(({ column }) => column));
  const others = nullableColumns(scope.of.asset).filter((column) => !critical.has(column));
  return [
    ...scope.declared.critical.flatMap((column) => contaminated(scope, column)),
    ...others.flatMap((column) => unusualNulls(scope, column)),
    ...thresholdFindings(scope),
  ];
}

/** Dates on which more of a critical column is NULL or zero than may be. */
function contaminated(scope: AssetScope, rule: CriticalColumn): readonly Finding[] {
  const { asset } = scope.of;
  const share = (index: number): number =>
    (100 * countOn(scope.own, badIn(rule), dayAt(scope, index))) / rowsAt(scope, index);
  const bad = scope.indexes.filter((index) => rowsAt(scope, index) > 0 && share(index) > rule.most);
  return stretchesOf(bad, (index) => index).map((indexes) => {
    const days = indexes.map((index) => dayAt(scope, index));
    const what = rule.zeros ? 'NULL or 0' : 'NULL';
    return {
      kind: 'contaminated',
      severity: 'error',
      asset: asset.name,
      column: rule.column,
      days,
      found: `${percentText(median(indexes.map(share)))} of ${rule.column} is ${what}`,
      expected: `at most ${rule.most}% on a date`,
      mend: explainWords(scope, days),
    };
  });
}

/** Stretches on which a column that usually has values has hardly any. */
function unusualNulls(scope: AssetScope, column: string): readonly Finding[] {
  const points: Point[] = [];
  for (const index of scope.of.expected.days.keys()) {
    const rows = rowsAt(scope, index);
    if (rows === 0 || isExpectedEmpty(scope, index)) continue;
    const value = countOn(scope.own, presentIn(column), dayAt(scope, index)) / rows;
    points.push({ ...placeOf(scope.of, index), value, weight: rows });
  }
  const profile = profileOf(points);
  const typical = (point: Point): number => profile.typical.get(point.period) ?? 0;
  // No value at all is low however much the share varies; few are where they are fewer than it varies by.
  const limit = (point: Point): number =>
    point.value === 0 ? UNUSUAL : Math.min(UNUSUAL, unusualBelow(profile, point));
  const says = (some: readonly Point[]): boolean => {
    const values = some.reduce((sum, point) => sum + typical(point) * point.weight, 0);
    return values >= (some.some(({ value }) => value > 0) ? LEAST_VALUES : LEAST_VALUES_AT_ALL);
  };
  return lowStretches(profile, limit)
    .filter(({ points: some }) => says(some))
    .map(({ points: some, isUsual }) => ({ some: some.filter(inRange(scope)), isUsual }))
    .filter(({ some, isUsual }) => some.length > 0 && !isUsual)
    .map(({ some }): Finding => {
      const days = some.map(({ day }) => day);
      const found = median(some.map(({ value }) => value));
      const [first] = some;
      return {
        kind: 'unusual_nulls',
        severity: 'warn',
        asset: scope.of.asset.name,
        column,
        days,
        found: `${percentText(100 * found)} of ${column} has a value`,
        expected: `about ${percentText(100 * (first ? typical(first) : 0))}, as on most dates of the period`,
        mend: explainWords(scope, days),
      };
    });
}

/** Declared columns of which too little has a value over the whole range. */
function thresholdFindings(scope: AssetScope): readonly Finding[] {
  const rows = countIn(scope.own, ROWS, scope.range);
  if (rows === 0) return [];
  return scope.declared.columns.flatMap(({ column, least, critical }): readonly Finding[] => {
    const percent = (100 * countIn(scope.own, presentIn(column), scope.range)) / rows;
    if (percent >= least) return [];
    const days = scope.indexes.map((index) => dayAt(scope, index));
    return [
      {
        kind: 'column_coverage',
        severity: critical ? 'error' : 'warn',
        asset: scope.of.asset.name,
        column,
        days: [],
        found: `${percentText(percent)} of ${column} has a value`,
        expected: `at least ${least}%`,
        mend: explainWords(scope, days),
      },
    ];
  });
}

function inRange({ range, today }: AssetScope): (point: Point) => boolean {
  return ({ day }) => range.lo <= day && day < range.hi && day <= today;
}
