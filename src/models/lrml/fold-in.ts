/** A user's point from a history: LRML's own objective for that user alone, items and memory as
 *  learned. It begins where the mean relation would carry it to the mean of the history's items,
 *  and takes projected gradient steps whose length falls linearly to 0. */
import { meanRow, stepThroughHistory } from '../history-steps';
import { ImpostorSearch, squaredDistance } from '../impostors';
import { projectOntoUnitBall } from '../unit-ball';
import { differentiatePair, lrmlGradient } from './pair-gradient';
import { Relation } from './relation';
import { translate } from './training';

export interface LrmlFoldIn {
  readonly margin: number;
  readonly negatives: number;
  readonly foldInSteps: number;
  /** Of half the gradient, i − j and what runs through the attention */
  readonly foldInRate: number;
  readonly seed: number;
}

export interface LearnedLrml {
  /** [I, d] in the unit ball */
  readonly items: Float32Array;
  /** [N, d] */
  readonly keys: Float32Array;
  /** [N, d] */
  readonly memories: Float32Array;
  readonly d: number;
}

/** @param history dense item indices, not empty
 *  @returns [d] in the unit ball */
export function foldInUser(
  history: Int32Array,
  { items, keys, memories, d }: LearnedLrml,
  plan: LrmlFoldIn,
): Float32Array {
  const meanRelation = meanRow(memories, d);
  const point = meanRow(items, d, history).map((x, k) => x - meanRelation[k]);
  projectOntoUnitBall(point, 0, d);
  const rated = new Set(history);
  const relation = new Relation(keys, memories, d);
  const impostors = new ImpostorSearch(items, d, { has: (_, item) => rated.has(item) });
  const gradient = lrmlGradient(d);
  const query = new Float32Array(d);
  const { margin, negatives, foldInRate, foldInSteps: steps, seed } = plan;
  stepThroughHistory(history, { steps, seed }, (positive, random, done) => {
    const p = positive * d;
    relation.attend(point, 0, items, p);
    translate(point, 0, relation, query);
    const reach = margin + squaredDistance(query, 0, items, p, d);
    impostors.search(query, 0, { reach, user: 0, draws: negatives }, random);
    if (impostors.nearest < 0) return;
    differentiatePair(
      { user: [point, 0], positive: [items, p], negative: [items, impostors.nearest * d] },
      relation,
      gradient,
    );
    const rate = (foldInRate * (1 - done)) / 2;
    for (let k = 0; k < d; k++) point[k] -= rate * gradient.user[k];
    projectOntoUnitBall(point, 0, d);
  });
  return point;
}
