/** One step of stochastic gradient descent on PITF: in the context (a, b) the candidate i is
 *  preferred to the candidate j.
 *
 *    y(a, b, r) = A_a · R_r + B_b · S_r,   x = y(a, b, i) − y(a, b, j)
 *    loss = −ln σ(x) + ½ λ (‖A_a‖² + ‖R_i‖² + ‖R_j‖²) + ½ λ (‖B_b‖² + ‖S_i‖² + ‖S_j‖²)
 *
 *  (Rendle and Schmidt-Thieme, WSDM 2010, sections 4.2 and 5.3). The pair of a with b is missing as
 *  in the paper: it says nothing about which candidate is better. In tag recommendation a is the
 *  user, b the item and r the tag; in item recommendation a is the user, b the time and r the item.
 *  A term with an unknown context (row −1) is omitted. */

/** Double precision in tests against finite differences, single in training. */
export type Numbers = Float32Array | Float64Array;

/** One of the two pairwise interactions. */
interface Interaction {
  /** [contexts, d] A or B */
  readonly contexts: Numbers;
  /** [candidates, d] R or S */
  readonly candidates: Numbers;
}

export interface PairwiseFactors {
  readonly first: Interaction;
  readonly second: Interaction;
  readonly d: number;
}

/** The context of the candidate: rows of the two context tables, or -1. */
export interface Context {
  readonly a: number;
  readonly b: number;
}

interface Preference {
  readonly positive: number;
  readonly negative: number;
}

export interface Rates {
  readonly learningRate: number;
  readonly regularization: number;
}

/** Changes at most six rows.
 *  @returns −ln σ(x) before the step */
export function pairwiseStep(
  { first, second, d }: PairwiseFactors,
  { a, b }: Context,
  preference: Preference,
  rates: Rates,
): number {
  const x = difference(first, a, preference, d) + difference(second, b, preference, d);
  // σ(−x), the size of the mistake
  const mistake = 1 / (1 + Math.exp(x));
  descend(first, a, preference, { d, mistake, rates });
  descend(second, b, preference, { d, mistake, rates });
  return x > 0 ? Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)) - x;
}

function difference(
  { contexts, candidates }: Interaction,
  row: number,
  { positive, negative }: Preference,
  d: number,
): number {
  if (row < 0) return 0;
  let sum = 0;
  for (let k = 0, c = row * d, p = positive * d, n = negative * d; k < d; k++) {
    sum += contexts[c + k] * (candidates[p + k] - candidates[n + k]);
  }
  return sum;
}

interface Descent {
  readonly d: number;
  readonly mistake: number;
  readonly rates: Rates;
}

function descend(
  { contexts, candidates }: Interaction,
  row: number,
  { positive, negative }: Preference,
  { d, mistake, rates }: Descent,
): void {
  if (row < 0) return;
  const { learningRate, regularization } = rates;
  for (let k = 0, c = row * d, p = positive * d, n = negative * d; k < d; k++) {
    const context = contexts[c + k];
    const better = candidates[p + k];
    const worse = candidates[n + k];
    contexts[c + k] = context + learningRate * (mistake * (better - worse) - regularization * context);
    candidates[p + k] = better + learningRate * (mistake * context - regularization * better);
    candidates[n + k] = worse - learningRate * (mistake * context + regularization * worse);
  }
}

/** @returns [rows, d] normal, of a length of about `deviation`: initial scores are small relative
 *    to a preference */
export function initialFactors(
  rows: number,
  d: number,
  random: { normal(): number },
  deviation = 0.1,
): Float32Array {
  return Float32Array.from({ length: rows * d }, () => (random.normal() * deviation) / Math.sqrt(d));
}
