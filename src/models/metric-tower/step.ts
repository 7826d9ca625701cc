/** One training step: the rows that a batch needs, the loss over them, its gradient, the update of
 *  just these rows. */
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs';
import { packedRows } from '../../numeric/packed-rows-simd';
import type { Random } from '../../numeric/random';
import {
  catalogueSoftmaxLoss,
  handicaps,
  softmaxDistanceLoss,
  tripletHingeLoss,
} from '../../tensor/losses';
import { type Adam, RowIndex, uniqueRows } from '../../tensor/row-adam';
import { tf } from '../../tensor/tf';
import type { Batch, HeldOutBatch, NextBatch, TagBatch } from './batches';
import type { ItemFeatureVectors } from './forward';
import { dislikesOf, type TwoTowerHyperparameters } from './hyperparameters';
import { PARAMETER_NAMES, type ParameterName, type Parameters } from './parameters';
import { columnsOf, historyPoints, itemTower, type ParameterTensors, tagQuery, userTowers } from './towers';

export interface StepContext {
  readonly settings: TwoTowerHyperparameters;
  readonly features: ItemFeatureVectors;
  /** [I] 0: an item without ratings, which has no identity embedding, only features, like a newly
   *  added film */
  readonly ratedItems: Uint8Array;
  /** [U] rows of the demographics table; null without demographics */
  readonly demographics: readonly ArrayLike<number>[] | null;
}

/** What a step works on, drawn and looked up in plain memory. */
export interface PreparedStep {
  /** Its histories' rows are those of `historyItems` */
  readonly batch: Batch;
  /** [H] rows of `batch.items` that are in a history, each once */
  readonly historyItems: Int32Array;
  /** Rows of each table */
  readonly rows: Partial<Record<ParameterName, Int32Array>>;
  /** [R] tags of each item, rows of the step's tags */
  readonly itemTags: readonly ArrayLike<number>[];
  /** [R] */
  readonly identityMask: Float32Array;
  /** [Q, (P + M) · d] of the user tower's perceptron; null where nothing is hidden */
  readonly featureMask: Float32Array | null;
  /** [M] rows of the step's tags; the negatives come first */
  readonly tagTargets: Int32Array;
}

/** Draws the masks (dropout, hidden identities, hidden tags) and lists the rows that the batch
 *  needs. */
export function prepareStep(
  batch: Batch,
  parameters: Parameters,
  context: StepContext,
  random: Random,
): PreparedStep {
  const { settings, features, demographics, ratedItems } = context;
  const identityMask = Float32Array.from(batch.items, (item) =>
    random.uniform() < settings.identityDropout ? 0 : ratedItems[item],
  );
  const tagIndex = new RowIndex(batch.taggings?.negatives);
  const tagTargets = Int32Array.from(batch.taggings?.tags ?? [], (tag) => tagIndex.rowOf(tag));
  // An item that always shows its tags would teach the tags to find themselves: half of the time
  // they are hidden.
  const itemTags = Array.from(batch.items, (item) =>
    settings.tagWeight === 0 || random.uniform() < 0.5
      ? []
      : features.tags[item].map((tag) => tagIndex.rowOf(tag)),
  );
  const rows: Partial<Record<ParameterName, Int32Array>> = {};
  const known = uniqueRows(batch.histories.rows);
  const sparse: Partial<Record<ParameterName, Int32Array>> = {
    items: batch.items,
    tags: tagIndex.values(),
    historyOffsets: known.rows.map((row) => batch.items[row]),
  };
  for (const name of PARAMETER_NAMES) {
    const { rows: size } = parameters[name];
    const taken =
      size === 0 ? new Int32Array(0) : (sparse[name] ?? Int32Array.from({ length: size }, (_, row) => row));
    if (taken.length > 0) rows[name] = taken;
  }
  if (batch.taggings === null) delete rows.tagGateLogits;
  if (demographics === null) delete rows.demographics;
  const { offsets, rows: ratings } = batch.histories;
  const mask = (size: number, rate: number) => packedRows().dropout(new Float32Array(size), rate, random);
  const shown =
    settings.dropout > 0 ? mask(ratings.length * settings.embeddingSize, settings.dropout) : undefined;
  const queries = batch.objective === 'heldOut' ? offsets.length - 1 : ratings.length;
  const inputs = parameters.userHiddenWeights.rows; // of all members
  const featureMask =
    settings.userDropout > 0 && inputs > 0 ? mask(queries * inputs, settings.userDropout) : null;
  const histories = { ...batch.histories, rows: known.positions, mask: shown };
  return {
    batch: { ...batch, histories },
    historyItems: known.rows,
    rows,
    itemTags,
    identityMask,
    featureMask,
    tagTargets,
  };
}

/** @returns the loss before the update */
export function trainStep(
  step: PreparedStep,
  parameters: Parameters,
  context: StepContext,
  adam: Adam,
): number {
  const names = PARAMETER_NAMES.filter((name) => step.rows[name] !== undefined);
  return tf.tidy(() => {
    const tensors = names.map((name) => parameters[name].take(step.rows[name]!));
    const { value, grads } = tf.valueAndGrads((...inputs: Tensor[]) => {
      const named = Object.fromEntries(names.map((name, n) => [name, inputs[n]])) as ParameterTensors;
      return stepLoss(named, step, context);
    })(tensors);
    names.forEach((name, n) => {
      adam.stepRows(parameters[name], step.rows[name]!, grads[n] as Tensor2D);
    });
    adam.advance();
    return value.dataSync()[0];
  });
}

