const WEIGHTS = new Map<number, number[]>();

/** Weight of what was a whole number of steps ago, if `halfLife` steps halve it. */
export function halved(ago: number, halfLife: number): number {
  const weights = WEIGHTS.get(halfLife) ?? [];
  WEIGHTS.set(halfLife, weights);
  return (weights[ago] ??= 0.5 ** (ago / halfLife));
}

/** Sum of the values of all rows, each times its weight. */
export function weighted<Row>(
  rows: readonly Row[],
  weight: (row: Row, at: number) => number,
  value: (row: Row) => number,
): number {
  return rows.reduce((sum, row, at) => sum + weight(row, at) * value(row), 0);
}

/**
 * Mean over games, newest first, of which each weighs half as much as the one that is `halfLife` games newer.
 * @returns null without games
 */
export function fadingMean<Game>(
  newestFirst: readonly Game[],
  halfLife: number,
  value: (game: Game) => number,
): number | null {
  const weight = (_: Game, ago: number): number => halved(ago, halfLife);
  return ratio(
    weighted(newestFirst, weight, value),
    weighted(newestFirst, weight, () => 1),
  );
}

/** Standard deviation around that mean; the value itself for no game. */
export function fadingSpread<Game>(
  newestFirst: readonly Game[],
  halfLife: number,
  value: (game: Game) => number,
): number | null {
  const centre = fadingMean(newestFirst, halfLife, value);
  if (centre === null) return null;
  const variance = fadingMean(newestFirst, halfLife, (game) => (value(game) - centre) ** 2);
  return variance === null ? null : Math.sqrt(variance);
}

/** Mean of the known values; null for none. */
export function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return ratio(
    known.reduce((sum, value) => sum + value, 0),
    known.length,
  );
}

export function ratio(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : part / whole;
}

/** What a function makes of two numbers, unless one of them is unknown. */
export function both(
  one: number | null,
  other: number | null,
  of: (one: number, other: number) => number,
): number | null {
  return one === null || other === null ? null : of(one, other);
}

export function product(...values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>(
    (result, value) => both(result, value, (one, other) => one * other),
    1,
  );
}

export function minus(one: number | null, other: number | null): number | null {
  return both(one, other, (left, right) => left - right);
}
