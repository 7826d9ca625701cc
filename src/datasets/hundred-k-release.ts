/** Movies and users of 100K (latin-1): `|` between the fields, and a 0 or 1 for each genre. */
import { demographics } from './dat-release';
import { MalformedLineError } from './errors';
import type { ReleaseFiles } from './files';
import { title, wholeNumber } from './ids';
import { textLines } from './lines';
import type { MovieRow, UserRow } from './release';
import { yearOfTitle } from './title';

/** The order of the flags, as u.genre gives it; the first, `unknown`, is no genre. */
const GENRES = [
  null,
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

/** The movie `unknown` (267) has neither date nor address: its title is all there is. */
export async function readHundredKMovies(files: ReleaseFiles): Promise<MovieRow[]> {
  const movies: MovieRow[] = [];
  const seen = new Set<number>();
  for await (const lines of textLines(files, 'u.item', 'latin1')) {
    for (const { text, line } of lines) {
      const fields = text.split('|');
      const expected = BEFORE_FLAGS + GENRES.length;
      if (fields.length !== expected)
        throw new MalformedLineError('u.item', line, `expected ${expected} fields, found ${fields.length}.`);
      const id = wholeNumber(fields[0], 'the movie id', 'u.item', line);
      if (seen.has(id)) throw new MalformedLineError('u.item', line, `movie ${id} is there twice.`);
      seen.add(id);
      const name = title(fields[1], 'u.item', line);
      const flags = fields.slice(BEFORE_FLAGS);
      if (flags.some((flag) => flag !== '0' && flag !== '1'))
        throw new MalformedLineError('u.item', line, 'a genre flag must be 0 or 1.');
      const genres = GENRES.filter(
        (genre, index): genre is NonNullable<typeof genre> => genre !== null && flags[index] === '1',
      );
      movies.push({ id, title: name, year: yearOfTitle(name), genres, imdbId: null, tmdbId: null });
    }
  }
  return movies;
}

/** `user id | age | gender | occupation | zip code` */
export async function readHundredKUsers(files: ReleaseFiles): Promise<UserRow[]> {
  const users: UserRow[] = [];
  const seen = new Set<number>();
  for await (const lines of textLines(files, 'u.user', 'latin1')) {
    for (const { text, line } of lines) {
      const fields = text.split('|');
      if (fields.length !== 5)
        throw new MalformedLineError('u.user', line, `expected 5 fields, found ${fields.length}.`);
      const [id, age, gender, occupation, zipCode] = fields;
      users.push(demographics({ id, gender, age, occupation, zipCode }, seen, 'u.user', line));
    }
  }
  return users;
}
