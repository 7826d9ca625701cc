/** Losses over squared Euclidean distances, each as one operation with a custom gradient. */
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { tf, withGradient } from './tf';

/** Far above any squared distance, far from float32's end (3e38): what is left out. */
const NEVER = 1e9;

/** All squared Euclidean distances between two sets of points as one product: ‖q − p‖² = ‖q‖² +
 *  ‖p‖² − 2 q·p. In float32 the result errs by about 1e-7 · (‖q‖² + ‖p‖²), and the clamp at 0 hides
 *  the negative half of that; for distances of near-identical points, subtract them.
 *  @param queries [n, d] @param points [m, d]
 *  @returns [n, m], ≥ 0, in squared units of the input. Differentiable once, in both inputs; the
 *    clamp does not stop the gradient (it only removes rounding).
 *  @throws Error when the widths differ */
export function squaredDistances(queries: Tensor2D, points: Tensor2D): Tensor2D {
  return withGradient([queries, points], (q, p) => ({
    value: distancesForward(q, p),
    saved: [q, p],
    gradient: (dy: Tensor2D, [q, p]: [Tensor2D, Tensor2D]) => pullBack(q, p, dy),
  }));
}

/** The value alone, for the insides of other custom gradients. q: [n, d], p: [m, d] → [n, m]. */
function distancesForward(q: Tensor2D, p: Tensor2D): Tensor2D {
  return tf.tidy(() => {
    const cross = tf.matMul(q, tf.transpose(tf.mul(p, -2)) as Tensor2D);
    const pNorms = tf.reshape(tf.sum(tf.square(p), 1), [1, p.shape[0]]);
    // relu, not maximum: 0.2 ms against 15.6 on wasm at 1300 × 1024
    return tf.relu(tf.add(tf.add(cross, tf.sum(tf.square(q), 1, true)), pNorms)) as Tensor2D;
  });
}

/** From g = ∂L/∂distances² [n, m] to [∂L/∂q, ∂L/∂p], [n, d] and [m, d]:
 *  ∂q = 2 (g·1 ∘ q − g p), ∂p = 2 (gᵀ·1 ∘ p − gᵀ q).
 *  gᵀq is taken as (qᵀg)ᵀ: transposing g itself costs 1.9 ms at 1300 × 1024, qᵀ 0.1. */
function pullBack(q: Tensor2D, p: Tensor2D, g: Tensor2D): [Tensor2D, Tensor2D] {
  const rowSums = tf.sum(g, 1, true);
  // sums down the columns as a product: 0.5 ms against 2.7 for tf.sum(g, 0) on wasm
  const columnSums = tf.transpose(tf.matMul(tf.ones([1, g.shape[0]]) as Tensor2D, g));
  const forQ = tf.mul(tf.sub(tf.mul(rowSums, q), tf.matMul(g, p)), 2);
  const forP = tf.mul(
    tf.sub(tf.mul(columnSums, p), tf.transpose(tf.matMul(tf.transpose(q) as Tensor2D, g))),
    2,
  );
  return [forQ as Tensor2D, forP as Tensor2D];
}

interface SoftmaxDistanceInput {
  /** [n, d] */
  queries: Tensor2D;
  /** [n, d], row i belongs to query i */
  positives: Tensor2D;
  /** [m, d], shared by the batch */
  negatives: Tensor2D;
  /** [n, m] of `handicaps`; none when absent */
  handicaps?: Tensor2D | undefined;
  /** [n], ≥ 0; 1 each when absent */
  rowWeights?: Tensor1D | undefined;
}

/** What is added to the squared distances of negatives, made once for all losses over the same
 *  batch.
 *  @param mask [n, m], float32, 1 where the negative is really an interaction of that row's user:
 *    it is left out
 *  @param logQ [m]
 *  @returns [n, m], in nats, as the squared distances are here */
export function handicaps(mask: Tensor2D, logQ?: Tensor1D): Tensor2D {
  const leftOut = tf.mul(mask, NEVER) as Tensor2D;
  return logQ ? tf.add(leftOut, tf.reshape(logQ, [1, -1])) : leftOut;
}

/** Softmax over distances: each query should be nearer to its positive than to a shared set of
 *  negatives.
 *
 *  Per row i, with logit z = −d²:
 *    L_i = −z_i⁺ + log( exp z_i⁺ + Σ_j exp(z_ij − h_ij) )
 *  and the loss is Σ_i w_i L_i / Σ_i w_i. The handicap h is the sampling correction of Bengio &
 *  Senécal 2008, as in TensorFlow's sampled_softmax_loss, log of the expected number of times j is
 *  in the sample, and without end where j is left out. With no correction and the whole catalogue
 *  as negatives (the positive's own column left out) this is the full softmax.
 *
 *  One custom gradient. L_i = softplus(ℓ_i − z_i⁺) with ℓ_i = logsumexp_j, so the positive never
 *  joins the matrix (concat and slice cost 5.5 ms on wasm at 1300 × 1024), and logsumexp comes from
 *  softmax (1.4 ms) as max z − log max p, where tf.logSumExp takes 12 and its gradient 17.
 *  @returns scalar, in nats. A row whose negatives are all left out contributes 0; all-zero weights
 *    give 0. Differentiable once in queries, positives and negatives; handicaps and weights are
 *    constants. */
