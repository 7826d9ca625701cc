/** One step of stochastic gradient descent on a user, a stretch of time, and a pair of items. */
import type { Numbers } from '../impostors';
import { AdversarialPair, type Adversary } from './adversarial-pair';

export interface AtfItems {
  /** [I, d] row-major */
  readonly items: Numbers;
  /** [I] */
  readonly biases: Numbers;
  readonly d: number;
}

export interface AtfFactors extends AtfItems {
  /** [U, d] */
  readonly users: Numbers;
  /** [T, d]; empty where times are unknown */
  readonly times: Numbers;
}

export interface AtfPair {
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
  take(
    factors: AtfFactors,
    user: number,
    { positive, negative, time }: AtfPair,
    { learningRate, regularization }: Rates,
  ): number {
    const { d, pair, query, difference } = this;
    const { users, times, items, biases } = factors;
    this.differentiate(factors, users, user * d, times, { positive, negative, time });
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

  /** The same for the user alone.
   *  @param user [d], changed */
  takeForUser(
    user: Numbers,
    factors: Omit<AtfFactors, 'users'>,
    given: AtfPair,
    { learningRate, regularization }: Rates,
  ): void {
    const { d, pair, query, difference } = this;
    this.differentiate(factors, user, 0, factors.times, given);
    const shrink = 1 - learningRate * regularization;
    const pull = learningRate * pair.pull;
    const towardsQuery = learningRate * pair.towardsQuery;
    for (let k = 0; k < d; k++) user[k] = shrink * user[k] + pull * difference[k] - towardsQuery * query[k];
  }

  /** @param users holds the user's factor from u on
   *  @returns z · h_i + b_i of any item i, until the next step */
  scorer(
    { items, biases, times }: Omit<AtfFactors, 'users'>,
    users: Numbers,
    u: number,
    time: number,
  ): (item: number) => number {
    const { d, query } = this;
    const t = time * d;
    for (let k = 0; k < d; k++) query[k] = time >= 0 ? users[u + k] + times[t + k] : users[u + k];
    return (item) => {
      const i = item * d;
      let score = biases[item];
      for (let k = 0; k < d; k++) score += query[k] * items[i + k];
      return score;
    };
  }

  private differentiate(
    { items, biases }: AtfItems,
    users: Numbers,
    u: number,
    times: Numbers,
    { positive, negative, time }: AtfPair,
  ): void {
    const { d, query, difference } = this;
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
    this.pair.differentiate(product, biases[positive] - biases[negative], zz, dd, time >= 0 ? 2 : 1);
  }
}
