/** One step of stochastic gradient descent on one pair: the user u prefers the item i to the item
 *  j.
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

/** Changes the three rows. The factors of the update are taken out of the loops: with them inside,
 *  a step took twice as long.
 *  @returns −ln σ(x) before the step */
export function pairStep(
  { users, items, biases, d }: Factors,
  user: number,
  { positive, negative }: Pair,
  rates: Rates,
): number {
  const [u, i, j] = [user * d, positive * d, negative * d];
  let x = biases[positive] - biases[negative];
  for (let k = 0; k < d; k++) x += users[u + k] * (items[i + k] - items[j + k]);
  const { learningRate } = rates;
  // σ(−x) is the size of the mistake.
  const pull = learningRate / (1 + Math.exp(x));
  const userShrink = 1 - learningRate * rates.userRegularization;
  const itemShrink = 1 - learningRate * rates.itemRegularization;
  const biasShrink = 1 - learningRate * rates.biasRegularization;
  for (let k = 0; k < d; k++) {
    const w = users[u + k];
    const hi = items[i + k];
    const hj = items[j + k];
    users[u + k] = userShrink * w + pull * (hi - hj);
    items[i + k] = itemShrink * hi + pull * w;
    items[j + k] = itemShrink * hj - pull * w;
  }
  biases[positive] = biasShrink * biases[positive] + pull;
  biases[negative] = biasShrink * biases[negative] - pull;
  return logOnePlusExp(-x);
}

/** The same for the user alone, the items standing still.
 *  @param user [d], changed */
export function userStep(
  user: Float64Array,
  { items, biases, d }: ItemFactors,
  { positive, negative }: Pair,
  rates: Rates,
): void {
  const [i, j] = [positive * d, negative * d];
  let x = biases[positive] - biases[negative];
  for (let k = 0; k < d; k++) x += user[k] * (items[i + k] - items[j + k]);
  const pull = rates.learningRate / (1 + Math.exp(x));
  const shrink = 1 - rates.learningRate * rates.userRegularization;
  for (let k = 0; k < d; k++) user[k] = shrink * user[k] + pull * (items[i + k] - items[j + k]);
}

/** ln(1 + eˣ) without overflow. */
function logOnePlusExp(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
