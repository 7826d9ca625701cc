/** All that the towers learn, as tables in plain memory: a step takes the rows it needs and updates
 *  just these. What is published of them is the artifact that space.ts reads. */
import type { TrainingData } from '../../interactions/interaction-log';
import type { Random } from '../../numeric/random';
import { RowTable } from '../../tensor/row-adam';
import type { Artifact } from '../artifact';
import { featureCount, featurePoint, type ItemFeatureVectors, meanPoint, RATING_LEVELS } from './forward';
import { dislikesOf, publishedLevelWeights, type TwoTowerHyperparameters } from './hyperparameters';
import { arrayShapes, type TowerArray, TWO_TOWER_KIND } from './space';

/** Initial γ of the pools: the long-run mean, which is fixed, and two decaying means, which are
 *  learned. */
const INITIAL_DECAYS = [0.9, 0.5] as const;
const POOLS = 1 + INITIAL_DECAYS.length;

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
  /** [I] 0 for an item without ratings */
  readonly ratedItems: Uint8Array;
  readonly tags: number;
  readonly genres: number;
  readonly demographics: number;
}

/** Points start near the origin, at about a tenth of where they end: further out, the softmax
 *  starts saturated. */
const POINT_SCALE = 0.1;

/** Small relative to the pools, which are a good initialization. */
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
  // Of each member (towers.ts): coordinates, hidden units, inputs of these. Matrices are stored
  // member after member.
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

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

interface PublishInput {
  readonly features: ItemFeatureVectors;
  readonly settings: TwoTowerHyperparameters;
  /** Rows of the demographics table */
  readonly demographicKeys: readonly string[];
}

/** What is published of the towers: the points of all items and tags, the user tower, and the
 *  features' part of the item tower. */
export function toArtifact(
  parameters: Parameters,
  data: TrainingData,
  { features, settings, demographicKeys }: PublishInput,
): Artifact {
  const { embeddingSize, hiddenSize, userHiddenSize, window } = settings;
  const { placeGates, transitions, historyPoints, growth } = settings;
  const stored = {
    embeddingSize,
    hiddenSize,
    userHiddenSize,
    window,
    placeGates,
    transitions,
    historyPoints,
    growth,
    genreNames: data.itemFeatures.genreNames,
    demographicKeys,
    hyperparameters: settings,
  };
  const { items } = data.interactions;
  const { tags } = data.taggings;
  const valuesOf = (name: ParameterName): Float32Array => parameters[name].values.slice();
  const values: Record<TowerArray, Float32Array | Int32Array> = {
    itemIds: items.ids.slice(),
    itemPoints: allItemPoints(parameters, features, data.itemFeatures.genreNames, settings),
    tagIds: tags.ids.slice(),
    tagPoints: valuesOf('tags'),
    decays: Float32Array.from([1, ...Array.from(parameters.decayLogits.values, sigmoid)]),
    gates: valuesOf('gates'),
    historyOffsets: valuesOf('historyOffsets'),
    placeGates: valuesOf('placeGates'),
    ...publishedMatrices(parameters, settings),
    levelWeights: publishedLevelWeights(parameters.levelWeights.values, dislikesOf(settings)),
    userBias: valuesOf('userBias'),
    demographicPoints: valuesOf('demographics'),
    userHiddenBias: valuesOf('userHiddenBias'),
    hiddenWeights: valuesOf('hiddenWeights'),
    hiddenBias: valuesOf('hiddenBias'),
    outputWeights: valuesOf('outputWeights'),
    outputBias: valuesOf('outputBias'),
    tagGate: parameters.tagGateLogits.values.map(sigmoid),
  };
  const shapes = arrayShapes(stored, { items: items.size, tags: tags.size, pools: POOLS });
  const arrays = Object.entries(shapes).map(([name, shape]) => [
    name,
    { data: values[name as TowerArray], shape },
  ]);
  return { kind: TWO_TOWER_KIND, format: 1, settings: stored, arrays: Object.fromEntries(arrays) };
}

/** @returns [I, d] identity + features, as the item tower gives them */
function allItemPoints(
  parameters: Parameters,
  features: ItemFeatureVectors,
  genreNames: readonly string[],
  { embeddingSize: d, hiddenSize, tagWeight }: TwoTowerHyperparameters,
): Float32Array {
  const points = parameters.items.values.slice();
  const tower = {
    embeddingSize: d,
    hiddenSize,
    genreNames,
    hiddenWeights: parameters.hiddenWeights.values,
    hiddenBias: parameters.hiddenBias.values,
    outputWeights: parameters.outputWeights.values,
    outputBias: parameters.outputBias.values,
  };
  features.sparse.forEach((sparse, item) => {
    const tags = features.tags[item];
    const tagMean = tagWeight > 0 && tags.length > 0 ? meanPoint(parameters.tags.values, tags, d) : null;
    const fromFeatures = featurePoint(tower, sparse, tagMean);
    for (let k = 0; k < d; k++) points[item * d + k] += fromFeatures[k];
  });
  return points;
}

/** The matrices of the published user tower: those of the members, and zeros from one member to
 *  another.
 *  @returns transitions [T · d, d], userHiddenWeights [(P + T) · d, hidden], userOutputWeights
 *    [hidden, d] */
function publishedMatrices(
  { transitions, userHiddenWeights, userOutputWeights }: Parameters,
  { members, embeddingSize, userHiddenSize, transitions: places }: TwoTowerHyperparameters,
) {
  const w = embeddingSize / members;
  const units = userHiddenSize / members;
  const groups = units > 0 ? POOLS + places : 0;
  return {
    transitions: blocks(transitions.values, { members, groups: places, rows: w, columns: w }),
    userHiddenWeights: blocks(userHiddenWeights.values, { members, groups, rows: w, columns: units }),
    userOutputWeights: blocks(userOutputWeights.values, { members, groups: 1, rows: units, columns: w }),
  };
}

/** @param values [members, groups, rows, columns]
 *  @returns [groups · members · rows, members · columns] zero where row and column are of different
 *    members */
function blocks(
  values: Float32Array,
  shape: { members: number; groups: number; rows: number; columns: number },
): Float32Array {
  const { members, groups, rows, columns } = shape;
  const out = new Float32Array(groups * members * rows * members * columns);
  for (let member = 0, from = 0; member < members; member++) {
    for (let group = 0; group < groups; group++) {
      for (let row = 0; row < rows; row++, from += columns) {
        const to = ((group * members + member) * rows + row) * members * columns + member * columns;
        out.set(values.subarray(from, from + columns), to);
      }
    }
  }
  return out;
}
