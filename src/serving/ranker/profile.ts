/** The taste of a user: the position of the point in terms of tags and movies. Each part is
 *  computed when it is read. */
import type { NearTag } from '../models/live-model';
import type { CatalogSnapshot } from '../states/catalog-snapshot';
import { type RankedMovies, type RankingSource, rankFor, type Viewer } from './ranking';

export interface GenreAffinity {
  readonly genre: string;
  /** Of the movies nearest to the user. 0 to 1 */
  readonly share: number;
  /** Of all movies. 0 to 1 */
  readonly catalogShare: number;
}

/** Nearest movies whose genres are counted: enough for shares, few enough to be the user's own. */
const MOVIES = 100;

export class Profile {
  constructor(
    readonly userId: number,
    private readonly viewer: Viewer,
  ) {}

  /** What recommendations are measured from. */
  get source(): RankingSource {
    return this.ranked().source;
  }

  /** Number of ratings that the point is computed from: those of movies that the model has, and not
   *  too old for it; 0 without a point. */
  get ratingCount(): number {
    const { state, history, point } = this.viewer;
    if (state.model === null || point === null) return 0;
    const read = state.model.historyOf(history);
    const { space } = state.model;
    return (space.leaveOneOut?.(read) ?? read).items.length;
  }

  /** The tags nearest to where the user's tags would lie; none without a point. */
  nearTags(k: number): NearTag[] {
    const { state, point } = this.viewer;
    return state.model?.tagsFor({ userPoint: point }, k) ?? [];
  }

  /** The genres that are more frequent among the nearest movies, seen ones included, than in the
   *  catalog; the largest difference first. Without a point: among the movies that are
   *  recommended. */
  genres(k: number): GenreAffinity[] {
    const { state, point } = this.viewer;
    const { catalog, model } = state;
    const near =
      model === null || point === null ? this.ranked().rows : model.scan.nearest(point, MOVIES).rows;
    const all = catalogShares(catalog);
    return [...genreShares(catalog, near)]
      .map(([genre, share]) => ({ genre, share, catalogShare: all.get(genre) ?? 0 }))
      .filter(({ share, catalogShare }) => share > catalogShare)
      .sort((a, b) => b.share - b.catalogShare - (a.share - a.catalogShare) || (a.genre < b.genre ? -1 : 1))
      .slice(0, k);
  }

  private ranked(): RankedMovies {
    return rankFor(this.viewer, { k: MOVIES }, 'PERSONAL');
  }
}

/** @returns by genre, the share of the rows that have it */
function genreShares({ movies }: CatalogSnapshot, rows: readonly number[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const row of rows)
    for (const genre of new Set(movies[row].genres)) found.set(genre, (found.get(genre) ?? 0) + 1);
  return new Map([...found].map(([genre, count]) => [genre, count / rows.length]));
}

const sharesOf = new WeakMap<CatalogSnapshot['movies'], Map<string, number>>();

function catalogShares(catalog: CatalogSnapshot): Map<string, number> {
  let shares = sharesOf.get(catalog.movies);
  if (shares === undefined) {
    shares = genreShares(catalog, Array.from(catalog.movies.keys()));
    sharesOf.set(catalog.movies, shares);
  }
  return shares;
}
