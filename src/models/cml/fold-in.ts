/** A user's point from a history: CML's own objective for that user alone, the items as learned. It
 *  begins at the mean of the history's items, which is where the pull of the items alone would have
 *  its minimum, and takes projected gradient steps whose length falls linearly to 0. */
import { meanRow, stepThroughHistory } from '../history-steps';
import { ImpostorSearch, rankWeight, squaredDistance } from '../impostors';
import { projectOntoUnitBall } from '../unit-ball';

export interface CmlFoldIn {
  readonly margin: number;
  readonly negatives: number;
  readonly foldInSteps: number;
  /** Length of the first step per unit of ‖i − j‖, for an impostor that ranks before the whole
   *  catalogue */
  readonly foldInRate: number;
  readonly seed: number;
}

/** @param history dense item indices, not empty
 *  @param items   [I, d] in the unit ball
 *  @returns [d] in the unit ball */
export function foldInUser(
  history: Int32Array,
  items: Float32Array,
  d: number,
  plan: CmlFoldIn,
): Float32Array {
  const point = meanRow(items, d, history);
  const rated = new Set(history);
  const impostors = new ImpostorSearch(items, d, { has: (_, item) => rated.has(item) });
  const { margin, negatives, foldInRate, foldInSteps: steps, seed } = plan;
  const heaviest = rankWeight(negatives, negatives, items.length / d);
  stepThroughHistory(history, { steps, seed }, (positive, random, done) => {
    const p = positive * d;
    const reach = margin + squaredDistance(point, 0, items, p, d);
    impostors.search(point, 0, { reach, user: 0, draws: negatives }, random);
    if (impostors.nearest < 0) return;
    const n = impostors.nearest * d;
    const rate =
      (foldInRate * (1 - done) * rankWeight(impostors.count, negatives, items.length / d)) / heaviest;
    // Against the gradient of triplet.ts, which for the user is 2 w (j − i).
    for (let k = 0; k < d; k++) point[k] += rate * (items[p + k] - items[n + k]);
    projectOntoUnitBall(point, 0, d);
  });
  return point;
}
