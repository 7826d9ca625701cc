/** A model over one state of the catalog: immutable, so that a request which holds it sees one
 *  model to its end. Everything counts by catalog row; movies that came after training get the
 *  point that their features give them. */
import type { TagRow } from '../../catalog/loaders';
import { ModelNotReadyError, NotFoundError } from '../../errors';
import type { UserHistory } from '../../interactions/interaction-log';
import { CorruptArtifactError } from '../../models/artifact';
import type { MetricSpace } from '../../models/metric-space';
import { meanPoint } from '../../models/metric-tower/forward';
import { Bitset } from '../../numeric/bitset';
import { type DistanceScan, squaredDistance } from '../../numeric/scan';
import { createScan } from '../../numeric/scan-simd';
import type { CatalogSnapshot } from '../states/catalog-snapshot';
import { historyOfItems, type MovieHistory } from '../states/history-cache';

/** What a request takes hold of when it begins: replaced as a whole, never changed. */
export interface LiveState {
  readonly catalog: CatalogSnapshot;
  /** Over the same catalog. Null before the first model. */
  readonly model: LiveModel | null;
}

/** The points by catalog row: costly to make, and kept while movies and space stay the same. */
export interface Placement {
  readonly movies: CatalogSnapshot['movies'];
  /** With the movies that came after training, where it can take them. */
  readonly space: MetricSpace;
  /** [I, d] */
  readonly points: Float32Array;
  readonly scan: DistanceScan;
  /** Over the rows of `space.tagPoints`. */
  readonly tagScan: DistanceScan;
  /** [I] row of `space.itemPoints`, or -1 for a movie that it does not have */
  readonly spaceRows: Int32Array;
}

export interface NearTag {
  readonly tag: TagRow;
  readonly distance: number;
}

/** @param coldTags tag ids of the movies that the space does not have, by movie id
 *  @param kernel   null: the plain scan */
export function placeMovies(
  space: MetricSpace,
  movies: CatalogSnapshot['movies'],
  coldTags: ReadonlyMap<number, readonly number[]>,
  kernel: WebAssembly.Module | null,
): Placement {
  const d = space.embeddingSize;
  const rowById = new Map(Array.from(space.itemIds, (id, row) => [id, row]));
  const spaceRows = Int32Array.from(movies, ({ id }) => rowById.get(id) ?? -1);
  const points = new Float32Array(movies.length * d);
  const cold: number[] = [];
  movies.forEach(({ id, genres, year }, row) => {
    const spaceRow = spaceRows[row];
    if (spaceRow < 0) cold.push(row);
    const point =
      spaceRow >= 0
        ? space.itemPoints.subarray(spaceRow * d, (spaceRow + 1) * d)
        : space.coldItemPoint({ genres, year, tagIds: coldTags.get(id) ?? [] });
    points.set(point, row * d);
  });
  const scans = { scan: createScan(points, d, kernel), tagScan: createScan(space.tagPoints, d, kernel) };
  if (cold.length === 0 || space.withItems === undefined)
    return { movies, space, points, spaceRows, ...scans };
  const coldPoints = new Float32Array(cold.length * d);
  cold.forEach((row, c) => {
    coldPoints.set(points.subarray(row * d, (row + 1) * d), c * d);
    spaceRows[row] = space.itemIds.length + c;
  });
  const coldIds = Int32Array.from(cold, (row) => movies[row].id);
  return { movies, space: space.withItems(coldIds, coldPoints), points, spaceRows, ...scans };
}

export class LiveModel {
  readonly space: MetricSpace;
  readonly scan: DistanceScan;
  private readonly tagScan: DistanceScan;
  /** Rows of `tagScan` whose tag the catalog does not have. */
  private readonly unknownTags: Bitset;

  constructor(
    readonly modelId: number,
    readonly catalog: CatalogSnapshot,
    readonly placement: Placement,
  ) {
    const { space, scan, tagScan } = placement;
    this.space = space;
    this.scan = scan;
    this.tagScan = tagScan;
    this.unknownTags = new Bitset(space.tagIds.length);
    space.tagIds.forEach((id, row) => {
      if (!catalog.tags.has(id)) this.unknownTags.add(row);
    });
  }

  /** @returns [d], a view */
  pointOf(row: number): Float32Array {
    const d = this.space.embeddingSize;
    return this.placement.points.subarray(row * d, (row + 1) * d);
  }

