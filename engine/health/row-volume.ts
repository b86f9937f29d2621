import { type Day, formatDay } from '../partitions/date.ts';
import { countOn } from './counts.ts';
import { type Finding, mendWords, shortNumber, type Severity, stretchesOf } from './finding.ts';
import { findDrops } from './drops.ts';
import {
  type LowStretch,
  lowStretches,
  placeOf,
  type Point,
  type Profile,
  profileOf,
  relativeValue,
  unusualBelow,
} from './profile.ts';
import { median, robustDeviation } from './statistics.ts';
import {
  type AssetScope,
  dayAt,
  isExpectedEmpty,
  mayBeEmpty,
  ROWS,
  rowsAt,
  unitAsset,
  unitsOn,
} from './validation-scope.ts';

/** How many rows are typical of a date: per unit of its calendar, or whatever the date. */
export interface RowProfile extends Profile {
  readonly scale: 'per_unit' | 'per_date';
}

/** The scale on which the asset's rows vary least decides what they are held against. */
export function rowProfile(scope: AssetScope): RowProfile {
  const points: (Point & { readonly units: number | undefined })[] = [];
  for (const index of scope.of.expected.days.keys()) {
    const rows = rowsAt(scope, index);
    if (rows === 0 || isExpectedEmpty(scope, index)) continue;
    const units = unitsOn(scope, dayAt(scope, index));
    points.push({ ...placeOf(scope.of, index), value: rows, weight: units ?? 1, units });
  }
  const perDate = profileOf(points);
  const hasUnits = points.every(({ units }) => units !== undefined && units > 0);
  if (!hasUnits || points.length === 0) return { ...perDate, scale: 'per_date' };
  const perUnit = profileOf(
    points.map((point) => ({ ...point, value: point.value / (point.units ?? 1) })),
  );
  const isSteadier = variation(perUnit) <= variation(perDate);
  return isSteadier ? { ...perUnit, scale: 'per_unit' } : { ...perDate, scale: 'per_date' };
}

/** `20 rows`, or `2.5 rows per row of games`: what a date has, in words that name what it is counted by. */
export function rowsText(scope: AssetScope, scale: RowProfile['scale'], rows: number): string {
  const count = shortNumber(rows);
  const words = `${count} ${count === '1' ? 'row' : 'rows'}`;
  return scale === 'per_unit' ? `${words} per row of ${unitAsset(scope)}` : words;
}

/** Dates with too few or too many rows, and lasting drops. */
export function volumeFindings(scope: AssetScope, profile: RowProfile): readonly Finding[] {
  const { expectedRows } = scope.declared;
  const drops = findDrops(profile, scope.rules.drop / 100).filter((drop) =>
    isInRange(scope, drop.point),
  );
  const inDrop = (point: Point): boolean =>
    drops.some(({ point: from }) => from.period === point.period && from.day <= point.day);
  return [
    ...(expectedRows === undefined ? [] : declaredFindings(scope)),
    ...fewRows(scope, profile).filter(
      ({ severity, days }) =>
        severity !== 'warn' ||
        !profile.points.some((point) => point.day === days[0] && inDrop(point)),
    ),
    ...drops.map(({ point, before, after, isUsual, days }): Finding => {
      const { asset } = scope.of;
      return {
        kind: 'drop',
        severity: isUsual ? 'info' : 'warn',
        asset: asset.name,
        days: days.filter((day) => day < scope.range.hi),
        found: `${rowsText(scope, profile.scale, after)} from ${formatDay(point.day)} on, ${Math.round(100 * (1 - after / before))}% fewer than before`,
        expected: `about ${rowsText(scope, profile.scale, before)}, as in the dates before`,
        ...(isUsual ? { cause: 'other periods drop at this time too' } : {}),
        mend: explainWords(scope, [point.day]),
      };
    }),
  ];
}

