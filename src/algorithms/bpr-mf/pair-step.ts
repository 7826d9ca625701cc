/** One step of stochastic gradient descent on one pair: the user u prefers the item i to the item j.
 *
 *    x = w_u · (h_i − h_j) + b_i − b_j,   loss = −ln σ(x) + ½ λ_w ‖w_u‖² + ½ λ_h (‖h_i‖² + ‖h_j‖²) + ½ λ_b (b_i² + b_j²)
 *
 *  (Rendle et al., UAI 2009, section 4.3.1, with an item bias.) */

/** Double precision in tests against finite differences, single in training. */
export type Numbers = Float32Array | Float64Array;

export interface ItemFactors {
  /** [I, d] row-major */
  readonly items: Numbers;
  /** [I] */
  readonly biases: Numbers;
  readonly d: number;
}

export interface Factors extends ItemFactors {
  /** [U, d] row-major */
  readonly users: Numbers;
}

export interface Pair {
  /** Dense index of an item that the user has */
  readonly positive: number;
  /** and of one that the user has not */
  readonly negative: number;
}

export interface Rates {
  readonly learningRate: number;
  readonly userRegularization: number;
  readonly itemRegularization: number;
  readonly biasRegularization: number;
}

/** Changes the three rows.
 *  @returns −ln σ(x) before the step */
export function pairStep({ users, items, biases, d }: Factors, user: number, pair: Pair, rates: Rates): number {
  const { positive: i, negative: j } = pair;
  const { learningRate, userRegularization, itemRegularization, biasRegularization } = rates;
  const u = user * d;
  const p = i * d;
  const n = j * d;
  let x = biases[i] - biases[j];
  for (let k = 0; k < d; k++) x += users[u + k] * (items[p + k] - items[n + k]);
  // σ(−x), the size of the mistake
  const mistake = 1 / (1 + Math.exp(x));
  for (let k = 0; k < d; k++) {
    const w = users[u + k];
    const hi = items[p + k];
    const hj = items[n + k];
    users[u + k] = w + learningRate * (mistake * (hi - hj) - userRegularization * w);
    items[p + k] = hi + learningRate * (mistake * w - itemRegularization * hi);
    items[n + k] = hj - learningRate * (mistake * w + itemRegularization * hj);
  }
  biases[i] += learningRate * (mistake - biasRegularization * biases[i]);
  biases[j] -= learningRate * (mistake + biasRegularization * biases[j]);
  return logOnePlusExp(-x);
}

/** The same for the user alone, the items standing still.
 *  @param user [d], changed */
export function userStep(user: Float64Array, { items, biases, d }: ItemFactors, pair: Pair, rates: Rates): void {
  const { positive: i, negative: j } = pair;
  const p = i * d;
  const n = j * d;
  let x = biases[i] - biases[j];
  for (let k = 0; k < d; k++) x += user[k] * (items[p + k] - items[n + k]);
  const mistake = 1 / (1 + Math.exp(x));
  for (let k = 0; k < d; k++) {
    user[k] += rates.learningRate * (mistake * (items[p + k] - items[n + k]) - rates.userRegularization * user[k]);
  }
}

/** ln(1 + eˣ) without overflow. */
function logOnePlusExp(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
