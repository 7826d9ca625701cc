/** What the system believes of a user: where the point lies, in words. Computed for those who are
 *  asked about. */

import type { NearTag } from '../models/live-model';
import type { Recommender } from '../recommender';
import type { CatalogSnapshot } from '../states/catalog-snapshot';
import { type RankingSource, rankFor, type Viewer } from './ranking';
import { isExplaining } from './viewer-ratings';

export interface GenreAffinity {
  readonly genre: string;
  /** Of the movies nearest to the user. 0 to 1 */
  readonly share: number;
  /** Of all movies. 0 to 1 */
  readonly catalogShare: number;
}

/** So many of the nearest movies tell the genres: enough for shares, few enough to be the user's
 *  own. */
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

  /** How many ratings the point rests on: those that the model knows and does not find too old; 0
   *  without a point. */
  get ratingCount(): number {
    const { state, rated, point } = this.viewer;
    if (state.model === null || point === null) return 0;
    const history = state.model.historyOf(rated);
    const { space } = state.model;
    return (isExplaining(space) ? space.leaveOneOut(history) : history).items.length;
  }

  /** The tags nearest to where the user's tags would lie; none without a point. */
  nearTags(k: number): NearTag[] {
    const { state, point } = this.viewer;
    if (state.model === null || point === null) return [];
    return state.model.tagsNear(state.model.space.tagQueryPoint({ userPoint: point }), k);
  }

  /** The genres by which the nearest movies, seen ones included, differ most from the catalog;
   *  those that are rarer there are left out. Without a point: of the movies that stand in for
   *  them. */
  genres(k: number): GenreAffinity[] {
    const { state, point } = this.viewer;
    const { catalog, model } = state;
    const near =
      model === null || point === null ? this.ranked().rows : model.scan.nearest(point, MOVIES).rows;
    const all = wholeCatalog(catalog);
    return [...genreShares(catalog, near)]
      .map(([genre, share]) => ({ genre, share, catalogShare: all.get(genre) ?? 0 }))
      .filter(({ share, catalogShare }) => share > catalogShare)
      .sort((a, b) => b.share - b.catalogShare - (a.share - a.catalogShare) || (a.genre < b.genre ? -1 : 1))
      .slice(0, k);
  }

  private ranked() {
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

const wholeCatalogs = new WeakMap<CatalogSnapshot['movies'], Map<string, number>>();

function wholeCatalog(catalog: CatalogSnapshot): Map<string, number> {
  let known = wholeCatalogs.get(catalog.movies);
  if (known === undefined) {
    known = genreShares(catalog, Array.from(catalog.movies.keys()));
    wholeCatalogs.set(catalog.movies, known);
  }
  return known;
}

/** @throws NotFoundError */
export async function profileOf(recommender: Recommender, userId: number): Promise<Profile> {
  return new Profile(userId, await recommender.viewerFor(userId));
}
