/** A trained metric tower as a ranking model: everything it answers comes from its published
 *  space. */
import type { TrainingData, UserHistory } from '../../interactions/interaction-log';
import type { Artifact } from '../artifact';
import { type Model } from '../system';
import { dislikesOf, publishedLevelWeights } from './dislikes';
import { computeFeaturePoint, meanPoint } from './feature-tower';
import type { TwoTowerHyperparameters } from './hyperparameters';
import type { ItemFeatureVectors } from './item-features';
import { publishedMatrices } from './members';
import { type Parameters, POOLS, sigmoid } from './parameters';
import { negatedSquaredDistances } from './scores';
import { readTowerSpace, type TowerSpace, TWO_TOWER_KIND } from './tower-space';

export class TwoTowerModel implements Model {
  readonly name = 'TWO_TOWER';
  readonly itemCount: number;
  readonly space: TowerSpace;
  constructor(private readonly artifact: Artifact) {
    this.space = readTowerSpace(artifact);
    this.itemCount = this.space.itemIds.length;
  }

  /** Someone without a history is ranked from the user tower's constant, so that scores are finite
   *  for everybody. */
  score(histories: readonly UserHistory[]): Float32Array {
    return negatedSquaredDistances(this.space, histories);
  }

  save(): Artifact {
    return this.artifact;
  }
}

/** What is published of the towers: the points of all items and tags, the user tower, and the
 *  features' part of the item tower.
 *  @param demographicKeys rows of the demographics table */
export function toArtifact(
  parameters: Parameters,
  data: TrainingData,
  {
    features,
    settings,
    demographicKeys,
  }: { features: ItemFeatureVectors; settings: TwoTowerHyperparameters; demographicKeys: readonly string[] },
): Artifact {
  const {
    embeddingSize: d,
    hiddenSize,
    userHiddenSize,
    window,
    placeGates,
    transitions,
    historyPoints,
    growth,
  } = settings;
  const floats = (data: Float32Array, ...shape: number[]) => ({ data: data.slice(), shape });
  const itemCount = data.interactions.items.size;
  const tagCount = data.taggings.tags.size;
  const { hiddenWeights } = parameters;
  const matrices = publishedMatrices(parameters, settings);
  return {
    kind: TWO_TOWER_KIND,
    format: 1,
    settings: {
      embeddingSize: d,
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
    },
    arrays: {
      itemIds: { data: data.interactions.items.ids.slice(), shape: [itemCount] },
      itemPoints: floats(
        allItemPoints(parameters, features, data.itemFeatures.genreNames, settings),
        itemCount,
        d,
      ),
      tagIds: { data: data.taggings.tags.ids.slice(), shape: [tagCount] },
      tagPoints: floats(parameters.tags.values, tagCount, d),
      decays: floats(Float32Array.from([1, ...Array.from(parameters.decayLogits.values, sigmoid)]), POOLS),
      gates: floats(parameters.gates.values, POOLS, d),
      historyOffsets: floats(parameters.historyOffsets.values, parameters.historyOffsets.rows, d),
      placeGates: floats(parameters.placeGates.values, parameters.placeGates.rows, d),
      transitions: floats(matrices.transitions, transitions * d, d),
      levelWeights: floats(
        publishedLevelWeights(parameters.levelWeights.values, dislikesOf(settings)),
        parameters.levelWeights.rows,
      ),
      userBias: floats(parameters.userBias.values, d),
      demographicPoints: floats(parameters.demographics.values, demographicKeys.length, d),
      userHiddenWeights: floats(
        matrices.userHiddenWeights,
        userHiddenSize > 0 ? (POOLS + transitions) * d : 0,
        userHiddenSize,
      ),
      userHiddenBias: floats(parameters.userHiddenBias.values, userHiddenSize),
      userOutputWeights: floats(matrices.userOutputWeights, userHiddenSize, d),
      hiddenWeights: floats(hiddenWeights.values, hiddenWeights.rows, hiddenSize),
      hiddenBias: floats(parameters.hiddenBias.values, hiddenSize),
      outputWeights: floats(parameters.outputWeights.values, hiddenSize, d),
      outputBias: floats(parameters.outputBias.values, d),
      tagGate: floats(parameters.tagGateLogits.values.map(sigmoid), d),
    },
  };
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
  const none = new Float32Array(d);
  const fromFeatures = new Float32Array(d);
  features.sparse.forEach((sparse, item) => {
    const tags = features.tags[item];
    const tagMean = tagWeight > 0 && tags.length > 0 ? meanPoint(parameters.tags.values, tags, d) : none;
    computeFeaturePoint(tower, sparse, tagMean, fromFeatures);
    for (let k = 0; k < d; k++) points[item * d + k] += fromFeatures[k];
  });
  return points;
}
