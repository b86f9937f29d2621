/**
 * Solves `matrix · x = right` by Cholesky's decomposition.
 * @param matrix symmetric and positive definite, row by row; it is overwritten
 */
export function solvePositive(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  decompose(matrix, size);
  const solution = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    let sum = solution[row] as number;
    for (let at = 0; at < row; at++) {
      sum -= (matrix[row * size + at] as number) * (solution[at] as number);
    }
    solution[row] = sum / (matrix[row * size + row] as number);
  }
  for (let row = size - 1; row >= 0; row--) {
    let sum = solution[row] as number;
    for (let at = row + 1; at < size; at++) {
      sum -= (matrix[at * size + row] as number) * (solution[at] as number);
    }
    solution[row] = sum / (matrix[row * size + row] as number);
  }
  return solution;
}

/** Puts the lower triangle whose product with its transpose is the matrix into the matrix. */
function decompose(matrix: Float64Array, size: number): void {
  for (let column = 0; column < size; column++) {
    for (let row = column; row < size; row++) {
      let sum = matrix[row * size + column] as number;
      for (let at = 0; at < column; at++) {
        sum -= (matrix[row * size + at] as number) * (matrix[column * size + at] as number);
      }
      matrix[row * size + column] =
        row === column
          ? Math.sqrt(Math.max(sum, 1e-12))
          : sum / (matrix[column * size + column] as number);
    }
  }
}
