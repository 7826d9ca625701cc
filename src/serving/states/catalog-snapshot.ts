/** All movies and tags as they were at one moment, immutable: columns over a dense row, which
 *  everything in memory counts by. Rows are only appended, until the catalog is loaded again. */
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { MovieRow, TagRow } from '../../catalog/loaders';
import type { CheckedFilter } from '../../catalog/movie-filter';
import { type DemographicCounts, demographicPrior, groupsOf } from '../../interactions/demographic-prior';
import type { Demographics } from '../../interactions/interaction-log';
import { Bitset } from '../../numeric/bitset';
import type { TagIndex } from './tag-index';

/** Orders of demographic groups in memory: 4 bytes a movie each. */
const MOST_ORDERS = 64;

/** Ratings by demographic group, as the database counted them. */
export interface GroupRatings {
  /** Everybody who rated something. */
  readonly users: number;
  readonly groups: ReadonlyMap<
    string,
    { readonly users: number; readonly byMovie: ReadonlyMap<number, number> }
  >;
}

export interface CatalogContent {
  readonly movies: readonly MovieRow[];
  readonly tags: readonly TagRow[];
  /** Number of ratings by movie id; missing means none. */
  readonly ratingCounts: ReadonlyMap<number, number>;
  readonly taggings: TagIndex;
  /** Null or omitted: no demographics. */
  readonly groupRatings?: GroupRatings | null;
}

export class CatalogSnapshot {
  /** [I] by row */
  readonly movies: readonly MovieRow[];
  readonly tags: ReadonlyMap<number, TagRow>;
  /** [I] rows, most rated first; ties in order of row */
  readonly popularityOrder: Int32Array;
  private readonly rowById: ReadonlyMap<number, number>;
  /** [I] 0 where unknown */
  private readonly years: Int16Array;
  /** [I] number of ratings */
  private readonly counts: Int32Array;
  private readonly genreRows: ReadonlyMap<string, Bitset>;
  private rankByRow: Int32Array | undefined;
  private demographicCounts: DemographicCounts | undefined;
  private readonly priorOrders = new LRUCache<string, { readonly order: Int32Array | null }>({
    max: MOST_ORDERS,
  });

  constructor(private readonly content: CatalogContent) {
    const { movies, ratingCounts } = content;
    this.movies = movies;
    this.tags = new Map(content.tags.map((tag) => [tag.id, tag]));
    this.rowById = new Map(movies.map((movie, row) => [movie.id, row]));
    this.years = Int16Array.from(movies, (movie) => movie.year ?? 0);
    this.genreRows = genreRows(movies);
    const counts = Int32Array.from(movies, (movie) => ratingCounts.get(movie.id) ?? 0);
    this.counts = counts;
    this.popularityOrder = Int32Array.from(movies.keys()).sort((a, b) => counts[b] - counts[a] || a - b);
  }

  get size(): number {
    return this.movies.length;
  }

  get taggings(): TagIndex {
    return this.content.taggings;
  }

  rowOf(movieId: number): number | undefined {
    return this.rowById.get(movieId);
  }

  /** @returns whether the movie or tag exists */
  has(entity: 'movie' | 'tag', id: number): boolean {
    return entity === 'movie' ? this.rowById.has(id) : this.tags.has(id);
  }

  /** @returns rows of the movies that carry the tag */
  rowsTagged(tagId: number): number[] {
    return this.rowsOf(this.taggings.moviesWith(tagId));
  }

  /** @returns number of ratings, as last counted */
  ratingsOf(row: number): number {
    return this.counts[row];
  }

  /** @returns the movie's place by number of ratings, 0 for the most rated */
  popularityRank(row: number): number {
    if (this.rankByRow === undefined) {
      this.rankByRow = new Int32Array(this.size);
      for (let rank = 0; rank < this.size; rank++) this.rankByRow[this.popularityOrder[rank]] = rank;
    }
    return this.rankByRow[row];
  }

