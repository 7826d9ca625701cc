/** How a search spends its trainings. Pure. */

export interface Rung {
  /** How many trials start on it */
  readonly trials: number;
  /** The budget of each; null where the strategy has none */
  readonly epochs: number | null;
}

export const ETA = 3;

/** Random search: every point with its own full budget. */
export function randomRungs(trials: number): Rung[] {
  return [{ trials, epochs: null }];
}

/** Successive halving (Jamieson and Talwalkar, AISTATS 2016; as in one bracket of Hyperband, Li et
 *  al., JMLR 2018): many points with few epochs, the best third of them with three times as many,
 *  and so on up to the full budget.
 *  @param trials 1 or more
 *  @param epochs the full budget, 1 or more
 *  @returns at least one rung; the last has the full budget, and the first as few epochs as leave a
 *    point for each further rung */
export function halvingRungs(trials: number, epochs: number, eta = ETA): Rung[] {
  let last = 0;
  while (eta ** (last + 1) <= Math.min(trials, epochs)) last++;
  return Array.from({ length: last + 1 }, (_, rung) => ({
    trials: Math.floor(trials / eta ** rung),
    epochs: Math.max(1, Math.round(epochs / eta ** (last - rung))),
  }));
}