export function softmaxDistanceLoss(input: SoftmaxDistanceInput): Scalar {
  const { queries, positives, negatives } = input;
  return withGradient([queries, positives, negatives], (q: Tensor2D, p: Tensor2D, x: Tensor2D) => {
    const distances = distancesForward(q, x); // [n, m]
    const logits = tf.neg(input.handicaps ? tf.add(distances, input.handicaps) : distances); // [n, m]
    const probabilities = tf.softmax(logits); // among the negatives only
    const logSum = tf.sub(tf.max(logits, 1, true), tf.log(tf.max(probabilities, 1, true))); // ℓ: [n, 1]
    const offset = tf.sub(q, p);
    const gap = tf.add(logSum, tf.sum(tf.square(offset), 1, true)); // ℓ − z⁺: [n, 1]
    const weights = normalised(input.rowWeights, q.shape[0]); // [n, 1]
    const value = tf.sum(tf.mul(weights, softplus(gap))) as Scalar;
    const pull = tf.mul(weights, tf.sigmoid(gap)); // ∂L/∂d⁺²: [n, 1]
    return { value, saved: [q, x, probabilities, offset, pull] as Tensor2D[], gradient: softmaxGradients };
  });
}

function softmaxGradients(dy: Scalar, [q, x, probabilities, offset, pull]: Tensor2D[]): Tensor[] {
  const weight = tf.mul(dy, pull); // [n, 1]
  const [forQ, forNegatives] = pullBack(q, x, tf.mul(tf.neg(weight), probabilities) as Tensor2D);
  const forOffset = tf.mul(tf.mul(offset, 2), weight); // [n, d]
  return [tf.add(forQ, forOffset), tf.neg(forOffset), forNegatives];
}

/** Row weights that add up to 1, as a column [n, 1]; all zero stays zero. */
function normalised(rowWeights: Tensor1D | undefined, n: number): Tensor2D {
  if (!rowWeights) return tf.fill([n, 1], 1 / n);
  const total = tf.add(tf.sum(rowWeights), 1e-30);
  return tf.reshape(tf.div(rowWeights, total), [n, 1]);
}

/** log(1 + eˣ) without overflow: relu(x) + log(1 + e^−|x|). */
function softplus(x: Tensor): Tensor {
  return tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x)))));
}

/** Added to d² under the root: coincident points get the distance 1e-3 and a gradient of 0. Smaller
 *  values would let float32's rounding of d² (1e-7) through the steep end of the root. */
const EPSILON = 1e-6;

interface TripletHingeInput {
  /** [n, d] */
  queries: Tensor2D;
  /** [n, d], row i belongs to query i */
  positives: Tensor2D;
  /** [m, d], shared by the batch */
  negatives: Tensor2D;
  /** ≥ 0, in the unit of the distance: squared when `squared` */
  margin: number;
  /** distance² (true) or Euclidean distance (false, the default) */
  squared?: boolean | undefined;
  /** only this many nearest negatives of each row count (and those exactly as far as the last); all
   *  when absent */
  hardest?: number | undefined;
  /** [n, m], float32, 1 where the negative is really an interaction of that row's user: it is left
   *  out */
  mask?: Tensor2D | undefined;
  /** [n], ≥ 0; 1 each when absent */
  rowWeights?: Tensor1D | undefined;
}

/** Triplet loss with a hinge: the positive should be nearer than every negative by a margin.
 *
 *  L = mean over (row i, negative j) of max(0, d(q_i, p_i) − d(q_i, x_j) + margin) (Weinberger &
 *  Saul 2009; with squared distances Hsieh et al., WWW 2017, eq. 3; with `hardest: 1` and true
 *  distances the triplet loss of Luo et al.). The mean is weighted: Σ w_i h_ij / Σ w_i over the
 *  pairs that count. One custom gradient; comparisons and selections are arithmetic on 0/1
 *  matrices, because on wasm `where` takes 84 ms, `greater` 6 and `step` 0.3 at 1300 × 1024.
 *  @returns scalar ≥ 0, in the unit of the distance; 0 when no pair counts.
 *  Differentiable once in queries, positives and negatives; mask and weights are constants.
 *  @throws RangeError when `hardest` is not a whole number above 0 */
