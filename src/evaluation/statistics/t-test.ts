/** Paired t-test (Student 1908): are the differences 0 on average? Good for many users whatever the
 *  distribution, by the central limit theorem; Smucker, Allan and Carterette (CIKM 2007) find it in
 *  close agreement with the randomisation test. */
import { jStat } from 'jstat';
import { meanOf } from './paired';

/** Two-sided, n − 1 degrees of freedom.
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
