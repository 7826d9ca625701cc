/** Wilcoxon's signed-rank test (Wilcoxon 1945), normal approximation with the correction for ties.
 *  Users without a difference are left out, as Wilcoxon did; SciPy calls it
 *  `wilcoxon(method="approx", zero_method="wilcox", correction=False)`. */
import { jStat } from 'jstat';

/** Two-sided. With fewer than some 10 differing users the approximation is rough.
 *  @param differences [U], finite
 *  @returns the p-value; 1 where nothing differs. Below 1e-15 it reads 0 */
export function wilcoxonSignedRank(differences: Float64Array): number {
  const bySize = differences
    .filter((difference) => difference !== 0)
    .sort((a, b) => Math.abs(a) - Math.abs(b));
  const n = bySize.length;
  if (n === 0) return 1;
  let positiveRanks = 0;
  let ties = 0; // Σ t³ − t over groups of t equal sizes
  for (let from = 0; from < n; ) {
    let to = from + 1;
    while (to < n && Math.abs(bySize[to]) === Math.abs(bySize[from])) to++;
    const rank = (from + 1 + to) / 2; // the mean of the ranks from + 1 … to
    for (let i = from; i < to; i++) if (bySize[i] > 0) positiveRanks += rank;
    const size = to - from;
    ties += size ** 3 - size;
    from = to;
  }
  const mean = (n * (n + 1)) / 4;
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - ties / 48;
  return Math.min(1, 2 * jStat.normal.cdf(-Math.abs(positiveRanks - mean) / Math.sqrt(variance), 0, 1));
}
