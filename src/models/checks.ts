/** What every `fit` and `load` asks first, in one wording. */
import type { ZodType } from 'zod';
import type { TrainingData } from '../interactions/interaction-log';
import { type Artifact, CorruptArtifactError, checkNamedArray, type NamedArray } from './artifact';
import { type TagTrainingData, UnfitDataError } from './system';

/** @throws UnfitDataError on an empty catalogue, no histories, an index outside the vocabularies, a
 *    NaN or infinite value */
export function assertFit(data: TrainingData): void {
  const { users, items, offsets, itemIndex, value } = data.interactions;
  if (items.size === 0) throw new UnfitDataError('The catalogue is empty: there is nothing to rank.');
  if (itemIndex.length === 0)
    throw new UnfitDataError('No user has a history: there is nothing to train on.');
  if (
    offsets.length !== users.size + 1 ||
    offsets[users.size] !== itemIndex.length ||
    value.length !== itemIndex.length
  ) {
    throw new UnfitDataError('The columns of the interaction log have inconsistent shapes.');
  }
  for (let row = 0; row < itemIndex.length; row++) {
    if (!(itemIndex[row] >= 0 && itemIndex[row] < items.size))
      throw new UnfitDataError(`Row ${row} has an item outside the catalogue.`);
    if (!Number.isFinite(value[row])) throw new UnfitDataError(`Row ${row} has the value ${value[row]}.`);
  }
}

/** @throws UnfitDataError */
export function assertTagFit({ taggings, users, items }: TagTrainingData): void {
  const { tags, userIndex, itemIndex, tagIndex } = taggings;
  if (tagIndex.length === 0) throw new UnfitDataError('There are no taggings to train on.');
  if (userIndex.length !== tagIndex.length || itemIndex.length !== tagIndex.length) {
    throw new UnfitDataError('The columns of the tag log have inconsistent shapes.');
  }
  for (let row = 0; row < tagIndex.length; row++) {
    if (!(tagIndex[row] >= 0 && tagIndex[row] < tags.size))
      throw new UnfitDataError(`Row ${row} has a tag outside the vocabulary.`);
    if (!(userIndex[row] >= -1 && userIndex[row] < users.size))
      throw new UnfitDataError(`Row ${row} has a user outside the vocabulary.`);
    if (!(itemIndex[row] >= -1 && itemIndex[row] < items.size))
      throw new UnfitDataError(`Row ${row} has an item outside the vocabulary.`);
  }
}

/** @throws CorruptArtifactError unless the artifact says it is of this kind and format */
export function assertKind(artifact: Artifact, kind: string): void {
  if (artifact.kind !== kind)
    throw new CorruptArtifactError(`The artifact is of kind ${artifact.kind}, not ${kind}.`);
  if (artifact.format !== 1)
    throw new CorruptArtifactError(
      `Unsupported artifact format ${artifact.format}; only format 1 can be read.`,
    );
}

/** @throws CorruptArtifactError when they are not of the schema */
export function settingsOf<Settings>(artifact: Artifact, schema: ZodType<Settings>): Settings {
  const settings = schema.safeParse(artifact.settings);
  if (!settings.success)
    throw new CorruptArtifactError(`The settings cannot be read: ${settings.error.issues[0].message}.`);
  return settings.data;
}

/** @param rank the number of dimensions
 *  @throws CorruptArtifactError when the array is missing, of another type or shape, or holds NaN
 *    or an infinity */
export function arrayOf<Kind extends 'float32' | 'int32'>(
  artifact: Artifact,
  name: string,
  kind: Kind,
  rank: number,
): {
  readonly data: Kind extends 'float32' ? Float32Array : Int32Array;
  readonly shape: readonly number[];
} {
  const array: NamedArray | undefined = artifact.arrays[name];
  if (array === undefined) throw new CorruptArtifactError(`Array ${name} is missing.`);
  const { data, shape } = array;
  if (!(data instanceof (kind === 'float32' ? Float32Array : Int32Array)))
    throw new CorruptArtifactError(`Array ${name} is not ${kind}.`);
  if (shape.length !== rank)
    throw new CorruptArtifactError(`Array ${name} has ${shape.length} dimensions and should have ${rank}.`);
  checkNamedArray(name, array);
  return { data: data as Kind extends 'float32' ? Float32Array : Int32Array, shape };
}
