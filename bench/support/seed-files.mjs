/** The data set that comes with the repository, without a database. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

/** @param {'movies' | 'ratings'} name
 *  @returns {Record<string, string>[]} the columns as text, by name */
export const readSeed = (name) =>
  parse(readFileSync(new URL(`../../seeds/ml-latest-small/${name}.csv`, import.meta.url)), {
    columns: true,
  });

export const readMovies = () =>
  readSeed('movies').map(({ movieId, title, genres }) => ({
    id: Number(movieId),
    title,
    year: Number(/\((\d{4})\)\s*$/.exec(title)?.[1]) || null,
    genres: genres.split('|'),
    imdbId: null,
    tmdbId: null,
  }));
