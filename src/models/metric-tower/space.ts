/** The metric space that a stored metric tower describes: item and tag points as they were published,
 *  the user tower live. Serving imports this; it does not load TensorFlow.js. */
import { z } from 'zod';
import type { UserHistory } from '../../interactions/interaction-log';
import { type Artifact, CorruptArtifactError, checkNamedArray } from '../artifact';
import { EmptyHistoryError, type LeftOut, type MetricSpace } from '../metric-space';
import {
  encodeFeatures,
  type FeatureTower,
  featureCount,
  featurePoint,
  meanPoint,
  RATING_LEVELS,
  type ReadHistory,
  readHistory,
  type UserTower,
  userPoint,
} from './forward';
import { leaveOneOut } from './leave-one-out';

export const TWO_TOWER_KIND = 'TWO_TOWER';

/** What a two-tower artifact says of itself besides its arrays. */
export const towerSettingsSchema = z.looseObject({
  embeddingSize: z.int().min(1),
  hiddenSize: z.int().min(1),
  userHiddenSize: z.int().min(0),
  window: z.int().min(1),
  placeGates: z.int().min(0),
  transitions: z.int().min(0),
  historyPoints: z.enum(['own', 'shared']),
  growth: z.number().min(0).max(1),
  genreNames: z.array(z.string()),
  demographicKeys: z.array(z.string()),
});

export class TowerSpace implements MetricSpace {
  readonly embeddingSize: number;
  private readonly genreIndex: ReadonlyMap<string, number>;
  private readonly tagRow: ReadonlyMap<number, number>;

  constructor(
    readonly itemIds: Int32Array,
    readonly itemPoints: Float32Array,
    readonly tagIds: Int32Array,
    readonly tagPoints: Float32Array,
    readonly userTower: UserTower,
    readonly featureTower: FeatureTower,
    /** [d] share of the user's point in a tag query, in (0, 1); the item's is the rest */
    private readonly tagGate: Float32Array,
    /** [I, d] where movies lie as part of a history */
    private readonly historyPoints: Float32Array,
  ) {
    this.embeddingSize = userTower.embeddingSize;
    this.genreIndex = new Map(featureTower.genreNames.map((name, index) => [name, index]));
    this.tagRow = new Map(Array.from(tagIds, (id, row) => [id, row]));
  }

  userPoint(history: UserHistory): Float32Array {
    refuseEmpty(history);
    return userPoint(this.userTower, this.historyPoints, history);
  }

  /** What `userPoint` has before the products with matrices, of an empty history too. */
  readHistory(history: UserHistory): ReadHistory {
    return readHistory(this.userTower, this.historyPoints, history);
  }

  /** @throws EmptyHistoryError */
  leaveOneOut(history: UserHistory): LeftOut {
    refuseEmpty(history);
    return leaveOneOut(this.userTower, this.historyPoints, history);
  }

  tagQueryPoint({
    userPoint,
    itemPoint,
  }: {
    readonly userPoint?: Float32Array;
    readonly itemPoint?: Float32Array;
  }): Float32Array {
    if (userPoint === undefined || itemPoint === undefined) {
      const point = userPoint ?? itemPoint;
      if (point === undefined) throw new RangeError('A tag query needs a user, an item, or both.');
      return point.slice();
    }
    const { tagGate } = this;
    const query = new Float32Array(tagGate.length);
    for (let k = 0; k < query.length; k++)
      query[k] = tagGate[k] * userPoint[k] + (1 - tagGate[k]) * itemPoint[k];
    return query;
  }

  coldItemPoint(features: {
    readonly genres: readonly string[];
    readonly year: number | null;
    readonly tagIds: readonly number[];
  }): Float32Array {
    const { embeddingSize: d, featureTower: tower } = this;
    const genres = features.genres
      .map((name) => this.genreIndex.get(name))
      .filter((index) => index !== undefined);
    const tags = features.tagIds.map((id) => this.tagRow.get(id)).filter((row) => row !== undefined);
    const encoded = encodeFeatures([...new Set(genres)], features.year ?? 0, tower.genreNames.length);
    return featurePoint(tower, encoded, tags.length > 0 ? meanPoint(this.tagPoints, tags, d) : null);
  }

