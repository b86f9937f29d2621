/** Steps in which weight is moved from one member to another, coarse to fine. */
const STEPS = [0.2, 0.1];
/** Share of the error that a step must gain: less is chance. */
const SMALLEST_GAIN = 2e-4;

/**
 * Weights of the members, none negative, summing to 1, with the least mean absolute error that is found
 * from equal weights and, since that way may end early, from the best member alone.
 * @param predictions per member, on the same scale as the target
 */
export function blendWeights(predictions: readonly Float64Array[], target: Float64Array): number[] {
  const equal = predictions.map(() => 1 / predictions.length);
  const alone = predictions.map((_, member) =>
    predictions.map((__, at) => (at === member ? 1 : 0)),
  );
  const errors = alone.map((weights) => errorOf(predictions, weights, target));
  const best = alone[errors.indexOf(Math.min(...errors))] ?? equal;
  const [first, second] = [equal, best].map((start) => descend(predictions, start, target));
  if (!first || !second) return [];
  return rounded(second.error < first.error - 1e-9 ? second.weights : first.weights);
}

/** Moves weight from one member to another as long as the error falls. */
function descend(
  predictions: readonly Float64Array[],
  start: readonly number[],
  target: Float64Array,
): { readonly weights: readonly number[]; readonly error: number } {
  const weights = [...start];
  let best = errorOf(predictions, weights, target);
  for (const step of STEPS) {
    for (let moved = true; moved;) {
      moved = false;
      for (const [from, to] of pairs(weights.length)) {
        const amount = Math.min(step, weights[from] ?? 0);
        if (amount < 1e-9) continue;
        const tried = weights.map(
          (weight, at) => weight + (at === to ? amount : 0) - (at === from ? amount : 0),
        );
        const error = errorOf(predictions, tried, target);
        if (error >= best * (1 - SMALLEST_GAIN)) continue;
        best = error;
        tried.forEach((weight, at) => (weights[at] = weight));
        moved = true;
      }
    }
  }
  return { weights, error: best };
}

/** To four decimals; the largest takes what is then missing to 1. */
function rounded(weights: readonly number[]): number[] {
  const short = weights.map((weight) => Number(weight.toFixed(4)));
  const rest = 1 - short.reduce((sum, weight) => sum + weight, 0);
  const largest = short.indexOf(Math.max(...short));
  return short.map((weight, at) => (at === largest ? Number((weight + rest).toFixed(4)) : weight));
}

function* pairs(count: number): Generator<[number, number]> {
  for (let from = 0; from < count; from++) {
    for (let to = 0; to < count; to++) if (from !== to) yield [from, to];
  }
}

function errorOf(
  predictions: readonly Float64Array[],
  weights: readonly number[],
  target: Float64Array,
): number {
  const blended = blend(predictions, weights);
  let sum = 0;
  for (let row = 0; row < target.length; row++) {
    sum += Math.abs((blended[row] as number) - (target[row] as number));
  }
  return target.length === 0 ? 0 : sum / target.length;
}

/** The weighted sum of the members' predictions. */
export function blend(
  predictions: readonly Float64Array[],
  weights: readonly number[],
): Float64Array {
  const sums = new Float64Array(predictions[0]?.length ?? 0);
  predictions.forEach((prediction, member) => {
    const weight = weights[member] ?? 0;
    for (let row = 0; row < sums.length; row++) {
      sums[row] = (sums[row] as number) + weight * (prediction[row] as number);
    }
  });
  return sums;
}
