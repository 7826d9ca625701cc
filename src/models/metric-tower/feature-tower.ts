/** The part of the item tower that sees features only, in plain TypeScript: where a movie lies of
 *  which no rating is known.
 *
 *    x = [genres, year, mean of the points of its tags],    f(x) = W₂ relu(W₁ x + b₁) + b₂
 *
 *  Genres share a weight of 1 / √(their number); the year is spread over the two nearest of the
 *  `YEAR_KNOTS`. */

/** Five years apart; before and after them counts as the outermost. */
export const YEAR_KNOTS: readonly number[] = Array.from({ length: 22 }, (_, knot) => 1920 + 5 * knot);

export interface FeatureTower {
  readonly embeddingSize: number;
  readonly hiddenSize: number;
  readonly genreNames: readonly string[];
  /** [F + d, hidden], F = featureCount(genreNames.length) */
  readonly hiddenWeights: Float32Array;
  /** [hidden] */
  readonly hiddenBias: Float32Array;
  /** [hidden, d] */
  readonly outputWeights: Float32Array;
  /** [d] */
  readonly outputBias: Float32Array;
}

/** A sparse feature vector: `weights[n]` stands at `columns[n]`. */
export interface SparseFeatures {
  readonly columns: readonly number[];
  readonly weights: readonly number[];
}

/** Columns: the genres, the years' knots, and one for "year unknown". */
export function featureCount(genres: number): number {
  return genres + YEAR_KNOTS.length + 1;
}

/** @param genres indices of genre names, each once @param year 0 where unknown */
export function encodeFeatures(genres: readonly number[], year: number, genreCount: number): SparseFeatures {
  const columns = [...genres];
  const weights = genres.map(() => 1 / Math.sqrt(genres.length));
  const last = YEAR_KNOTS.length - 1;
  if (year === 0) {
    columns.push(genreCount + last + 1);
    weights.push(1);
  } else {
    const place = Math.max(0, Math.min(last, (year - YEAR_KNOTS[0]) / 5));
    const left = Math.min(Math.floor(place), last - 1);
    columns.push(genreCount + left, genreCount + left + 1);
    weights.push(left + 1 - place, place - left);
  }
  return { columns, weights };
}

/** @param tagMean [d], zeros where there are no tags
 *  @param out     [d], written over */
export function computeFeaturePoint(
  tower: FeatureTower,
  features: SparseFeatures,
  tagMean: Float32Array,
  out: Float32Array,
): void {
  const { embeddingSize: d, hiddenSize, hiddenWeights, outputWeights } = tower;
  const hidden = Float64Array.from(tower.hiddenBias);
  features.columns.forEach((column, n) => {
    for (let h = 0; h < hiddenSize; h++)
      hidden[h] += features.weights[n] * hiddenWeights[column * hiddenSize + h];
  });
  const tagRows = featureCount(tower.genreNames.length);
  for (let k = 0; k < d; k++) {
    if (tagMean[k] === 0) continue;
    for (let h = 0; h < hiddenSize; h++)
      hidden[h] += tagMean[k] * hiddenWeights[(tagRows + k) * hiddenSize + h];
  }
  out.set(tower.outputBias);
  for (let h = 0; h < hiddenSize; h++) {
    if (hidden[h] <= 0) continue;
    for (let k = 0; k < d; k++) out[k] += hidden[h] * outputWeights[h * d + k];
  }
}

/** @param points [T, d] @param rows of `points`, not empty @returns [d] */
export function meanPoint(points: Float32Array, rows: ArrayLike<number>, d: number): Float32Array {
  const mean = new Float32Array(d);
  for (let n = 0; n < rows.length; n++) {
    for (let k = 0; k < d; k++) mean[k] += points[rows[n] * d + k] / rows.length;
  }
  return mean;
}
