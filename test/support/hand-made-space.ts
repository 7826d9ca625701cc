/** A space whose answers are known by construction: genres are corners, a user is the mean of what
 *  they rated. No training. */
import type { UserHistory } from '../../src/interactions/interaction-log';
import type { Artifact } from '../../src/models/artifact';
import { EmptyHistoryError, type LeftOut, type MetricSpace } from '../../src/models/metric-space';

/** Where a movie of which only the genre is known lies. */
export const CORNERS: Readonly<Record<string, readonly [number, number]>> = {
  Horror: [10, 0],
  Comedy: [0, 10],
  Drama: [0, 0],
};

export class HandMadeSpace implements MetricSpace {
  readonly embeddingSize = 2;

  /** @param factor everything is this much farther apart: tells one model from another */
  constructor(
    readonly itemIds: Int32Array,
    readonly itemPoints: Float32Array,
    readonly tagIds: Int32Array,
    readonly tagPoints: Float32Array,
    private readonly factor: number,
  ) {}

  userPoint(history: UserHistory): Float32Array {
    if (history.items.length === 0) throw new EmptyHistoryError('Nothing rated.');
    const point = new Float32Array(2);
    for (const item of history.items)
      for (let k = 0; k < 2; k++) point[k] += this.itemPoints[item * 2 + k] / history.items.length;
    return point;
  }

  leaveOneOut(history: UserHistory): LeftOut {
    const without = (row: number) => {
      const others = <A extends Int32Array | Float32Array | Float64Array>(values: A) =>
        values.filter((_, j) => j !== row) as A;
      const { items, values, timestamps } = history;
      return this.userPoint({
        items: others(items),
        values: others(values),
        timestamps: others(timestamps),
      });
    };
    return { items: history.items, without: (rows) => rows.map(without) };
  }

  tagQueryPoint({
    userPoint,
    itemPoint,
  }: {
    readonly userPoint?: Float32Array;
    readonly itemPoint?: Float32Array;
  }): Float32Array {
    const points = [userPoint, itemPoint].filter((point) => point !== undefined);
    return Float32Array.of(
      ...[0, 1].map((k) => points.reduce((sum, point) => sum + point[k], 0) / points.length),
    );
  }

  coldItemPoint({
    genres,
    tagIds,
  }: {
    readonly genres: readonly string[];
    readonly tagIds: readonly number[];
  }): Float32Array {
    const [x, y] = CORNERS[genres[0]] ?? [0, 0];
    // Each tag moves it a little, so that a test sees that tags arrive here.
    return Float32Array.of((x + 0.01 * tagIds.length) * this.factor, y * this.factor);
  }

  withItems(itemIds: Int32Array, itemPoints: Float32Array): HandMadeSpace {
    const ids = Int32Array.of(...this.itemIds, ...itemIds);
    const points = Float32Array.of(...this.itemPoints, ...itemPoints);
    return new HandMadeSpace(ids, points, this.tagIds, this.tagPoints, this.factor);
  }
}

export interface PlacedMovie {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

/** An artifact that `readHandMade` reads. */
export function handMadeArtifact(
  movies: readonly PlacedMovie[],
  tags: readonly PlacedMovie[],
  factor = 1,
): Artifact {
  const ids = (list: readonly PlacedMovie[]) => ({
    data: Int32Array.from(list, ({ id }) => id),
    shape: [list.length],
  });
  const points = (list: readonly PlacedMovie[]) => ({
    data: Float32Array.from(list.flatMap(({ x, y }) => [x * factor, y * factor])),
    shape: [list.length, 2],
  });
  return {
    kind: 'hand-made',
    format: 1,
    settings: { factor },
    arrays: {
      itemIds: ids(movies),
      itemPoints: points(movies),
      tagIds: ids(tags),
      tagPoints: points(tags),
    },
  };
}

export function readHandMade({ arrays, settings }: Artifact): HandMadeSpace {
  return new HandMadeSpace(
    arrays.itemIds.data as Int32Array,
    arrays.itemPoints.data as Float32Array,
    arrays.tagIds.data as Int32Array,
    arrays.tagPoints.data as Float32Array,
    settings.factor as number,
  );
}
