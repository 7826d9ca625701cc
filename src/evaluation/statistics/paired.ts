/** Two systems measured on the same users: the difference of means, how sure it is, and whether
 *  chance would explain it. The tests work on the differences, one a user. */
import { jStat } from 'jstat';
import { AppError } from '../../errors';
import { Random } from '../../numeric/random';
import { bootstrapIntervals } from '../bootstrap';
import { EVALUATION_SEED } from '../ranking';

export interface PairedComparison {
  readonly users: number;
  readonly baselineMean: number;
  readonly candidateMean: number;
  /** candidate − baseline */
  readonly difference: number;
  /** 95 % interval of the difference, by bootstrap over the users (their pairs stay together) */
  readonly low: number;
  readonly high: number;
  readonly tTest: number;
  readonly wilcoxon: number;
  readonly randomization: number;
}

/** @param baseline, candidate [U] each, the same users in the same order
 *  @throws UnpairedError */
export function comparePaired(
  baseline: Float32Array,
  candidate: Float32Array,
  seed = EVALUATION_SEED,
): PairedComparison {
  const differences = pairedDifferences(candidate, baseline);
  const [interval] = bootstrapIntervals([Float32Array.from(differences)], seed);
  return {
    users: differences.length,
    baselineMean: meanOf(baseline),
    candidateMean: meanOf(candidate),
    difference: meanOf(differences),
    low: interval.low,
    high: interval.high,
    tTest: pairedTTest(differences),
    wilcoxon: wilcoxonSignedRank(differences),
    randomization: randomizationTest(differences, seed),
  };
}

/** The two columns do not belong together. */
export class UnpairedError extends AppError {
  readonly code = 'INTERNAL_SERVER_ERROR';
}

/** @param candidate, baseline [U] each, the same users in the same order
 *  @returns [U] candidate − baseline
 *  @throws UnpairedError on different lengths, none at all, or a value that is not finite */
export function pairedDifferences(candidate: ArrayLike<number>, baseline: ArrayLike<number>): Float64Array {
  if (candidate.length !== baseline.length) {
    throw new UnpairedError(`${candidate.length} values cannot be paired with ${baseline.length}.`);
  }
  if (candidate.length === 0) throw new UnpairedError('There are no users to compare.');
  const differences = Float64Array.from(candidate, (value, user) => value - baseline[user]);
  const bad = differences.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new UnpairedError(
      `Values must be finite; at index ${bad} they are ${candidate[bad]} and ${baseline[bad]}.`,
    );
  return differences;
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** Paired t-test (Student 1908): are the differences 0 on average? Good for many users whatever the
 *  distribution, by the central limit theorem; Smucker, Allan and Carterette (CIKM 2007) find it in
 *  close agreement with the randomisation test. Two-sided, n − 1 degrees of freedom.
 *  @param differences [U], finite
 *  @returns the p-value, exact to some 8 digits; 1 where nothing differs, and for a single user,
 *    who proves nothing */
export function pairedTTest(differences: Float64Array): number {
  const n = differences.length;
  const mean = meanOf(differences);
  if (n < 2 || mean === 0) return 1;
  let squares = 0;
  for (const difference of differences) squares += (difference - mean) ** 2;
  const standardError = Math.sqrt(squares / (n - 1) / n);
  if (standardError === 0) return 0;
  return Math.min(1, 2 * jStat.studentt.cdf(-Math.abs(mean / standardError), n - 1));
}

/** Wilcoxon's signed-rank test (Wilcoxon 1945), two-sided, normal approximation with the correction
 *  for ties; rough with fewer than some 10 differing users. Users without a difference are
 *  excluded, as in Wilcoxon's paper; SciPy calls it `wilcoxon(method="approx",
 *  zero_method="wilcox", correction=False)`.
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

export const RANDOMIZATIONS = 10_000;

/** Paired randomisation test: if the systems were the same, each user's difference could as well
 *  have the other sign (Fisher 1935; recommended for retrieval by Smucker, Allan and Carterette,
 *  CIKM 2007). It assumes no distribution and tests the mean itself, two-sided. All sign patterns
 *  where they are few enough (then it is exact and the seed does not matter), else `patterns`
 *  random ones, the observed one counted among them, so that p is never 0 (Phipson and Smyth 2010).
 *  @param differences [U], finite
 *  @returns the p-value; 1 where nothing differs */
export function randomizationTest(
  differences: Float64Array,
  seed: number,
  patterns = RANDOMIZATIONS,
): number {
  const changing = differences.filter((difference) => difference !== 0);
  if (changing.length === 0) return 1;
  const observed = Math.abs(changing.reduce((sum, difference) => sum + difference, 0));
  // Sums of the same numbers in another order differ in the last digits: those count as equal.
  const least = observed - 1e-12 * changing.reduce((sum, difference) => sum + Math.abs(difference), 0);
  const all = 2 ** changing.length;
  if (all <= patterns) {
    let extreme = 0;
    for (let pattern = 0; pattern < all; pattern++)
      if (Math.abs(signedSum(changing, () => pattern)) >= least) extreme++;
    return extreme / all;
  }
  const random = new Random(seed);
  let extreme = 0;
  for (let draw = 0; draw < patterns; draw++)
    if (Math.abs(signedSum(changing, () => random.uint32())) >= least) extreme++;
  return (extreme + 1) / (patterns + 1);
}

/** @param bits gives 32 signs at each call */
function signedSum(values: Float64Array, bits: () => number): number {
  let sum = 0;
  for (let from = 0; from < values.length; from += 32) {
    let signs = bits();
    const to = Math.min(from + 32, values.length);
    for (let i = from; i < to; i++) {
      sum += (1 - ((signs & 1) << 1)) * values[i];
      signs >>>= 1;
    }
  }
  return sum;
}

/** Holm's step-down correction (Holm, Scandinavian Journal of Statistics 1979): among many
 *  comparisons, the chance of even one false alarm stays below the level, whatever the dependence
 *  between them. Never weaker than Bonferroni's.
 *  @param pValues of one family of comparisons
 *  @returns the adjusted p-values in the same order: compare each with the level itself
 *  @throws RangeError for what is no probability */
export function holm(pValues: readonly number[]): number[] {
  const wrong = pValues.find((p) => !(p >= 0 && p <= 1));
  if (wrong !== undefined) throw new RangeError(`${wrong} is not a probability.`);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  const ascending = [...pValues.keys()].sort((a, b) => pValues[a] - pValues[b]);
  ascending.forEach((at, step) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - step) * pValues[at]));
    adjusted[at] = largest;
  });
  return adjusted;
}
