/** All movies and tags as they were at one moment, immutable: columns over a dense row, which
 *  everything in memory counts by. Rows are only ever appended, until the catalog is loaded
 *  anew. */
import { isDeepStrictEqual } from 'node:util';
import type { Movie } from '../../catalog/movie.entity';
import type { CheckedFilter } from '../../catalog/movie-filter.input';
import type { Tag } from '../../catalog/tag.entity';
import type { Demographics } from '../../interactions/interaction-log';
import { Bitset } from '../../numeric/bitset';
import { type GroupRatings, PriorOrders } from './prior';
import type { TagIndex } from './tag-index';

export interface CatalogContent {
  readonly movies: readonly Movie[];
  readonly tags: readonly Tag[];
  /** Number of ratings by movie id; missing means none. */
  readonly ratingCounts: ReadonlyMap<number, number>;
  readonly taggings: TagIndex;
  /** Null or left out: nobody's demographics are known. */
  readonly groupRatings?: GroupRatings | null;
}

export class CatalogSnapshot {
  /** [I] by row */
  readonly movies: readonly Movie[];
  readonly tags: ReadonlyMap<number, Tag>;
  /** [I] rows, most rated first; ties in order of row */
  readonly popularityOrder: Int32Array;
  private readonly rowById: ReadonlyMap<number, number>;
  /** [I] 0 where unknown */
  private readonly years: Int16Array;
  /** [I] number of ratings */
  private readonly counts: Int32Array;
  private readonly genreRows: ReadonlyMap<string, Bitset>;
  private rankByRow: Int32Array | undefined;
  private priors: PriorOrders | undefined;

  constructor(private readonly content: CatalogContent) {
    const { movies, ratingCounts } = content;
    this.movies = movies;
    this.tags = new Map(content.tags.map((tag) => [tag.id, tag]));
    this.rowById = new Map(movies.map((movie, row) => [movie.id, row]));
    this.years = Int16Array.from(movies, (movie) => movie.year ?? 0);
    this.genreRows = genreRows(movies);
    const counts = Int32Array.from(movies, (movie) => ratingCounts.get(movie.id) ?? 0);
    this.counts = counts;
    this.popularityOrder = Int32Array.from(movies, (_, row) => row).sort(
      (a, b) => counts[b] - counts[a] || a - b,
    );
  }

  get size(): number {
    return this.movies.length;
  }

  rowOf(movieId: number): number | undefined {
    return this.rowById.get(movieId);
  }

  get taggings(): TagIndex {
    return this.content.taggings;
  }

  /** @returns how many people rated the movie, as last counted */
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

  /** The conditions on the movie itself: whether somebody has seen it is for who knows them.
   *  @returns the rows that a filter leaves out; null when it leaves out nothing */
  excludedBy(filter: CheckedFilter | null | undefined): Bitset | null {
    if (!filter || !hasCondition(filter)) return null;
    const { genresAnyOf, genresNoneOf, tagsAnyOf, tagsNoneOf, yearFrom, yearTo, minRatings, excludeIds } =
      filter;
    const excluded = new Bitset(this.size);
    if (genresAnyOf)
      this.keepOnly(excluded, (wanted) =>
        genresAnyOf.forEach((genre) => void union(wanted, this.genreRows.get(genre))),
      );
    if (tagsAnyOf)
      this.keepOnly(excluded, (wanted) => tagsAnyOf.forEach((tagId) => void this.addTagged(wanted, tagId)));
    for (const genre of genresNoneOf ?? []) union(excluded, this.genreRows.get(genre));
    for (const tagId of tagsNoneOf ?? []) this.addTagged(excluded, tagId);
    if (yearFrom !== null || yearTo !== null) {
      // An unknown year is 0 here, before every first one.
      const from = yearFrom ?? 1;
      const to = yearTo ?? Number.POSITIVE_INFINITY;
      for (let row = 0; row < this.size; row++)
        if (this.years[row] < from || this.years[row] > to) excluded.add(row);
    }
    if (minRatings !== null)
      for (let row = 0; row < this.size; row++) if (this.counts[row] < minRatings) excluded.add(row);
    for (const id of excludeIds ?? []) this.addMovie(excluded, id);
    return excluded;
  }

  private keepOnly(excluded: Bitset, addWanted: (wanted: Bitset) => void): void {
    const wanted = new Bitset(this.size);
    addWanted(wanted);
    union(excluded, complement(wanted));
  }

  private addTagged(set: Bitset, tagId: number): void {
    for (const id of this.taggings.moviesWith(tagId)) this.addMovie(set, id);
  }

  private addMovie(set: Bitset, movieId: number): void {
    const row = this.rowById.get(movieId);
    if (row !== undefined) set.add(row);
  }

  /** @returns [I] rows in the order of what people like this one rate; null when nothing is known
   *    that tells them from others */
  priorOrder(demographics: Demographics | undefined): Int32Array | null {
    const { groupRatings, ratingCounts } = this.content;
    if (!groupRatings) return null;
    this.priors ??= new PriorOrders(groupRatings, this.movies, ratingCounts, this.popularityOrder);
    return this.priors.orderFor(demographics);
  }

  /** @returns the k most rated rows outside `skip`, or the first of another order */
  mostPopular(k: number, skip: Bitset | null, order = this.popularityOrder): number[] {
    const rows: number[] = [];
    for (let rank = 0; rank < this.size && rows.length < k; rank++) {
      const row = order[rank];
      if (!skip?.has(row)) rows.push(row);
    }
    return rows;
  }

  private mergeMovies(told: readonly Movie[]): readonly Movie[] {
    // A movie is told of when its tags change as well: all that is made from the movies stays where
    // they are as they were.
    const changed = told.filter(
      (movie) => !isDeepStrictEqual(movie, this.movies[this.rowById.get(movie.id) ?? -1]),
    );
    if (changed.length === 0) return this.movies;
    const movies = [...this.movies];
    for (const movie of changed) {
      const row = this.rowById.get(movie.id);
      if (row === undefined) movies.push(movie);
      else movies[row] = movie;
    }
    return movies;
  }

  /** `movies` stays the same array unless movies changed.
   *  @returns a snapshot with the same rows, where changed movies stand in for their former selves
   *    and new ones follow at the end */
  with(changes: Partial<CatalogContent>): CatalogSnapshot {
    const movies = changes.movies ? this.mergeMovies(changes.movies) : this.movies;
    const tags = changes.tags ? [...this.content.tags, ...changes.tags] : this.content.tags;
    return new CatalogSnapshot({ ...this.content, ...changes, movies, tags });
  }
}

function hasCondition(filter: CheckedFilter): boolean {
  const { seen, nearTagIds, ...conditions } = filter;
  return Object.values(conditions).some((condition) => condition !== null);
}

function genreRows(movies: readonly Movie[]): Map<string, Bitset> {
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

/** Adds the members of `other`, of the same size, to `set`. @returns `set` */
export function union(set: Bitset, other: Bitset | null | undefined): Bitset {
  if (other) for (let w = 0; w < set.words.length; w++) set.words[w] |= other.words[w];
  return set;
}

/** @returns a new set of the same size, of all that is not in `set` */
export function complement(set: Bitset): Bitset {
  const others = new Bitset(set.size);
  for (let w = 0; w < set.words.length; w++) others.words[w] = ~set.words[w];
  if (set.size % 32 !== 0) others.words[others.words.length - 1] &= 2 ** (set.size % 32) - 1;
  return others;
}