  /** The conditions on the movie itself; `seen` is up to those who know the viewer.
   *  @returns the rows that a filter leaves out; null when it leaves out nothing */
  excludedBy(filter: CheckedFilter | null | undefined): Bitset | null {
    if (!filter || !hasCondition(filter)) return null;
    const excluded = new Bitset(this.size);
    const { genresAnyOf, tagsAnyOf, yearFrom, yearTo, minRatings } = filter;
    if (genresAnyOf) excluded.union(this.withGenres(genresAnyOf).complement());
    if (tagsAnyOf) excluded.union(this.withTags(tagsAnyOf).complement());
    excluded.union(this.withGenres(filter.genresNoneOf ?? []));
    excluded.union(this.withTags(filter.tagsNoneOf ?? []));
    if (yearFrom !== null || yearTo !== null) {
      const from = yearFrom ?? 1; // an unknown year is 0 here
      const to = yearTo ?? Number.POSITIVE_INFINITY;
      for (let row = 0; row < this.size; row++)
        if (this.years[row] < from || this.years[row] > to) excluded.add(row);
    }
    if (minRatings !== null)
      for (let row = 0; row < this.size; row++) if (this.counts[row] < minRatings) excluded.add(row);
    for (const row of this.rowsOf(filter.excludeIds ?? [])) excluded.add(row);
    return excluded;
  }

  /** @returns [I] rows, what people of the same demographic groups rate most first; null when
   *    nothing is known of these groups. Orders are kept: an answer costs no more than by
   *    popularity */
  priorOrder(demographics: Demographics | undefined): Int32Array | null {
    const { groupRatings } = this.content;
    const key = groupsOf(demographics).join('\n');
    if (!groupRatings || key === '') return null;
    let kept = this.priorOrders.get(key);
    if (kept === undefined) {
      this.demographicCounts ??= this.countsOf(groupRatings);
      const prior = demographicPrior(this.demographicCounts, demographics);
      kept = { order: prior && this.popularityOrder.slice().sort((a, b) => prior[b] - prior[a]) };
      this.priorOrders.set(key, kept);
    }
    return kept.order;
  }

  /** @returns the first k rows of the order outside `skip` */
  mostPopular(k: number, skip: Bitset | null, order = this.popularityOrder): number[] {
    const rows: number[] = [];
    for (let rank = 0; rank < this.size && rows.length < k; rank++) {
      const row = order[rank];
      if (!skip?.has(row)) rows.push(row);
    }
    return rows;
  }

  /** `movies` stays the same array unless movies changed.
   *  @returns a snapshot where changed movies keep their rows and new ones follow at the end */
  with(changes: Partial<CatalogContent>): CatalogSnapshot {
    const movies = changes.movies ? this.mergeMovies(changes.movies) : this.movies;
    const tags = changes.tags ? [...this.content.tags, ...changes.tags] : this.content.tags;
    return new CatalogSnapshot({ ...this.content, ...changes, movies, tags });
  }

  private mergeMovies(reported: readonly MovieRow[]): readonly MovieRow[] {
    // A movie is reported when only its tags changed, too: the same array then keeps all that is
    // made from it.
    const changed = reported.filter(
      (movie) => !isDeepStrictEqual(movie, this.movies[this.rowById.get(movie.id) ?? -1]),
    );
    if (changed.length === 0) return this.movies;
    const movies = [...this.movies];
    for (const movie of changed) movies[this.rowById.get(movie.id) ?? movies.length] = movie;
    return movies;
  }

  private rowsOf(movieIds: readonly number[]): number[] {
    return movieIds.map((id) => this.rowById.get(id)).filter((row) => row !== undefined);
  }

  private withGenres(genres: readonly string[]): Bitset {
    const rows = new Bitset(this.size);
    for (const genre of genres) {
      const members = this.genreRows.get(genre);
      if (members) rows.union(members);
    }
    return rows;
  }

  private withTags(tagIds: readonly number[]): Bitset {
    return Bitset.of(
      this.size,
      tagIds.flatMap((tagId) => this.rowsTagged(tagId)),
    );
  }

  private countsOf({ users, groups }: GroupRatings): DemographicCounts {
    const columnOf = (byMovie: ReadonlyMap<number, number>) =>
      Float64Array.from(this.movies, ({ id }) => byMovie.get(id) ?? 0);
    return {
      all: { users, items: columnOf(this.content.ratingCounts) },
      groups: new Map(
        Array.from(groups, ([name, group]) => [
          name,
          { users: group.users, items: columnOf(group.byMovie) },
        ]),
      ),
    };
  }
}

function hasCondition({ seen, nearTagIds, ...conditions }: CheckedFilter): boolean {
  return Object.values(conditions).some((condition) => condition !== null);
}

function genreRows(movies: readonly MovieRow[]): Map<string, Bitset> {
  const rows = new Map<string, Bitset>();
  movies.forEach((movie, row) => {
    for (const genre of movie.genres) {
      const members = rows.get(genre) ?? new Bitset(movies.length);
      members.add(row);
      rows.set(genre, members);
    }
  });
  return rows;
}
