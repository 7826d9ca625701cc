/** The metric space that a stored metric tower describes: item and tag points as they were
 *  published, the user tower live. Serving imports this; it does not load TensorFlow.js. */
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

/** Metadata of a stored tower besides its arrays. */
const settingsSchema = z.looseObject({
  embeddingSize: z.int().min(1),
  hiddenSize: z.int().min(1),
  userHiddenSize: z.int().min(0),
  window: z.int().min(1),
  placeGates: z.int().min(0),
  transitions: z.int().min(0),
  historyPoints: z.enum(['own', 'shared']),
  growth: z.number().min(0).max(1),
  genreNames: z.array(z.string()).readonly(),
  demographicKeys: z.array(z.string()).readonly(),
});
type TowerSettings = z.infer<typeof settingsSchema>;

/** The shapes of a stored tower's arrays, in the order in which they are stored; `itemIds` and
 *  `tagIds` are integers, all others single precision.
 *  @param sizes I, T and P */
export function arrayShapes(
  settings: TowerSettings,
  { items, tags, pools }: { items: number; tags: number; pools: number },
) {
  const { embeddingSize: d, hiddenSize, userHiddenSize: hidden, placeGates, transitions } = settings;
  return {
    itemIds: [items],
    itemPoints: [items, d],
    tagIds: [tags],
    tagPoints: [tags, d],
    decays: [pools],
    gates: [pools, d],
    historyOffsets: [settings.historyPoints === 'own' ? items : 0, d],
    placeGates: [placeGates, d],
    transitions: [transitions * d, d],
    levelWeights: [RATING_LEVELS],
    userBias: [d],
    demographicPoints: [settings.demographicKeys.length, d],
    userHiddenWeights: [hidden > 0 ? (pools + transitions) * d : 0, hidden],
    userHiddenBias: [hidden],
    userOutputWeights: [hidden, d],
    hiddenWeights: [featureCount(settings.genreNames.length) + d, hiddenSize],
    hiddenBias: [hiddenSize],
    outputWeights: [hiddenSize, d],
    outputBias: [d],
    tagGate: [d],
  };
}
export type TowerArray = keyof ReturnType<typeof arrayShapes>;

interface TowerParts {
  readonly itemIds: Int32Array;
  readonly itemPoints: Float32Array;
  readonly tagIds: Int32Array;
  readonly tagPoints: Float32Array;
  readonly userTower: UserTower;
  readonly featureTower: FeatureTower;
  /** [d] share of the user's point in a tag query, in (0, 1); the item's is the rest */
  readonly tagGate: Float32Array;
  /** [I, d] where movies lie as part of a history */
  readonly historyPoints: Float32Array;
}

export class TowerSpace implements MetricSpace {
  readonly embeddingSize: number;
  readonly itemIds: Int32Array;
  readonly itemPoints: Float32Array;
  readonly tagIds: Int32Array;
  readonly tagPoints: Float32Array;
  readonly userTower: UserTower;
  private readonly genreIndex: ReadonlyMap<string, number>;
  private readonly tagRow: ReadonlyMap<number, number>;

  constructor(private readonly parts: TowerParts) {
    this.itemIds = parts.itemIds;
    this.itemPoints = parts.itemPoints;
    this.tagIds = parts.tagIds;
    this.tagPoints = parts.tagPoints;
    this.userTower = parts.userTower;
    this.embeddingSize = parts.userTower.embeddingSize;
    this.genreIndex = new Map(parts.featureTower.genreNames.map((name, index) => [name, index]));
    this.tagRow = new Map(Array.from(parts.tagIds, (id, row) => [id, row]));
  }

  userPoint(history: UserHistory): Float32Array {
    refuseEmpty(history);
    return userPoint(this.userTower, this.parts.historyPoints, history);
  }

  /** What `userPoint` has before the products with matrices, of an empty history too. */
  readHistory(history: UserHistory): ReadHistory {
    return readHistory(this.userTower, this.parts.historyPoints, history);
  }

