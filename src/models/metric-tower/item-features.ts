/** The items' feature vectors as the training reads them: genres and year sparse, tags as lists. */
import type { TrainingData } from '../../interactions/interaction-log';
import { encodeFeatures, featureCount, type SparseFeatures } from './feature-tower';

export interface ItemFeatureVectors {
  /** F: columns for genres and years */
  readonly featureCount: number;
  /** [I] */
  readonly sparse: readonly SparseFeatures[];
  /** [I] dense indices of the tags that people put on the item, one for each application */
  readonly tags: readonly Int32Array[];
}

export function buildFeatureVectors({
  interactions,
  itemFeatures,
  taggings,
}: TrainingData): ItemFeatureVectors {
  const { genreNames, genreOffsets, genreIndex, year } = itemFeatures;
  const tags: number[][] = Array.from({ length: interactions.items.size }, () => []);
  taggings.itemIndex.forEach((item, row) => {
    tags[item].push(taggings.tagIndex[row]);
  });
  return {
    featureCount: featureCount(genreNames.length),
    sparse: tags.map((_, item) => {
      const genres = genreIndex.subarray(genreOffsets[item], genreOffsets[item + 1]);
      return encodeFeatures(Array.from(genres), year[item], genreNames.length);
    }),
    tags: tags.map((list) => Int32Array.from(list)),
  };
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
