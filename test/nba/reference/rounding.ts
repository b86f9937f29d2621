/** domain.md `r(x, n)`: half away from zero; the 1e-7 makes exact ties stable (oracle-notes 1). */
export function r(x: number, n: number): number {
  const scale = 10 ** n;
  const magnitude = Math.floor(Math.abs(x) * scale + 0.5 + 1e-7) / scale;
  return x < 0 && magnitude !== 0 ? -magnitude : magnitude;
}

/** `r` where NULL stays NULL. */
export function rn(x: number | null, n: number): number | null {
  return x === null ? null : r(x, n);
}

export function clamp(x: number, range: { readonly lo: number; readonly hi: number }): number {
  return Math.min(range.hi, Math.max(range.lo, x));
}

/** Clamp to [-limit, limit]. */
export function clampAbs(x: number, limit: number): number {
  return clamp(x, { lo: -limit, hi: limit });
}

/** NULL, not zero or infinity, where the denominator is missing or zero. */
export function ratio(numerator: number | null, denominator: number | null): number | null {
  if (numerator === null || denominator === null || denominator === 0) return null;
  return numerator / denominator;
}

/** Sum of the known values; 0 for none. */
export function sum(values: readonly (number | null)[]): number {
  let total = 0;
  for (const value of values) total += value ?? 0;
  return total;
}

/** A sum is NULL if one of its inputs is NULL (oracle-notes 12). */
export function strictSum(values: readonly (number | null)[]): number | null {
  let total = 0;
  for (const value of values) {
    if (value === null) return null;
    total += value;
  }
  return total;
}

/** Mean of the known values; NULL for none (domain.md, Notation). */
export function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : sum(known) / known.length;
}

function squaredDeviations(values: readonly number[]): number {
  const centre = sum(values) / values.length;
  return sum(values.map((value) => (value - centre) ** 2));
}

/** domain.md `sd`: sample standard deviation, NULL below two values. */
export function sampleSd(values: readonly number[]): number | null {
  return values.length < 2 ? null : Math.sqrt(squaredDeviations(values) / (values.length - 1));
}

/** domain.md `psd`: population standard deviation. */
export function populationSd(values: readonly number[]): number {
  return values.length === 0 ? 0 : Math.sqrt(squaredDeviations(values) / values.length);
}
