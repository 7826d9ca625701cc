/** The catalog in memory: loaded whole at the start, then kept up to date by reading only what
 *  changed. */
import { join } from 'node:path';
import { SQL as CATALOG_SQL, type MovieRow, type TagRow } from '../../catalog/loaders';
import type { Database } from '../../database/database';
import { sqlFile } from '../../database/sql';
import { AGE_GROUPS } from '../../interactions/demographic-prior';
import { type CatalogContent, CatalogSnapshot, type GroupRatings } from './catalog-snapshot';
import { TagIndex } from './tag-index';

const SQL = join(__dirname, 'sql');

/** Ids are drawn before they are committed: a lower one may appear after a higher one. */
const LATE_TAG_IDS = 1_000;

interface GroupRatingsRow {
  readonly name: string;
  readonly users: number;
  readonly allUsers: number;
  /** int32, big-endian */
  readonly movieIds: Buffer;
  /** int32, big-endian */
  readonly ratings: Buffer;
}

export class CatalogCache {
  private latest = new CatalogSnapshot({
    movies: [],
    tags: [],
    ratingCounts: new Map(),
    taggings: new TagIndex(new Map()),
  });

  constructor(private readonly database: Database) {}

  /** The catalog as of the last load or change; immutable. */
  get snapshot(): CatalogSnapshot {
    return this.latest;
  }

  /** Reads everything. @param onProgress 0 to 1 and what is being read */
  async load(onProgress: (fraction: number, what: string) => void = () => undefined): Promise<void> {
    onProgress(0, 'movies');
    const movies = await this.database.query<MovieRow>(sqlFile(SQL, 'movies'));
    onProgress(0.3, 'tags');
    const tags = await this.readTags(0);
    onProgress(0.5, 'rating counts');
    const ratings = await this.readRatings();
    onProgress(0.8, 'taggings');
    const taggings = new TagIndex(await this.readTaggings('taggings', []));
    this.latest = new CatalogSnapshot({ movies, tags, ...ratings, taggings });
    onProgress(1, 'catalog');
  }

  /** Reads these movies, new or changed, and their tags. */
  async refreshMovies(movieIds: readonly number[]): Promise<void> {
    if (movieIds.length === 0) return;
    const movies = await this.database.query<MovieRow>(sqlFile(CATALOG_SQL, 'movies-by-id'), [movieIds]);
    const carried = await this.readTaggings('tags-of-movies', [movieIds]);
    const taggings = this.latest.taggings.with(new Map(movieIds.map((id) => [id, carried.get(id) ?? []])));
    this.latest = this.latest.with({ movies, taggings });
  }

  /** Reads the tags that are new: a tag never changes. */
  async refreshTags(): Promise<void> {
    let newest = 0;
    for (const id of this.latest.tags.keys()) newest = Math.max(newest, id);
    const tags = (await this.readTags(newest - LATE_TAG_IDS)).filter(({ id }) => !this.latest.tags.has(id));
    if (tags.length > 0) this.latest = this.latest.with({ tags });
  }

  /** Counts all ratings again, for the orders by popularity and by demographic group. */
  async refreshRatingCounts(): Promise<void> {
    this.latest = this.latest.with(await this.readRatings());
  }

  private readTags(after: number): Promise<TagRow[]> {
    return this.database.query<TagRow>(sqlFile(SQL, 'tags'), [after]);
  }

  /** @returns distinct tag ids by movie id */
  private async readTaggings(
    statement: string,
    parameters: readonly unknown[],
  ): Promise<Map<number, readonly number[]>> {
    const rows = await this.database.query<{ movieId: number; tagIds: readonly number[] }>(
      sqlFile(SQL, statement),
      parameters,
    );
    return new Map(rows.map(({ movieId, tagIds }) => [movieId, tagIds]));
  }

  private async readRatings(): Promise<Pick<CatalogContent, 'ratingCounts' | 'groupRatings'>> {
    const rows = await this.database.query<{ movieId: number; ratings: number }>(
      sqlFile(SQL, 'rating-counts'),
    );
    const groups = await this.database.query<GroupRatingsRow>(sqlFile(SQL, 'group-ratings'), [AGE_GROUPS]);
    return {
      ratingCounts: new Map(rows.map(({ movieId, ratings }) => [movieId, ratings])),
      groupRatings: toGroupRatings(groups),
    };
  }
}

/** @returns null where there are no groups */
function toGroupRatings(rows: readonly GroupRatingsRow[]): GroupRatings | null {
  if (rows.length === 0) return null;
  const groups = rows.map(({ name, users, movieIds, ratings }) => {
    const byMovie = new Map<number, number>();
    for (let at = 0; at < movieIds.length; at += 4)
      byMovie.set(movieIds.readInt32BE(at), ratings.readInt32BE(at));
    return [name, { users, byMovie }] as const;
  });
  return { users: rows[0].allUsers, groups: new Map(groups) };
}
