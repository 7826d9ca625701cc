/** All that the towers learn, as tables in plain memory: a step takes the rows it needs and updates
 *  just these. */
import type { Random } from '../../numeric/random';
import { RowTable } from '../../tensor';
import { featureCount } from './feature-tower';
import type { TwoTowerHyperparameters } from './hyperparameters';
import { RATING_LEVELS } from './user-tower';

/** γ of the pools where they start: the long-run mean, which stays, and two means that forget,
 *  which learn. */
export const INITIAL_DECAYS = [0.9, 0.5] as const;
export const POOLS = 1 + INITIAL_DECAYS.length;

export const PARAMETER_NAMES = [
  'items',
  'tags',
  'decayLogits',
  'gates',
  'historyOffsets',
  'placeGates',
  'transitions',
  'levelWeights',
  'userBias',
  'demographics',
  'userHiddenWeights',
  'userHiddenBias',
  'userOutputWeights',
  'hiddenWeights',
  'hiddenBias',
  'outputWeights',
  'outputBias',
  'tagGateLogits',
] as const;
export type ParameterName = (typeof PARAMETER_NAMES)[number];
export type Parameters = Readonly<Record<ParameterName, RowTable>>;

export interface Sizes {
  /** [I] 0 where nobody rated the item */
  readonly ratedItems: Uint8Array;
  readonly tags: number;
  readonly genres: number;
  readonly demographics: number;
}

/** Points start near the origin, at about a tenth of where they end: further out, the softmax
 *  starts saturated. */
const POINT_SCALE = 0.1;

/** Small beside the pools, which are a good beginning. */
const TRANSITION_SCALE = 0.1;

export function initialParameters(
  sizes: Sizes,
  settings: TwoTowerHyperparameters,
  random: Random,
): Parameters {
  const {
    embeddingSize: d,
    hiddenSize,
    userHiddenSize,
    historyPoints,
    placeGates,
    transitions,
    members,
  } = settings;
  const table = (rows: number, width: number, value: () => number): RowTable =>
    new RowTable(Float32Array.from({ length: rows * width }, value), width);
  const normal = (scale: number) => () => scale * random.normal();
  const inputs = featureCount(sizes.genres) + d;
  // Of each member (members.ts): coordinates, hidden units, inputs of these. Matrices stand member
  // after member.
  const w = d / members;
  const units = userHiddenSize / members;
  const userInputs = (POOLS + transitions) * w;
  const items = table(sizes.ratedItems.length, d, normal(POINT_SCALE));
  sizes.ratedItems.forEach((rated, item) => {
    if (rated === 0) items.values.fill(0, item * d, (item + 1) * d);
  });
  return {
    items,
    tags: table(sizes.tags, d, normal(POINT_SCALE)),
    decayLogits: new RowTable(
      Float32Array.from(INITIAL_DECAYS, (decay) => Math.log(decay / (1 - decay))),
      1,
    ),
    gates: table(POOLS, d, () => 1 / POOLS),
    historyOffsets: table(historyPoints === 'own' ? sizes.ratedItems.length : 0, d, () => 0),
    placeGates: table(placeGates, d, () => 0),
    transitions: table(transitions * d, w, normal(TRANSITION_SCALE / Math.sqrt(w))),
    levelWeights: table(RATING_LEVELS, 1, () => 1),
    userBias: table(1, d, () => 0),
    demographics: table(sizes.demographics, d, () => 0),
    // Adds nothing at first, by output weights of 0: the pools alone are a good beginning. Without
    // hidden units there are no rows.
    userHiddenWeights: table(
      units > 0 ? members * userInputs : 0,
      Math.max(1, units),
      normal(1 / Math.sqrt(userInputs)),
    ),
    userHiddenBias: table(userHiddenSize > 0 ? 1 : 0, Math.max(1, userHiddenSize), () => 0),
    userOutputWeights: table(userHiddenSize, w, () => 0),
    // He et al. 2015: inputs are about three features of weight 0.6 each, so the fan-in is small
    // whatever the width.
    hiddenWeights: table(inputs, hiddenSize, normal(0.5)),
    hiddenBias: table(1, hiddenSize, () => 0),
    outputWeights: table(hiddenSize, d, normal(POINT_SCALE / Math.sqrt(hiddenSize))),
    outputBias: table(1, d, () => 0),
    tagGateLogits: table(1, d, () => 0),
  };
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