  /** A new item has no offset of its own as part of a history: there it lies where it lies. */
  withItems(itemIds: Int32Array, itemPoints: Float32Array): TowerSpace {
    return new TowerSpace(
      joined(this.itemIds, itemIds),
      joined(this.itemPoints, itemPoints),
      this.tagIds,
      this.tagPoints,
      this.userTower,
      this.featureTower,
      this.tagGate,
      joined(this.historyPoints, itemPoints),
    );
  }
}

function joined<A extends Int32Array | Float32Array>(head: A, tail: A): A {
  const whole = new (head.constructor as new (length: number) => A)(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

/** @throws CorruptArtifactError when the artifact is of another kind, or an array is missing,
 *    misshapen or not finite */
export function readTowerSpace(artifact: Artifact): TowerSpace {
  if (artifact.kind !== TWO_TOWER_KIND)
    throw new CorruptArtifactError(`This is a ${artifact.kind}, not a ${TWO_TOWER_KIND}.`);
  if (artifact.format !== 1)
    throw new CorruptArtifactError(`This model has the format ${artifact.format}; format 1 can be read.`);
  const parsed = towerSettingsSchema.safeParse(artifact.settings);
  if (!parsed.success)
    throw new CorruptArtifactError(`The settings are unreadable: ${z.prettifyError(parsed.error)}`);
  const {
    embeddingSize: d,
    hiddenSize,
    userHiddenSize,
    window,
    placeGates,
    transitions,
    genreNames,
    demographicKeys,
  } = parsed.data;
  const items = artifact.arrays.itemIds?.data.length ?? 0;
  const tags = artifact.arrays.tagIds?.data.length ?? 0;
  const pools = artifact.arrays.decays?.data.length ?? 0;
  const { arrays } = artifact;
  const floats = (name: string, ...shape: number[]): Float32Array => read(arrays, name, shape, Float32Array);
  const userTower: UserTower = {
    embeddingSize: d,
    window,
    growth: parsed.data.growth,
    decays: floats('decays', pools),
    gates: floats('gates', pools, d),
    placeGates: floats('placeGates', placeGates, d),
    transitions: floats('transitions', transitions * d, d),
    levelWeights: floats('levelWeights', RATING_LEVELS),
    bias: floats('userBias', d),
    demographicRows: new Map(demographicKeys.map((key, row) => [key, row])),
    demographicPoints: floats('demographicPoints', demographicKeys.length, d),
    hiddenWeights: floats(
      'userHiddenWeights',
      userHiddenSize > 0 ? (pools + transitions) * d : 0,
      userHiddenSize,
    ),
    hiddenBias: floats('userHiddenBias', userHiddenSize),
    outputWeights: floats('userOutputWeights', userHiddenSize, d),
  };
  const featureTower: FeatureTower = {
    embeddingSize: d,
    hiddenSize,
    genreNames,
    hiddenWeights: floats('hiddenWeights', featureCount(genreNames.length) + d, hiddenSize),
    hiddenBias: floats('hiddenBias', hiddenSize),
    outputWeights: floats('outputWeights', hiddenSize, d),
    outputBias: floats('outputBias', d),
  };
  const itemPoints = floats('itemPoints', items, d);
  const offsets = floats('historyOffsets', parsed.data.historyPoints === 'own' ? items : 0, d);
  return new TowerSpace(
    read(arrays, 'itemIds', [items], Int32Array),
    itemPoints,
    read(arrays, 'tagIds', [tags], Int32Array),
    floats('tagPoints', tags, d),
    userTower,
    featureTower,
    floats('tagGate', d),
    offsets.length === 0 ? itemPoints : itemPoints.map((value, at) => value + offsets[at]),
  );
}

function read<A extends Float32Array | Int32Array>(
  arrays: Artifact['arrays'],
  name: string,
  shape: readonly number[],
  type: abstract new (...args: never[]) => A,
): A {
  const array = arrays[name];
  if (array === undefined) throw new CorruptArtifactError(`Array ${name} is missing.`);
  checkNamedArray(name, array);
  if (array.shape.length !== shape.length || array.shape.some((side, axis) => side !== shape[axis])) {
    throw new CorruptArtifactError(
      `Array ${name} has the shape [${array.shape.join(', ')}] and should have [${shape.join(', ')}].`,
    );
  }
  if (!(array.data instanceof type)) throw new CorruptArtifactError(`Array ${name} is of the wrong type.`);
  return array.data;
}

function refuseEmpty(history: UserHistory): void {
  if (history.items.length === 0)
    throw new EmptyHistoryError('Without a rating there is no point to compute.');
}
