/** Steps in which weight is moved from one member to another, coarse to fine. */
const STEPS = [0.2, 0.1, 0.05];

/**
 * Weights of the members, none negative, summing to 1, with the least mean absolute error.
 * @param predictions per member, on the same scale as the target
 */
export function blendWeights(predictions: readonly Float64Array[], target: Float64Array): number[] {
  const weights = predictions.map(() => 1 / predictions.length);
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
        if (error >= best - 1e-9) continue;
        best = error;
        tried.forEach((weight, at) => (weights[at] = weight));
        moved = true;
      }
    }
  }
  return weights.map((weight) => Number(weight.toFixed(4)));
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
