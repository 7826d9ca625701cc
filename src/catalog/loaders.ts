/** Reads that the rows of one answer share: each DataLoader turns the keys of one tick into one
 *  statement. */
import { join } from 'node:path';
import DataLoader from 'dataloader';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { NotFoundError } from '../errors';
import type { PageRequest } from '../request/connection';
import type { RequestContext } from '../request/context';
import type { Movie } from './movie.entity';
import type { Rating } from './rating.entity';
import type { Tag } from './tag.entity';
import type { Tagging } from './tagging.entity';
import type { User } from './user.entity';

export const SQL = join(__dirname, 'sql');

/** The columns that are fields of the schema. */
export type MovieRow = Pick<Movie, 'id' | 'title' | 'year' | 'genres' | 'imdbId' | 'tmdbId'>;
export type UserRow = Pick<User, 'id' | 'gender' | 'age' | 'occupation' | 'zipCode'>;
export type TagRow = Pick<Tag, 'id' | 'name'>;
/** `position` is the time in microseconds since 1970. */
export type RatingRow = Rating & { readonly position: number };
export type TaggingRow = Tagging & { readonly position: number };
export interface RatingStatistics {
  readonly count: number;
  readonly average: number | null;
}

/** A list read page by page in the order of its key. */
interface PagedList<Row> {
  readonly statement: string;
  /** Columns of the key, each a parameter of the statement */
  readonly keyLength: number;
  /** Whose list the row belongs to */
  idOf(row: Row): number;
}
const RATINGS_OF_USERS: PagedList<RatingRow> = {
  statement: 'ratings-of-users',
  keyLength: 3,
  idOf: (row) => row.userId,
};
const RATINGS_OF_MOVIES: PagedList<RatingRow> = {
  statement: 'ratings-of-movies',
  keyLength: 3,
  idOf: (row) => row.movieId,
};
const TAGGINGS_OF_USERS: PagedList<TaggingRow> = {
  statement: 'taggings-of-users',
  keyLength: 4,
  idOf: (row) => row.userId,
};

export class CatalogLoaders {
  constructor(private readonly database: Database) {}

  movie(context: RequestContext, id: number): Promise<MovieRow | null> {
    return context.loader('movie', () => this.byId<MovieRow>('movies-by-id')).load(id);
  }

  user(context: RequestContext, id: number): Promise<UserRow | null> {
    return context.loader('user', () => this.byId<UserRow>('users-by-id')).load(id);
  }

  tag(context: RequestContext, id: number): Promise<TagRow | null> {
    return context.loader('tag', () => this.byId<TagRow>('tags-by-id')).load(id);
  }

  /** @throws NotFoundError */
  async knownMovie(context: RequestContext, id: number): Promise<MovieRow> {
    return required('movie', id, await this.movie(context, id));
  }

  /** @throws NotFoundError */
  async knownUser(context: RequestContext, id: number): Promise<UserRow> {
    return required('user', id, await this.user(context, id));
  }

  /** @throws NotFoundError */
  async knownTag(context: RequestContext, id: number): Promise<TagRow> {
    return required('tag', id, await this.tag(context, id));
  }

  movieStatistics(context: RequestContext, movieId: number): Promise<RatingStatistics> {
    const create = () =>
      this.batch<{ id: number } & RatingStatistics, RatingStatistics>(
        'rating-statistics-of-movies',
        [],
        ([row]) => row ?? { count: 0, average: null },
      );
    return context.loader('movieStatistics', create).load(movieId);
  }

  /** @param statement counts rows by id, such as `tagging-counts-of-tags` */
  count(context: RequestContext, statement: CountStatement, id: number): Promise<number> {
    const create = () =>
      this.batch<{ id: number; count: number }, number>(statement, [], (rows) => rows[0]?.count ?? 0);
    return context.loader(statement, create).load(id);
  }

  /** @returns first + 1 rows where there are more */
  ratingsOfUser(context: RequestContext, userId: number, page: PageRequest): Promise<readonly RatingRow[]> {
    return this.page(context, RATINGS_OF_USERS, page).load(userId);
  }

  /** @returns first + 1 rows where there are more */
  ratingsOfMovie(
    context: RequestContext,
    movieId: number,
    page: PageRequest,
  ): Promise<readonly RatingRow[]> {
    return this.page(context, RATINGS_OF_MOVIES, page).load(movieId);
  }

  /** @returns first + 1 rows where there are more */
  taggingsOfUser(
    context: RequestContext,
    userId: number,
    page: PageRequest,
  ): Promise<readonly TaggingRow[]> {
    return this.page(context, TAGGINGS_OF_USERS, page).load(userId);
  }

  topTagsOfMovie(
    context: RequestContext,
    movieId: number,
    k: number,
  ): Promise<readonly (TagRow & { movieId: number; count: number })[]> {
    type Row = TagRow & { movieId: number; count: number };
    const create = () =>
      this.batch<Row, readonly Row[]>(
        'top-tags-of-movies',
        [k],
        (rows) => rows,
        (row) => row.movieId,
      );
    return context.loader(`topTagsOfMovie/${k}`, create).load(movieId);
  }

  private byId<Row extends { id: number }>(statement: string): DataLoader<number, Row | null> {
    return this.batch<Row, Row | null>(statement, [], (rows) => rows[0] ?? null);
  }

  private page<Row>(
    context: RequestContext,
    { statement, keyLength, idOf }: PagedList<Row>,
    page: PageRequest,
  ): DataLoader<number, readonly Row[]> {
    const after = page.after ?? new Array<null>(keyLength).fill(null);
    return context.loader(`${statement}/${page.first}/${after.join()}`, () =>
      this.batch<Row, readonly Row[]>(statement, [...after, page.first + 1], (rows) => rows, idOf),
    );
  }

  /** One statement for all ids: `$1` is their array, the rest follows.
   *  @param toValue an id's rows, in the statement's order, none if it has none */
  private batch<Row, Value>(
    statement: string,
    parameters: readonly unknown[],
    toValue: (rows: readonly Row[]) => Value,
    idOf: (row: Row) => number = (row) => (row as { id: number }).id,
  ): DataLoader<number, Value> {
    return new DataLoader(async (ids: readonly number[]) => {
      const rows = await this.database.query<Row>(sqlFile(SQL, statement), [ids, ...parameters]);
      const byId = new Map<number, Row[]>();
      for (const row of rows) {
        const group = byId.get(idOf(row));
        if (group) group.push(row);
        else byId.set(idOf(row), [row]);
      }
      return ids.map((id) => toValue(byId.get(id) ?? []));
    });
  }
}

export type CountStatement =
  | 'rating-counts-of-users'
  | 'tagging-counts-of-users'
  | 'tagging-counts-of-tags';

function required<Row>(entity: string, id: number, row: Row | null): Row {
  if (row === null) throw new NotFoundError(entity, id);
  return row;
}