function fewRows(scope: AssetScope, profile: RowProfile): readonly Finding[] {
  const share = scope.rules.fewRows / 100;
  const isFar = (point: Point): boolean => relativeValue(profile, point) < share;
  const isPatchy = mayBeEmpty(scope);
  const limit = (point: Point): number =>
    isPatchy ? share : Math.max(share, unusualBelow(profile, point));
  return lowStretches(profile, limit)
    .map(({ points, isUsual }) => ({
      points: points.filter((each) => isInRange(scope, each)),
      isUsual,
    }))
    .filter(({ points }) => points.length > 0)
    .flatMap(({ points, isUsual }) =>
      stretchesOf(
        points,
        ({ index }) => index,
        (a, b) => isFar(a) === isFar(b),
      ).map((some) => ({
        points: some,
        isUsual,
      })),
    )
    .map((stretch) => {
      const isError = stretch.points.some(
        (point) => isFar(point) && relativeValue(profile, point) < unusualBelow(profile, point),
      );
      return fewRowsFinding(scope, profile, stretch, isError && !isPatchy);
    });
}

function fewRowsFinding(
  scope: AssetScope,
  profile: RowProfile,
  { points, isUsual }: LowStretch,
  isError: boolean,
): Finding {
  const severity: Severity = isUsual ? 'info' : isError ? 'error' : 'warn';
  const typical = profile.typical.get(points[0]?.period ?? -1) ?? 0;
  const days = points.map(({ day }) => day);
  const found = median(points.map(({ value }) => value));
  return {
    kind: 'few_rows',
    severity,
    asset: scope.of.asset.name,
    days,
    found: `${rowsText(scope, profile.scale, found)}, ${Math.round((100 * found) / typical)}% of what is typical`,
    expected: `about ${rowsText(scope, profile.scale, typical)}`,
    ...(isUsual ? { cause: 'usual at this time of a period' } : {}),
    mend: explainWords(scope, days),
  };
}

function declaredFindings(scope: AssetScope): readonly Finding[] {
  const { per, min = 0, max = Infinity } = scope.declared.expectedRows ?? {};
  const perCounts = per === undefined ? undefined : scope.counts.byAsset.get(per);
  const rate = (index: number): number => {
    if (perCounts === undefined) return rowsAt(scope, index);
    return rowsAt(scope, index) / countOn(perCounts, ROWS, dayAt(scope, index));
  };
  const wanted = scope.indexes.filter((index) => {
    return rowsAt(scope, index) > 0 && !isExpectedEmpty(scope, index);
  });
  const unit = per === undefined ? 'rows' : `rows per row of ${per}`;
  const expected = `${min}${max === Infinity ? ' or more' : ` to ${max}`} ${unit}`;
  const findingsOf = (kind: 'few_rows' | 'many_rows', isOut: (value: number) => boolean) =>
    stretchesOf(
      wanted.filter((index) => isOut(rate(index))),
      (index) => index,
    ).map((indexes): Finding => {
      const days = indexes.map((index) => dayAt(scope, index));
      const found = `${shortNumber(median(indexes.map(rate)))} ${unit}`;
      const severity = kind === 'few_rows' ? 'error' : 'warn';
      const mend = explainWords(scope, days);
      return { kind, severity, asset: scope.of.asset.name, days, found, expected, mend };
    });
  return [
    ...findingsOf('few_rows', (value) => value < min),
    ...findingsOf('many_rows', (value) => value > max),
  ];
}

/**
 * Rows that came out wrong: a source is loaded again once its files are mended, which takes what is built on it
 * along; what is made from others is to be looked into, since made again it comes out the same.
 */
export function explainWords({ of }: AssetScope, days: readonly Day[]): readonly string[] {
  const { name, kind } = of.asset;
  if (kind === 'source') return mendWords('materialize', `${name}+`, days);
  return ['why', name, ...days.slice(0, 1).map(formatDay)];
}

function isInRange({ range, today }: AssetScope, { day }: Point): boolean {
  return range.lo <= day && day < range.hi && day <= today;
}

function variation(profile: Profile): number {
  return robustDeviation(profile.points.map((point) => relativeValue(profile, point)));
}
