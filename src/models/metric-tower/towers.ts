/** The two towers of forward.ts in tensors, with gradients; a test holds the two together.
 *
 *  Members: several towers in one space. Each has w = d / M separate coordinates, matrices and
 *  hidden units, and a separate loss over its distance. The squared distance of the space is the
 *  sum of theirs, so the ranking is that of an ensemble (the product of the members' softmaxes),
 *  and still one Euclidean distance. The weights of stars and the decays of the pools are shared.
 *  Tables of width d hold the members side by side, column after column; the matrices are stored
 *  member after member without the zeros between members, which only the published space has. */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { UserHistory } from '../../interactions/interaction-log';
import { squaredDistances } from '../../tensor/losses';
import { tf } from '../../tensor/tf';
import { type Dislikes, dislikedLevels } from './hyperparameters';
import {
  finalPools,
  gatedPlaces,
  historyPools,
  historyValues,
  meanRows,
  type PackedHistories,
  placesSideBySide,
} from './operations';
import type { ParameterName } from './parameters';
import type { TowerSpace } from './space';

/** The rows of each table that a step works on; a table that it does not touch is absent. */
export type ParameterTensors = Partial<Record<ParameterName, Tensor2D>>;

interface ItemInput {
  /** [R, F] */
  readonly features: Tensor2D;
  /** [R] rows of the `tags` tensor; an empty list has no tag part */
  readonly tags: readonly ArrayLike<number>[];
  /** [R, 1] 0 hides an item's identity, so that its features must do */
  readonly identityMask: Tensor2D;
}

/** @returns [R, d] */
export function itemTower(parameters: ParameterTensors, input: ItemInput): Tensor2D {
  const { items, tags, hiddenWeights, hiddenBias, outputWeights, outputBias } = need(parameters);
  const tagMeans: Tensor2D =
    parameters.tags === undefined ? tf.zeros(items.shape) : meanRows(tags, input.tags);
  const x = tf.concat([input.features, tagMeans], 1); // [R, F + d]
  const hidden = tf.relu(tf.add(tf.matMul(x, hiddenWeights), hiddenBias)); // [R, hidden]
  const fromFeatures = tf.add(tf.matMul(hidden, outputWeights), outputBias); // [R, d]
  return tf.add(tf.mul(items, input.identityMask), fromFeatures);
}

/** Where movies lie as part of a history: where they are recommended from, and a learned offset.
 *  @param points [R, d] item points
 *  @param rows   [H] of `points`; `parameters.historyOffsets`, if present, has these rows
 *  @returns [H, d] */
export function historyPoints(
  { historyOffsets }: ParameterTensors,
  points: Tensor2D,
  rows: Int32Array,
): Tensor2D {
  const known = tf.gather(points, tf.tensor1d(rows, 'int32'));
  return historyOffsets === undefined ? known : tf.add(known, historyOffsets);
}

interface UserInput {
  readonly histories: PackedHistories;
  /** [S] rows of the `demographics` tensor; null without demographics */
  readonly demographics: readonly ArrayLike<number>[] | null;
  /** Whether only the end of each history is asked for (Q = S), and not every position (Q = N) */
  readonly endsOnly?: boolean | undefined;
  /** e: pools are means with 0, sums with 1 */
  readonly growth?: number | undefined;
  /** [Q, (P + M) · d] dropout of f, what the perceptron reads: 0 or 1 / (1 − rate); nothing is
   *  hidden without it */
  readonly featureMask?: Float32Array | null | undefined;
  /** What ratings are set to weigh instead of what is learned; null: all are learned */
  readonly dislikes?: Dislikes | null | undefined;
}

/** The user towers of all members.
 *  @param points [H, d] history points, to which the histories' rows refer
 *  @param input  its masks are stored member after member
 *  @returns M times [Q, w], the user's point after each requested position; concatenated they are
 *    the points in the whole space */
export function userTowers(
  parameters: ParameterTensors,
  points: Tensor2D,
  input: UserInput,
  members: number,
): Tensor2D[] {
  const { histories, featureMask } = input;
  const known = columnsOf(points, members);
  return memberParameters(parameters, members).map((own, member) =>
    userTower(own, known[member], {
      ...input,
      histories: { ...histories, mask: partOf(histories.mask, member, members) },
      featureMask: partOf(featureMask, member, members),
    }),
  );
}

