/** 100K (latin-1): `|` between the fields of movies and users, and a 0 or 1 for each genre. */
import { refuse, titleAndYear, wholeNumber } from '../fields';
import type { ReleaseFiles } from '../files';
import { textLines } from '../lines';
import { readRatingLines } from '../ratings';
import { demographics } from './dat';
import type { DataFormat, MovieRow, UserRow } from './format';

const RATINGS = { file: 'u.data', separator: '\t' } as const;

export const hundredK: DataFormat = {
  name: '100k',
  required: [RATINGS.file, 'u.item', 'u.user'],
  optional: [],
  hasStars: true,
  readMovies: readHundredKMovies,
  readUsers: readHundredKUsers,
  readRatings: (files, movies) => readRatingLines(files, RATINGS, movies),
};

/** The order of the flags, as u.genre gives it; the first, `unknown`, is no genre. */
const GENRES = [
  'unknown',
  'Action',
  'Adventure',
  'Animation',
  "Children's",
  'Comedy',
  'Crime',
  'Documentary',
  'Drama',
  'Fantasy',
  'Film-Noir',
  'Horror',
  'Musical',
  'Mystery',
  'Romance',
  'Sci-Fi',
  'Thriller',
  'War',
  'Western',
] as const;
/** Id, title, release date, video release date, IMDb address. */
const BEFORE_FLAGS = 5;

/** The movie `unknown` (267) has neither date nor address. */
export async function readHundredKMovies(files: ReleaseFiles): Promise<MovieRow[]> {
  const movies = new Map<number, MovieRow>();
  const expected = BEFORE_FLAGS + GENRES.length;
  for await (const line of textLines(files, 'u.item', 'latin1')) {
    const fields = line.text.split('|');
    if (fields.length !== expected) refuse(line, `expected ${expected} fields, found ${fields.length}.`);
    const id = wholeNumber(fields[0], 'the movie id', line);
    if (movies.has(id)) refuse(line, `duplicate movie ${id}.`);
    const titled = titleAndYear(fields[1], line);
    const flags = fields.slice(BEFORE_FLAGS);
    if (flags.some((flag) => flag !== '0' && flag !== '1')) refuse(line, 'a genre flag must be 0 or 1.');
    const genres = GENRES.filter((_, index) => index > 0 && flags[index] === '1');
    movies.set(id, { id, ...titled, genres, imdbId: null, tmdbId: null });
  }
  return [...movies.values()];
}

/** `user id | age | gender | occupation | zip code` */
export async function readHundredKUsers(files: ReleaseFiles): Promise<UserRow[]> {
  const users: UserRow[] = [];
  const seen = new Set<number>();
  for await (const line of textLines(files, 'u.user', 'latin1')) {
    const fields = line.text.split('|');
    if (fields.length !== 5) refuse(line, `expected 5 fields, found ${fields.length}.`);
    const [id, age, gender, occupation, zipCode] = fields;
    users.push(demographics({ id, gender, age, occupation, zipCode }, seen, line));
  }
  return users;
}
