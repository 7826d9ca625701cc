/** The columns that a release fills, and its rows as columns. */
import type { Column, RowBatch } from '../database/bulk-load';
import type { MovieRow, RatingBatch, UserRow } from './release';

export const COLUMNS = {
  app_user: [
    { name: 'id', type: 'integer' },
    { name: 'gender', type: 'text' },
    { name: 'age', type: 'smallint' },
    { name: 'occupation', type: 'text' },
    { name: 'zip_code', type: 'text' },
  ],
  movie: [
    { name: 'id', type: 'integer' },
    { name: 'title', type: 'text' },
    { name: 'year', type: 'smallint' },
    { name: 'genres', type: 'text[]' },
    { name: 'imdb_id', type: 'text' },
    { name: 'tmdb_id', type: 'integer' },
  ],
  tag: [
    { name: 'id', type: 'integer' },
    { name: 'name', type: 'text' },
    { name: 'key', type: 'text' },
  ],
  rating: [
    { name: 'user_id', type: 'integer' },
    { name: 'movie_id', type: 'integer' },
    { name: 'value', type: 'real' },
    { name: 'rated_at', type: 'timestamptz' },
    { name: 'ordinal', type: 'integer' },
  ],
  tagging: [
    { name: 'user_id', type: 'integer' },
    { name: 'movie_id', type: 'integer' },
    { name: 'tag_id', type: 'integer' },
    { name: 'tagged_at', type: 'timestamptz' },
    { name: 'ordinal', type: 'integer' },
  ],
  genome_score: [
    { name: 'movie_id', type: 'integer' },
    { name: 'tag_id', type: 'integer' },
    { name: 'relevance', type: 'real' },
  ],
} as const satisfies Record<string, readonly Column[]>;

export type Table = keyof typeof COLUMNS;
export const TABLES = Object.keys(COLUMNS) as Table[];

export const columnNames = (table: Table, prefix = ''): string =>
  COLUMNS[table].map(({ name }) => prefix + name).join(', ');

export function movieColumns(movies: readonly MovieRow[]): RowBatch {
  return {
    length: movies.length,
    columns: [
      movies.map(({ id }) => id),
      movies.map(({ title }) => title),
      movies.map(({ year }) => year),
      movies.map(({ genres }) => genres),
      movies.map(({ imdbId }) => imdbId),
      movies.map(({ tmdbId }) => tmdbId),
    ],
  };
}

export function userColumns(users: readonly UserRow[]): RowBatch {
  return {
    length: users.length,
    columns: [
      users.map(({ id }) => id),
      users.map(({ gender }) => gender),
      users.map(({ age }) => age),
      users.map(({ occupation }) => occupation),
      users.map(({ zipCode }) => zipCode),
    ],
  };
}

/** Users of whom the release gives nothing but the id. */
export function bareUsers(ids: Int32Array): UserRow[] {
  return Array.from(ids, (id) => ({ id, gender: null, age: null, occupation: null, zipCode: null }));
}

export function ratingColumns(batch: RatingBatch): RowBatch {
  return {
    length: batch.length,
    columns: [batch.userIds, batch.movieIds, batch.values, batch.times, batch.lines],
  };
}