function userTower(
  parameters: ParameterTensors,
  points: Tensor2D,
  { histories, demographics, endsOnly, growth, dislikes, featureMask }: UserInput,
): Tensor2D {
  const { levelWeights, gates, userBias } = need(parameters);
  const { placeGates, transitions } = parameters;
  const { offsets } = histories;
  const d = points.shape[1];
  const x = historyValues(points, pushing(levelWeights, dislikes), histories); // [N, d]
  const ends = endsOnly
    ? tf.tensor1d(
        Int32Array.from(offsets.subarray(1), (end) => end - 1),
        'int32',
      )
    : null;
  const at = (values: Tensor2D): Tensor2D => (ends === null ? values : tf.gather(values, ends));
  const pools = (endsOnly ? finalPools : historyPools)(x, learnedDecays(parameters), offsets, growth);
  // P times [Q, d]; a copy, since the tape keeps its own
  const features = [...tf.unstack(pools)] as Tensor2D[];
  let query = userBias;
  features.forEach((pool, p) => {
    query = tf.add(query, tf.mul(pool, tf.slice(gates, [p, 0], [1, d])));
  });
  if (placeGates !== undefined) query = tf.add(query, at(gatedPlaces(x, placeGates, offsets)));
  // [Q, M · d]
  if (transitions !== undefined) features.push(at(placesSideBySide(x, transitions.shape[0] / d, offsets)));
  query = addProducts(query, features, parameters, featureMask);
  if (demographics === null) return query;
  const counts = tf.tensor2d(
    Float32Array.from(demographics, (rows) => rows.length),
    [demographics.length, 1],
  );
  const sums = tf.mul(meanRows(need(parameters).demographics, demographics), counts); // [S, d]
  return tf.add(query, at(tf.gather(sums, historyOfPosition(offsets, x.shape[0])) as Tensor2D));
}

/** @param features the parts of f, [Q, …] each; the last is [x_0 … x_(M−1)] where there are
 *    transitions
 *  @param mask     [Q, (P + M) · d] dropout of f
 *  @returns [Q, d] query + Σ_j A_j x_j + W₄ relu(W₃ f + b₃), without the parts whose matrices are
 *    absent */
function addProducts(
  query: Tensor2D,
  features: Tensor2D[],
  matrices: ParameterTensors,
  mask?: Float32Array | null,
): Tensor2D {
  let point = query;
  if (matrices.transitions !== undefined)
    point = tf.add(point, tf.matMul(features[features.length - 1], matrices.transitions));
  if (matrices.userHiddenWeights === undefined) return point;
  const { userHiddenWeights, userHiddenBias, userOutputWeights } = need(matrices);
  const all = tf.concat(features, 1);
  const shown = mask ? tf.mul(all, tf.tensor2d(mask, all.shape)) : all;
  const hidden = tf.relu(tf.add(tf.matMul(shown, userHiddenWeights), userHiddenBias));
  return tf.add(point, tf.matMul(hidden, userOutputWeights));
}

/** Levels that push weigh what is set, and learn nothing. */
function pushing(levelWeights: Tensor2D, dislikes: Dislikes | null | undefined): Tensor2D {
  if (!dislikes) return levelWeights;
  const disliked = tf.tensor2d(dislikedLevels(dislikes), levelWeights.shape); // [L, 1]
  return tf.sub(tf.mul(levelWeights, tf.sub(1, disliked)), tf.mul(disliked, dislikes.weight));
}

/** @returns [P, 1]: 1 for the long-run mean, then the learned ones */
function learnedDecays(parameters: ParameterTensors): Tensor2D {
  return tf.concat([tf.ones([1, 1]), tf.sigmoid(need(parameters).decayLogits)]);
}

/** @returns [N] the history of each position */
function historyOfPosition(offsets: Int32Array, n: number): Tensor1D {
  const owner = new Int32Array(n);
  for (let s = 0; s + 1 < offsets.length; s++) owner.fill(s, offsets[s], offsets[s + 1]);
  return tf.tensor1d(owner, 'int32');
}

interface TagQueryInput {
  /** [M, d] */
  readonly user: Tensor2D;
  /** [M, d] */
  readonly item: Tensor2D;
  /** [M, 1] 0 or 1, as `withItem`; at least one of the two is 1 */
  readonly withUser: Tensor2D;
  readonly withItem: Tensor2D;
}

/** @returns [M, d] the point near which the tags should lie: a mix of both by a gate, or one
 *  alone */