/** @returns scalar: (ranking loss + regularization), the mean over members, + tagWeight · tag
 *  loss */
export function stepLoss(parameters: ParameterTensors, step: PreparedStep, context: StepContext): Scalar {
  const { settings, features } = context;
  const { batch, featureMask } = step;
  const identities = parameters.items as Tensor2D;
  const r = batch.items.length;
  const points = itemTower(parameters, {
    features: tf.tensor2d(denseFeatures(features, batch.items), [r, features.featureCount]),
    tags: step.itemTags,
    identityMask: tf.tensor2d(step.identityMask, [r, 1]),
  }); // [R, d]
  const demographics =
    context.demographics && Array.from(batch.users, (user) => context.demographics![user]);
  const known = historyPoints(parameters, points, step.historyItems); // [H, d]
  const { histories } = batch;
  const endsOnly = batch.objective === 'heldOut';
  const dislikes = dislikesOf(settings);
  const input = { histories, demographics, endsOnly, growth: settings.growth, dislikes, featureMask };
  const queries = userTowers(parameters, known, input, settings.members); // M times [N or S, w]
  let loss = tf.mul(tf.sum(tf.square(identities)), settings.regularization / r) as Scalar;
  const lossOf = batch.objective === 'heldOut' ? heldOutLoss(batch) : rankingLoss(batch, settings);
  columnsOf(points, settings.members).forEach((own, member) => {
    loss = tf.add(loss, lossOf(queries[member], own));
  });
  loss = tf.div(loss, settings.members);
  if (batch.taggings === null) return loss;
  const tags = {
    queries: tf.concat(queries, 1) as Tensor2D,
    points,
    taggings: batch.taggings,
    targets: step.tagTargets,
  };
  return tf.add(loss, tf.mul(tagLoss(parameters, tags), settings.tagWeight));
}

/** Of a member's queries and all points. */
type MemberLoss = (queries: Tensor2D, points: Tensor2D) => Scalar;

function heldOutLoss(batch: HeldOutBatch): MemberLoss {
  const shape: [number, number] = [batch.users.length, batch.items.length];
  const [shares, known] = [tf.tensor2d(batch.shares, shape), tf.tensor2d(batch.known, shape)];
  return (queries, points) => catalogueSoftmaxLoss({ queries, points, shares, known });
}

function rankingLoss(batch: NextBatch, settings: TwoTowerHyperparameters): MemberLoss {
  const targets = tf.tensor1d(batch.targets, 'int32');
  const mask = tf.tensor2d(batch.mask, [batch.targets.length, batch.negatives]);
  const rowWeights = tf.tensor1d(batch.weights);
  const input = (queries: Tensor2D, points: Tensor2D) => ({
    queries,
    positives: tf.gather(points, targets) as Tensor2D,
    negatives: tf.slice(points, [0, 0], [batch.negatives, -1]),
    rowWeights,
  });
  if (settings.loss === 'softmax') {
    const known = handicaps(mask, tf.tensor1d(batch.logQ));
    return (queries, points) => softmaxDistanceLoss({ ...input(queries, points), handicaps: known });
  }
  const { margin, hardNegatives, distance } = settings;
  const options = {
    mask,
    margin,
    squared: distance === 'squared',
    hardest: hardNegatives === 0 ? undefined : hardNegatives,
  };
  return (queries, points) => tripletHingeLoss({ ...input(queries, points), ...options });
}

interface TagLossInput {
  readonly queries: Tensor2D;
  readonly points: Tensor2D;
  readonly taggings: TagBatch;
  readonly targets: Int32Array;
}

function tagLoss(
  parameters: ParameterTensors,
  { queries, points, taggings, targets }: TagLossInput,
): Scalar {
  const m = targets.length;
  const k = taggings.negatives.length;
  const tags = parameters.tags as Tensor2D;
  return softmaxDistanceLoss({
    queries: tagQuery(parameters, {
      user: tf.gather(queries, tf.tensor1d(taggings.positions, 'int32')),
      item: tf.gather(points, tf.tensor1d(taggings.items, 'int32')),
      withUser: tf.tensor2d(taggings.withUser, [m, 1]),
      withItem: tf.tensor2d(taggings.withItem, [m, 1]),
    }),
    positives: tf.gather(tags, tf.tensor1d(targets, 'int32')),
    negatives: tf.slice(tags, [0, 0], [k, -1]),
    handicaps: handicaps(tf.tensor2d(taggings.mask, [m, k])),
  });
}

/** @param items [r] @returns [r, F] row-major */
export function denseFeatures(features: ItemFeatureVectors, items: Int32Array): Float32Array {
  const width = features.featureCount;
  const dense = new Float32Array(items.length * width);
  items.forEach((item, row) => {
    const { columns, weights } = features.sparse[item];
    for (let n = 0; n < columns.length; n++) dense[row * width + columns[n]] = weights[n];
  });
  return dense;
}
