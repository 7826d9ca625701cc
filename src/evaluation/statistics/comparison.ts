/** One system against another on the same users: the difference of means, how sure it is, and
 *  whether chance would explain it. */
import { bootstrapIntervals } from '../bootstrap';
import { EVALUATION_SEED } from '../ranking';
import { meanOf, pairedDifferences } from './paired';
import { randomizationTest } from './randomization';
import { pairedTTest } from './t-test';
import { wilcoxonSignedRank } from './wilcoxon';

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