export function tagQuery(
  parameters: ParameterTensors,
  { user, item, withUser, withItem }: TagQueryInput,
): Tensor2D {
  const gate = tf.sigmoid(need(parameters).tagGateLogits); // [1, d]
  const both = tf.mul(withUser, withItem);
  const share = tf.add(tf.mul(both, gate), tf.sub(withUser, both)); // [M, d]
  return tf.add(tf.mul(share, user), tf.mul(tf.sub(1, share), item));
}

const MEMBER_COLUMNS = [
  'gates',
  'placeGates',
  'userBias',
  'demographics',
  'userHiddenBias',
] as const satisfies readonly ParameterName[];
const MEMBER_ROWS = [
  'transitions',
  'userHiddenWeights',
  'userOutputWeights',
] as const satisfies readonly ParameterName[];

/** @param table [n, d] @returns the members' coordinates, [n, w] each */
export function columnsOf(table: Tensor2D, members: number): Tensor2D[] {
  return members === 1 ? [table] : tf.split(table, members, 1);
}

/** @returns what the user tower of each member reads */
function memberParameters(parameters: ParameterTensors, members: number): ParameterTensors[] {
  const own: ParameterTensors[] = Array.from({ length: members }, () => ({ ...parameters }));
  if (members === 1) return own;
  const share = (name: ParameterName, axis: 0 | 1) => {
    const table = parameters[name];
    if (table === undefined) return;
    tf.split<Tensor2D>(table, members, axis).forEach((part, member) => {
      own[member][name] = part;
    });
  };
  for (const name of MEMBER_COLUMNS) share(name, 1);
  for (const name of MEMBER_ROWS) share(name, 0);
  return own;
}

/** @param values member after member, if any @returns a member's part of them */
function partOf(
  values: Float32Array | null | undefined,
  member: number,
  members: number,
): Float32Array | undefined {
  const size = values ? values.length / members : 0;
  return values?.subarray(member * size, (member + 1) * size);
}

/** Scores of a trained tower for many users at once: sums over histories in plain code, the
 *  products with matrices as tensors. Users × catalogue in plain code took nine tenths of an
 *  evaluation.
 *  @returns [B, I] −‖q_b − v_i‖², single precision; someone without a history is where the tower's
 *    constant puts them */
export function scoreHistories(space: TowerSpace, histories: readonly UserHistory[]): Float32Array {
  if (histories.length === 0) return new Float32Array(0);
  const { itemPoints, embeddingSize: d } = space;
  const scores = tf.tidy(() => {
    const points = tf.tensor2d(itemPoints, [itemPoints.length / d, d]);
    return tf.neg(squaredDistances(userPoints(space, histories), points));
  });
  // Not inside: `tidy` searches the returned value for tensors, number by number.
  const values = scores.dataSync<'float32'>();
  scores.dispose();
  return values;
}

/** @returns [B, d] as `TowerSpace.userPoint` */
function userPoints(space: TowerSpace, histories: readonly UserHistory[]): Tensor2D {
  const {
    embeddingSize: d,
    gates,
    transitions,
    hiddenWeights,
    hiddenBias,
    outputWeights,
  } = space.userTower;
  const [pooled, placed] = [gates.length, transitions.length / d];
  const known = new Float32Array(histories.length * (pooled + placed));
  const sums = new Float32Array(histories.length * d);
  histories.forEach((history, b) => {
    const { features, gated } = space.readHistory(history);
    known.set(features, b * features.length);
    sums.set(gated, b * d);
  });
  const features = tf.tensor2d(known, [histories.length, pooled + placed]);
  const units = hiddenBias.length;
  const matrices: ParameterTensors = {};
  if (placed > 0) matrices.transitions = tf.tensor2d(transitions, [placed, d]);
  if (units > 0) {
    matrices.userHiddenWeights = tf.tensor2d(hiddenWeights, [pooled + placed, units]);
    matrices.userHiddenBias = tf.tensor2d(hiddenBias, [1, units]);
    matrices.userOutputWeights = tf.tensor2d(outputWeights, [units, d]);
  }
  const parts: Tensor2D[] = placed > 0 ? tf.split(features, [pooled, placed], 1) : [features];
  return addProducts(tf.tensor2d(sums, [histories.length, d]), parts, matrices);
}

/** Parameters, asserted to be present. */
function need(parameters: ParameterTensors): Record<ParameterName, Tensor2D> {
  return parameters as Record<ParameterName, Tensor2D>;
}
