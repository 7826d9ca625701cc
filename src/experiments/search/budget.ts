/** The budget that successive halving spends is the hyperparameter `epochs`. Pure. */

/** @param epochs null: no budget, the hyperparameters are as they are */
export function withBudget(
  hyperparameters: Record<string, unknown>,
  epochs: number | null,
): Record<string, unknown> {
  return epochs === null ? hyperparameters : { ...hyperparameters, epochs };
}
