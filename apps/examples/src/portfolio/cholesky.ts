/** The lower triangular matrix L with L · Lᵀ = `matrix`: it turns independent shocks into ones that move together. */
export function cholesky(matrix: readonly (readonly number[])[]): number[][] {
  const lower: number[][] = [];
  for (const [i, row] of matrix.entries()) {
    const line: number[] = [];
    for (let j = 0; j <= i; j++) {
      const above = j === i ? line : (lower[j] as number[]);
      let rest = row[j] as number;
      for (let k = 0; k < j; k++) rest -= (line[k] as number) * (above[k] as number);
      if (j === i && rest <= 0) throw new Error("The covariance is not positive definite: two stocks move as one.");
      line.push(j === i ? Math.sqrt(rest) : rest / (above[j] as number));
    }
    lower.push(line);
  }
  return lower;
}
