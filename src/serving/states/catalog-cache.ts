/** The catalog in memory: loaded whole at the start, then kept up by reading only what changed. */
import { join } from 'node:path';
import { Movie } from '../../catalog/movie.entity';
import { Tag } from '../../catalog/tag.entity';
import type { Database } from '../../database/database';
import { sqlFile } from '../../database/sql';
import { AGE_GROUPS } from '../../interactions/demographic-prior';
import { type CatalogContent, CatalogSnapshot } from './catalog-snapshot';
import { type GroupRatingsRow, toGroupRatings } from './prior';
import { TagIndex } from './tag-index';

const SQL = join(__dirname, 'sql');

/** Ids are drawn before they are committed: a lower one may show up after a higher one. */
const LATE_TAG_IDS = 1_000;

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
  async load(
    onProgress: (fraction: number, what: string) => void = () => undefined,
  ): Promise<CatalogSnapshot> {
    onProgress(0, 'movies');
    const movies = await this.readMovies('movies');
    onProgress(0.3, 'tags');
    const tags = await this.readTags(0);
    onProgress(0.5, 'rating counts');
    const ratings = await this.readRatings();
    onProgress(0.8, 'taggings');
    const taggings = new TagIndex(await this.readTaggings('taggings'));
    this.latest = new CatalogSnapshot({ movies, tags, ...ratings, taggings });
    onProgress(1, 'catalog');
    return this.latest;
  }

  /** Reads these movies and their tags again, new or changed. */
  async refreshMovies(movieIds: readonly number[]): Promise<CatalogSnapshot> {
    if (movieIds.length === 0) return this.latest;
    const movies = await this.readMovies('movies-by-id', [movieIds]);
    const carried = await this.readTaggings('tags-of-movies', [movieIds]);
    const taggings = this.latest.taggings.with(new Map(movieIds.map((id) => [id, carried.get(id) ?? []])));
    this.latest = this.latest.with({ movies, taggings });
    return this.latest;
  }

  /** Reads the tags that came since: a tag never changes. */
  async refreshTags(): Promise<CatalogSnapshot> {
    let newest = 0;
    for (const id of this.latest.tags.keys()) newest = Math.max(newest, id);
    const tags = (await this.readTags(newest - LATE_TAG_IDS)).filter(({ id }) => !this.latest.tags.has(id));
    if (tags.length > 0) this.latest = this.latest.with({ tags });
    return this.latest;
  }

  /** Counts all ratings again, for the order of popularity and those of demographic groups. */
  async refreshRatingCounts(): Promise<CatalogSnapshot> {
    this.latest = this.latest.with(await this.readRatings());
    return this.latest;
  }

  private async readMovies(statement: string, parameters: readonly unknown[] = []): Promise<Movie[]> {
    const rows = await this.database.query<Partial<Movie>>(sqlFile(SQL, statement), parameters);
    return rows.map((row) => Object.assign(new Movie(), row));
  }

  private async readTags(after: number): Promise<Tag[]> {
    const rows = await this.database.query<Partial<Tag>>(sqlFile(SQL, 'tags'), [after]);
    return rows.map((row) => Object.assign(new Tag(), row));
  }

  /** @returns distinct tag ids by movie id */
  private async readTaggings(
    statement: string,
    parameters: readonly unknown[] = [],
  ): Promise<Map<number, readonly number[]>> {
    type Row = { readonly movieId: number; readonly tagIds: readonly number[] };
    const rows = await this.database.query<Row>(sqlFile(SQL, statement), parameters);
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