  /** @param point [d] @returns the Euclidean distance of a movie to it */
  distanceTo(row: number, point: Float32Array): number {
    const d = this.space.embeddingSize;
    return Math.sqrt(squaredDistance(this.placement.points, row * d, point, d));
  }

  /** Where training put a tag. @returns [d], a view; null for a tag that came after it */
  tagPoint(tagId: number): Float32Array | null {
    const { tagIds, tagPoints, embeddingSize: d } = this.space;
    const row = tagIds.indexOf(tagId);
    return row < 0 ? null : tagPoints.subarray(row * d, (row + 1) * d);
  }

  /** The middle of the movies that carry a tag, for one that came after training.
   *  @returns [d]; null when no movie carries it */
  middleOfTagged(tagId: number): Float32Array | null {
    const rows = this.catalog.rowsTagged(tagId);
    return rows.length === 0 ? null : meanPoint(this.placement.points, rows, this.space.embeddingSize);
  }

  /** The k tags nearest to a point, nearest first. @param point [d] @param without tag ids to
   *  exclude, only a few */
  tagsNear(point: Float32Array, k: number, without: ReadonlySet<number> = new Set()): NearTag[] {
    const { rows, distances } = this.tagScan.nearest(point, k + without.size, this.unknownTags);
    const found: NearTag[] = [];
    for (let i = 0; i < rows.length && found.length < k; i++) {
      const tag = this.catalog.tags.get(this.space.tagIds[rows[i]]);
      if (tag && !without.has(tag.id)) found.push({ tag, distance: distances[i] });
    }
    return found;
  }

  /** The k tags nearest to where this user's tags for this movie would lie; without one of the two
   *  points, for the other in general; none without both. */
  tagsFor(
    { userPoint, itemPoint }: { userPoint?: Float32Array | null; itemPoint?: Float32Array | null },
    k: number,
    without?: ReadonlySet<number>,
  ): NearTag[] {
    if (!userPoint && !itemPoint) return [];
    const query = { ...(userPoint && { userPoint }), ...(itemPoint && { itemPoint }) };
    return this.tagsNear(this.space.tagQueryPoint(query), k, without);
  }

  /** Input of the user tower: the ratings of movies in the space. */
  historyOf(history: MovieHistory): UserHistory {
    const { catalog, placement } = this;
    return historyOfItems(history, (movieId) => {
      const row = catalog.rowOf(movieId);
      return row === undefined ? row : placement.spaceRows[row];
    });
  }

  /** @returns [d], or null for someone who rated nothing that the space has */
  userPoint(history: MovieHistory): Float32Array | null {
    const read = this.historyOf(history);
    return read.items.length === 0 ? null : this.space.userPoint(read);
  }
}

/** @throws ModelNotReadyError */
export function modelOf({ model }: LiveState): LiveModel {
  if (model === null)
    throw new ModelNotReadyError('No model has been published yet, and this field requires one.');
  return model;
}

/** @throws NotFoundError */
export function rowOf({ catalog }: LiveState, movieId: number): number {
  const row = catalog.rowOf(movieId);
  if (row === undefined) throw new NotFoundError('movie', movieId);
  return row;
}

/** @returns tag ids of the catalog's movies that the space has no point for, by movie id */
export function tagsOfColdMovies(
  space: MetricSpace,
  catalog: CatalogSnapshot,
): Map<number, readonly number[]> {
  const known = new Set(space.itemIds);
  const cold = catalog.movies.filter(({ id }) => !known.has(id));
  return new Map(cold.map(({ id }) => [id, [...catalog.taggings.tagsOf(id)].sort((a, b) => a - b)]));
}

/** @throws CorruptArtifactError saying why the space cannot be served */
export function checkSpace(space: MetricSpace): void {
  const { embeddingSize: d, itemIds, itemPoints, tagIds, tagPoints } = space;
  if (itemIds.length === 0) throw new CorruptArtifactError('The space has no movies.');
  if (itemPoints.length !== itemIds.length * d || tagPoints.length !== tagIds.length * d) {
    throw new CorruptArtifactError(`The numbers of points and ids differ at ${d} dimensions.`);
  }
  if (new Set(itemIds).size !== itemIds.length)
    throw new CorruptArtifactError('The space has a duplicate movie.');
  if (!itemPoints.every(Number.isFinite) || !tagPoints.every(Number.isFinite)) {
    throw new CorruptArtifactError('A point of the space is not finite.');
  }
}
