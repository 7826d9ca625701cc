/** Adversarial personalised ranking on one pair (He, He, Du and Chua, SIGIR 2018, eq. 6 to 11): a
 *  query z prefers the item i to the item j, and shall still do so when every factor is moved by ε
 *  in the worst direction.
 *
 *    δ = h_i − h_j,   x = z · δ + b_i − b_j,   L = −ln σ(x) − λ ln σ(x̂),   x̂ = (z + Δz) · (δ + Δδ) + b_i − b_j
 *
 *  The worst directions are those of the gradient of −ln σ(x): −δ for z, −z for h_i and z for h_j;
 *  so Δz = −ε s δ/‖δ‖, where z is the sum of s perturbed factors, and Δδ = −2 ε z/‖z‖. They are
 *  constants to the gradient of L, which therefore needs three numbers only:
 *
 *    −∂L/∂z = pull δ − towardsQuery z,   −∂L/∂h_i = pull z − towardsItems δ = ∂L/∂h_j,   −∂L/∂b_i = pull = ∂L/∂b_j
 */
import { logOnePlusExp } from '../pairwise';
import type { Numbers } from '../unit-ball';

export interface Adversary {
  /** ε, length of a perturbation */
  readonly epsilon: number;
  /** λ, weight of the perturbed pair */
  readonly adversarialWeight: number;
}

interface PairTerms {
  /** z · δ */
  product: number;
  /** b_i − b_j */
  bias: number;
  /** ‖z‖² */
  zz: number;
  /** ‖δ‖² */
  dd: number;
  /** s, number of perturbed factors that z is the sum of */
  parts: number;
}

export class AdversarialPair {
  pull = 0;
  towardsQuery = 0;
  towardsItems = 0;
  loss = 0;

  constructor(private readonly adversary: Adversary) {}

  differentiate({ product, bias, zz, dd, parts }: Readonly<PairTerms>): void {
    const { epsilon, adversarialWeight } = this.adversary;
    const x = product + bias;
    this.pull = 1 / (1 + Math.exp(x));
    this.loss = logOnePlusExp(-x);
    this.towardsQuery = 0;
    this.towardsItems = 0;
    if (adversarialWeight === 0) return;
    // A vector of length 0 has no direction to be pushed in.
    const a = dd > 0 ? (epsilon * parts) / Math.sqrt(dd) : 0;
    const b = zz > 0 ? (2 * epsilon) / Math.sqrt(zz) : 0;
    const perturbed = product * (1 + a * b) - a * dd - b * zz + bias;
    const mistake = adversarialWeight / (1 + Math.exp(perturbed));
    this.pull += mistake;
    this.towardsQuery = mistake * b;
    this.towardsItems = mistake * a;
    this.loss += adversarialWeight * logOnePlusExp(-perturbed);
  }
}

/** One step of stochastic gradient descent on a user, a stretch of time, and a pair of items. */

export interface AtfFactors {
  /** [I, d] row-major */
  readonly items: Numbers;
  /** [I] */
  readonly biases: Numbers;
  readonly d: number;
  /** [U, d] */
  readonly users: Numbers;
  /** [T, d]; empty where times are unknown */
  readonly times: Numbers;
}

interface AtfPair {
  readonly positive: number;
  readonly negative: number;
  /** Its stretch of time, -1 for an unknown one */
  readonly time: number;
}

export interface Rates {
  readonly learningRate: number;
  readonly regularization: number;
}

export class PairStepper {
  private readonly pair: AdversarialPair;
  /** [d] z and δ of the current pair */
  private readonly query: Float64Array;
  private readonly difference: Float64Array;
  /** One object for all pairs, overwritten by each */
  private readonly terms: PairTerms = { product: 0, bias: 0, zz: 0, dd: 0, parts: 1 };

  constructor(
    adversary: Adversary,
    private readonly d: number,
  ) {
    this.pair = new AdversarialPair(adversary);
    this.query = new Float64Array(d);
    this.difference = new Float64Array(d);
  }

  /** Changes the rows of the user, of the time and of both items.
   *  @returns the loss before the step, without λ‖·‖² */
  take(factors: AtfFactors, user: number, given: AtfPair, { learningRate, regularization }: Rates): number {
    const { d, pair, query, difference } = this;
    const { users, times, items, biases } = factors;
    this.differentiate(factors, user * d, given);
    const { positive, negative, time } = given;
    const shrink = 1 - learningRate * regularization;
    const pull = learningRate * pair.pull;
    const towardsQuery = learningRate * pair.towardsQuery;
    const towardsItems = learningRate * pair.towardsItems;
    const [u, t, i, j] = [user * d, time * d, positive * d, negative * d];
    for (let k = 0; k < d; k++) {
      const z = query[k];
      const delta = difference[k];
      const ofUser = pull * delta - towardsQuery * z;
      const ofItem = pull * z - towardsItems * delta;
      users[u + k] = shrink * users[u + k] + ofUser;
      items[i + k] = shrink * items[i + k] + ofItem;
      items[j + k] = shrink * items[j + k] - ofItem;
      if (time >= 0) times[t + k] = shrink * times[t + k] + ofUser;
    }
    biases[positive] = shrink * biases[positive] + pull;
    biases[negative] = shrink * biases[negative] - pull;
    return pair.loss;
  }

  /** The same for the factor of the only user: items and times stay as they are. */
  takeForUser(factors: AtfFactors, given: AtfPair, { learningRate, regularization }: Rates): void {
    const { d, pair, query, difference } = this;
    const user = factors.users;
    this.differentiate(factors, 0, given);
    const shrink = 1 - learningRate * regularization;
    const pull = learningRate * pair.pull;
    const towardsQuery = learningRate * pair.towardsQuery;
    for (let k = 0; k < d; k++) user[k] = shrink * user[k] + pull * difference[k] - towardsQuery * query[k];
  }

  /** @returns z · h_i + b_i of any item i, until the next step */
  scorer(
    { users, items, biases, times }: AtfFactors,
    user: number,
    time: number,
  ): (item: number) => number {
    const { d, query } = this;
    const [u, t] = [user * d, time * d];
    for (let k = 0; k < d; k++) query[k] = time >= 0 ? users[u + k] + times[t + k] : users[u + k];
    return (item) => {
      const i = item * d;
      let score = biases[item];
      for (let k = 0; k < d; k++) score += query[k] * items[i + k];
      return score;
    };
  }

  /** @param u position of the user's factor in `users` */
  private differentiate(
    { users, items, times, biases }: AtfFactors,
    u: number,
    { positive, negative, time }: AtfPair,
  ): void {
    const { d, query, difference, terms } = this;
    const [t, i, j] = [time * d, positive * d, negative * d];
    let product = 0;
    let zz = 0;
    let dd = 0;
    for (let k = 0; k < d; k++) {
      const z = time >= 0 ? users[u + k] + times[t + k] : users[u + k];
      const delta = items[i + k] - items[j + k];
      query[k] = z;
      difference[k] = delta;
      product += z * delta;
      zz += z * z;
      dd += delta * delta;
    }
    terms.product = product;
    terms.bias = biases[positive] - biases[negative];
    terms.zz = zz;
    terms.dd = dd;
    terms.parts = time >= 0 ? 2 : 1;
    this.pair.differentiate(terms);
  }
}
