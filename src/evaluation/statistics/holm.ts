/** Holm's step-down correction (Holm, Scandinavian Journal of Statistics 1979): among many
 *  comparisons, the chance of even one false alarm stays below the level, whatever the dependence
 *  between them. Never weaker than Bonferroni's. */

/** @param pValues of one family of comparisons
 *  @returns the adjusted p-values in the same order: compare each with the level itself
 *  @throws RangeError for what is no probability */
export function holm(pValues: readonly number[]): number[] {
  const wrong = pValues.find((p) => !(p >= 0 && p <= 1));
  if (wrong !== undefined) throw new RangeError(`${wrong} is no probability.`);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  const ascending = [...pValues.keys()].sort((a, b) => pValues[a] - pValues[b]);
  ascending.forEach((at, step) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - step) * pValues[at]));
    adjusted[at] = largest;
  });
  return adjusted;
}