  /** @throws EmptyHistoryError */
  leaveOneOut(history: UserHistory): LeftOut {
    refuseEmpty(history);
    return leaveOneOut(this.userTower, this.parts.historyPoints, history);
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
    const { tagGate } = this.parts;
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
    const tower = this.parts.featureTower;
    const genres = features.genres
      .map((name) => this.genreIndex.get(name))
      .filter((index) => index !== undefined);
    const tags = features.tagIds.map((id) => this.tagRow.get(id)).filter((row) => row !== undefined);
    const encoded = encodeFeatures([...new Set(genres)], features.year ?? 0, tower.genreNames.length);
    return featurePoint(
      tower,
      encoded,
      tags.length > 0 ? meanPoint(this.tagPoints, tags, this.embeddingSize) : null,
    );
  }

  /** A new item has no separate history point: its item point is used in histories. */
  withItems(itemIds: Int32Array, itemPoints: Float32Array): TowerSpace {
    return new TowerSpace({
      ...this.parts,
      itemIds: joined(this.itemIds, itemIds),
      itemPoints: joined(this.itemPoints, itemPoints),
      historyPoints: joined(this.parts.historyPoints, itemPoints),
    });
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
    throw new CorruptArtifactError(
      `Unsupported model format ${artifact.format}; only format 1 can be read.`,
    );
  const parsed = settingsSchema.safeParse(artifact.settings);
  if (!parsed.success)
    throw new CorruptArtifactError(`The settings cannot be read: ${z.prettifyError(parsed.error)}`);
  const settings = parsed.data;
  const sizeOf = (name: TowerArray) => artifact.arrays[name]?.data.length ?? 0;
  const sizes = { items: sizeOf('itemIds'), tags: sizeOf('tagIds'), pools: sizeOf('decays') };
  const shapes = arrayShapes(settings, sizes);
  const floats = (name: TowerArray) =>
    read(artifact.arrays, { name, shape: shapes[name], type: Float32Array });
  const ids = (name: 'itemIds' | 'tagIds') =>
    read(artifact.arrays, { name, shape: shapes[name], type: Int32Array });
  const itemPoints = floats('itemPoints');
  const offsets = floats('historyOffsets');
  return new TowerSpace({
    itemIds: ids('itemIds'),
    itemPoints,
    tagIds: ids('tagIds'),
    tagPoints: floats('tagPoints'),
    userTower: userTowerOf(settings, floats),
    featureTower: {
      embeddingSize: settings.embeddingSize,
      hiddenSize: settings.hiddenSize,
      genreNames: settings.genreNames,
      hiddenWeights: floats('hiddenWeights'),
      hiddenBias: floats('hiddenBias'),
      outputWeights: floats('outputWeights'),
      outputBias: floats('outputBias'),
    },
    tagGate: floats('tagGate'),
    historyPoints: offsets.length === 0 ? itemPoints : itemPoints.map((value, at) => value + offsets[at]),
  });
}

function userTowerOf(settings: TowerSettings, floats: (name: TowerArray) => Float32Array): UserTower {
  return {
    embeddingSize: settings.embeddingSize,
    window: settings.window,
    growth: settings.growth,
    decays: floats('decays'),
    gates: floats('gates'),
    placeGates: floats('placeGates'),
    transitions: floats('transitions'),
    levelWeights: floats('levelWeights'),
    bias: floats('userBias'),
    demographicRows: new Map(settings.demographicKeys.map((key, row) => [key, row])),
    demographicPoints: floats('demographicPoints'),
    hiddenWeights: floats('userHiddenWeights'),
    hiddenBias: floats('userHiddenBias'),
    outputWeights: floats('userOutputWeights'),
  };
}

interface Wanted<A> {
  readonly name: TowerArray;
  readonly shape: readonly number[];
  readonly type: abstract new (...args: never[]) => A;
}

function read<A extends Float32Array | Int32Array>(
  arrays: Artifact['arrays'],
  { name, shape, type }: Wanted<A>,
): A {
  const array = arrays[name];
  if (array === undefined) throw new CorruptArtifactError(`Array ${name} is missing.`);
  checkNamedArray(name, array);
  if (array.shape.length !== shape.length || array.shape.some((side, axis) => side !== shape[axis])) {
    throw new CorruptArtifactError(
      `Array ${name} has the shape [${array.shape.join(', ')}] and should have [${shape.join(', ')}].`,
    );
  }
  if (!(array.data instanceof type)) throw new CorruptArtifactError(`Array ${name} has the wrong type.`);
  return array.data;
}

function refuseEmpty(history: UserHistory): void {
  if (history.items.length === 0) throw new EmptyHistoryError('A point requires at least one rating.');
}
