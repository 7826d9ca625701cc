/** Paired randomisation test: if the systems were the same, each user's difference could as well
 *  have the other sign (Fisher 1935; recommended for retrieval by Smucker, Allan and Carterette,
 *  CIKM 2007). It assumes no distribution and tests the mean itself. */
import { Random } from '../../numeric/random';

export const RANDOMIZATIONS = 10_000;

/** Two-sided, on the mean difference. All sign patterns where they are few enough (then it is exact
 *  and the seed does not matter), else `patterns` random ones, the observed one counted among them,
 *  so that p is never 0 (Phipson and Smyth 2010).
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