export function tripletHingeLoss(input: TripletHingeInput): Scalar {
  const { queries, positives, negatives, margin, hardest, squared = false } = input;
  if (hardest !== undefined && !(Number.isInteger(hardest) && hardest > 0))
    throw new RangeError(`hardest must be a whole number above 0, not ${hardest}`);
  return withGradient([queries, positives, negatives], (q, p, x) => {
    const length = (d2: Tensor2D) => (squared ? d2 : (tf.sqrt(tf.add(d2, EPSILON)) as Tensor2D));
    const offset = tf.sub(q, p);
    const near = length(tf.sum(tf.square(offset), 1, true)); // [n, 1]
    const far = length(distancesForward(q, x)); // [n, m]
    const pairs = weightedPairs(far, input); // [n, m], adds up to 1
    const violation = tf.add(tf.sub(near, far), margin); // [n, m]
    const active = tf.mul(tf.step(violation), pairs); // [n, m], ∂L/∂near per pair
    const value = tf.sum(tf.mul(active, violation)) as Scalar;
    const saved = [q, x, offset, near, far, active];
    return {
      value,
      saved,
      gradient: (dy: Scalar, kept: Tensor[]) => hingeGradients(dy, kept as Tensor2D[], squared),
    };
  });
}

function hingeGradients(dy: Scalar, saved: Tensor2D[], squared: boolean): Tensor[] {
  const [q, x, offset, near, far, active] = saved;
  const weight = tf.mul(active, dy) as Tensor2D;
  const perRow = tf.sum(weight, 1, true); // [n, 1]
  // from the distance to its square: ∂d/∂d² = 1 / 2d
  const forNear = squared ? perRow : tf.div(perRow, tf.mul(near, 2)); // [n, 1]
  const forFar = (squared ? tf.neg(weight) : tf.div(weight, tf.mul(far, -2))) as Tensor2D; // [n, m]
  const [forQ, forNegatives] = pullBack(q, x, forFar);
  const forOffset = tf.mul(tf.mul(offset, 2), forNear); // [n, d]
  return [tf.add(forQ, forOffset), tf.neg(forOffset), forNegatives];
}

/** The weight of every pair in the mean: w_i / Σ w over the pairs that count, 0 for the others.
 *  far: [n, m] → [n, m] */
function weightedPairs(far: Tensor2D, { hardest, mask, rowWeights }: TripletHingeInput): Tensor {
  const [n, m] = far.shape;
  let pairs: Tensor | undefined = mask && tf.sub(1, mask);
  if (hardest !== undefined && hardest < m) {
    const reachable = mask ? tf.add(far, tf.mul(mask, NEVER)) : far;
    const { values } = tf.topk(tf.neg(reachable), hardest); // nearest first
    const last = tf.neg(tf.slice(values, [0, hardest - 1], [n, 1])); // [n, 1]
    const chosen = tf.sub(1, tf.step(tf.sub(reachable, last))); // 1 where not farther than the last
    pairs = pairs ? tf.mul(pairs, chosen) : chosen;
  }
  const weights = rowWeights ? tf.reshape(rowWeights, [n, 1]) : tf.ones([n, 1]);
  const weighted = pairs ? tf.mul(pairs, weights) : tf.mul(tf.ones([1, m]), weights);
  return tf.div(weighted, tf.add(tf.sum(weighted), 1e-30));
}

interface CatalogueSoftmaxInput {
  /** [n, d] */
  queries: Tensor2D;
  /** [m, d] */
  points: Tensor2D;
  /** [n, m] w ≥ 0, 0 wherever `known` is 1 */
  shares: Tensor2D;
  /** [n, m] 1 for what does not compete */
  known: Tensor2D;
}

/** Cross-entropy over the whole catalogue, for queries with several right answers at once.
 *
 *    L = −Σ_b Σ_i w_bi log softmax_i(−d²_bi),    the softmax over what b does not know already
 *
 *  w holds the shares of the right answers, or a teacher's distribution, or both (Hinton et al.
 *  2015); the multinomial likelihood of Liang et al. (WWW 2018) with distances in place of inner
 *  products.
 *  @returns scalar, in nats. Differentiable once in queries and points; shares and known are
 *    constants. */
export function catalogueSoftmaxLoss({ queries, points, shares, known }: CatalogueSoftmaxInput): Scalar {
  return withGradient<Scalar, [Tensor2D, Tensor2D], [Tensor2D, Tensor2D, Tensor2D, Tensor2D]>(
    [queries, points],
    (q, x) => {
      const logits = tf.sub(tf.mul(known, -NEVER), distancesForward(q, x)); // [n, m]
      const probabilities = tf.softmax(logits) as Tensor2D;
      const logSum = tf.sub(tf.max(logits, 1, true), tf.log(tf.max(probabilities, 1, true))); // [n, 1]
      const value = tf.sum(tf.mul(shares, tf.sub(logSum, logits))) as Scalar;
      return {
        value,
        saved: [q, x, probabilities, shares],
        gradient: (dy, [savedQ, savedX, p, w]) => {
          // ∂L/∂d² = w − p Σ w
          const forDistances = tf.sub(w, tf.mul(p, tf.sum(w, 1, true)));
          return pullBack(savedQ, savedX, tf.mul(forDistances, dy) as Tensor2D);
        },
      };
    },
  );
}
