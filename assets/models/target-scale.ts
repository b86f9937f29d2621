/**
 * Counts are skewed to the right. On the scale of sqrt(count + 1/4) their spread is nearly the same
 * everywhere and the mean is near the median, which is what an absolute error asks for. Below zero the
 * scale goes on as a straight line, so that it can be turned back everywhere.
 */
export function toScale(count: number): number {
  return count < 0 ? 0.5 + count : Math.sqrt(count + 0.25);
}

/** The count behind a value on the scale. */
export function fromScale(value: number): number {
  return value < 0.5 ? value - 0.5 : value ** 2 - 0.25;
}
