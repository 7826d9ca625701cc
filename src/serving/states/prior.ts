/** What somebody is answered of whom no rating is known that helps: the order of their demographic
 *  groups, as of the last count. Orders are made when first asked for and kept: an answer costs no
 *  more than one by popularity. */
import { LRUCache } from 'lru-cache';
import type { Movie } from '../../catalog/movie.entity';
import { type DemographicCounts, demographicPrior, groupsOf } from '../../interactions/demographic-prior';
import type { Demographics } from '../../interactions/interaction-log';

/** 4 bytes a movie each. */
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

export interface GroupRatingsRow {
  readonly name: string;
  readonly users: number;
  readonly allUsers: number;
  /** int32, big-endian */
  readonly movieIds: Buffer;
  readonly ratings: Buffer;
}

/** @returns null where there are no groups */
export function toGroupRatings(rows: readonly GroupRatingsRow[]): GroupRatings | null {
  if (rows.length === 0) return null;
  const groups = rows.map(({ name, users, movieIds, ratings }) => {
    const byMovie = new Map<number, number>();
    for (let at = 0; at < movieIds.length; at += 4)
      byMovie.set(movieIds.readInt32BE(at), ratings.readInt32BE(at));
    return [name, { users, byMovie }] as const;
  });
  return { users: rows[0].allUsers, groups: new Map(groups) };
}

/** Orders over the rows of one catalog. */
export class PriorOrders {
  private readonly counts: DemographicCounts;
  private readonly orders = new LRUCache<string, { readonly order: Int32Array | null }>({ max: MOST_ORDERS });

  /** @param popularityOrder decides between equals */
  constructor(
    { users, groups }: GroupRatings,
    movies: readonly Pick<Movie, 'id'>[],
    ratingCounts: ReadonlyMap<number, number>,
    private readonly popularityOrder: Int32Array,
  ) {
    const columnOf = (byMovie: ReadonlyMap<number, number>) =>
      Float64Array.from(movies, ({ id }) => byMovie.get(id) ?? 0);
    this.counts = {
      all: { users, items: columnOf(ratingCounts) },
      groups: new Map(
        [...groups].map(([name, group]) => [name, { users: group.users, items: columnOf(group.byMovie) }]),
      ),
    };
  }

  /** @returns [I] rows, what this person's groups rate most first; null when nothing is known of
   *    these groups */
  orderFor(demographics: Demographics | undefined): Int32Array | null {
    const key = groupsOf(demographics).join('\n');
    if (key === '') return null;
    let kept = this.orders.get(key);
    if (kept === undefined) {
      const prior = demographicPrior(this.counts, demographics);
      kept = { order: prior && this.popularityOrder.slice().sort((a, b) => prior[b] - prior[a]) };
      this.orders.set(key, kept);
    }
    return kept.order;
  }
}
