/** Movies, users and tags of 1M (latin-1) and 10M (UTF-8), whose fields are parted by `::`. */
import { MalformedLineError } from './errors';
import type { ReleaseFiles } from './files';
import { type IdSet, splitGenres, storable, title, unixTime, wholeNumber } from './ids';
import { type Encoding, textLines } from './lines';
import type { MovieRow, TaggingBatch, UserRow } from './release';
import { storableTag } from './tags';
import { yearOfTitle } from './title';

/** users.dat of 1M has codes; their names stand in its README. */
const OCCUPATIONS = [
  'other',
  'academic/educator',
  'artist',
  'clerical/admin',
  'college/grad student',
  'customer service',
  'doctor/health care',
  'executive/managerial',
  'farmer',
  'homemaker',
  'K-12 student',
  'lawyer',
  'programmer',
  'retired',
  'sales/marketing',
  'scientist',
  'self-employed',
  'technician/engineer',
  'tradesman/craftsman',
  'unemployed',
  'writer',
];

/** Only one field of a line is free text, so a `::` inside of it is told by counting from both
 *  ends.
 *  @param before fields before the text
 *  @param after  fields behind it */
function splitAround(text: string, before: number, after: number, file: string, line: number): string[] {
  const fields = text.split('::');
  const expected = before + 1 + after;
  if (fields.length < expected)
    throw new MalformedLineError(file, line, `expected ${expected} fields, found ${fields.length}.`);
  const free = fields.slice(before, fields.length - after).join('::');
  return [...fields.slice(0, before), free, ...fields.slice(fields.length - after)];
}

export async function readDatMovies(files: ReleaseFiles, encoding: Encoding): Promise<MovieRow[]> {
  const movies: MovieRow[] = [];
  const seen = new Set<number>();
  for await (const lines of textLines(files, 'movies.dat', encoding)) {
    for (const { text, line } of lines) {
      const [idText, titleText, genreText] = splitAround(text, 1, 1, 'movies.dat', line);
      const id = wholeNumber(idText, 'the movie id', 'movies.dat', line);
      if (seen.has(id)) throw new MalformedLineError('movies.dat', line, `movie ${id} is there twice.`);
      seen.add(id);
      const name = title(titleText, 'movies.dat', line);
      const genres = splitGenres(storable(genreText, 'the genres', 'movies.dat', line));
      movies.push({ id, title: name, year: yearOfTitle(name), genres, imdbId: null, tmdbId: null });
    }
  }
  return movies;
}

/** `UserID::Gender::Age::Occupation::Zip-code` */
export async function readDatUsers(files: ReleaseFiles, encoding: Encoding): Promise<UserRow[]> {
  const users: UserRow[] = [];
  const seen = new Set<number>();
  for await (const lines of textLines(files, 'users.dat', encoding)) {
    for (const { text, line } of lines) {
      const fields = text.split('::');
      if (fields.length !== 5)
        throw new MalformedLineError('users.dat', line, `expected 5 fields, found ${fields.length}.`);
      const code = wholeNumber(fields[3], 'the occupation', 'users.dat', line, 0);
      if (code >= OCCUPATIONS.length) {
        throw new MalformedLineError(
          'users.dat',
          line,
          `the occupation must be 0 to ${OCCUPATIONS.length - 1}, not ${code}.`,
        );
      }
      const [id, gender, age] = fields;
      users.push(
        demographics(
          { id, gender, age, occupation: OCCUPATIONS[code], zipCode: fields[4] },
          seen,
          'users.dat',
          line,
        ),
      );
    }
  }
  return users;
}

/** @param seen the ids of the lines before; this line's is added */
export function demographics(
  fields: { id: string; gender: string; age: string; occupation: string; zipCode: string },
  seen: Set<number>,
  file: string,
  line: number,
): UserRow {
  const id = wholeNumber(fields.id, 'the user id', file, line);
  if (seen.has(id)) throw new MalformedLineError(file, line, `user ${id} is there twice.`);
  seen.add(id);
  if (fields.gender !== 'F' && fields.gender !== 'M')
    throw new MalformedLineError(file, line, 'the gender must be F or M.');
  const age = wholeNumber(fields.age, 'the age', file, line);
  if (age > 130) throw new MalformedLineError(file, line, `the age must be 1 to 130, not ${age}.`);
  return {
    id,
    gender: fields.gender,
    age,
    occupation: storable(fields.occupation, 'the occupation', file, line) || null,
    zipCode: storable(fields.zipCode, 'the zip code', file, line) || null,
  };
}

/** `UserID::MovieID::Tag::Timestamp`, 10M only; some are on movies that their user has not
 *  rated. */
export async function* readDatTaggings(
  files: ReleaseFiles,
  encoding: Encoding,
  movies: IdSet,
): AsyncGenerator<TaggingBatch> {
  if (!files.has('tags.dat')) return;
  for await (const lines of textLines(files, 'tags.dat', encoding)) {
    const rows = lines.map(({ text, line }) => {
      const [user, movie, tag, time] = splitAround(text, 2, 1, 'tags.dat', line);
      const movieId = wholeNumber(movie, 'the movie id', 'tags.dat', line);
      if (!movies.has(movieId))
        throw new MalformedLineError('tags.dat', line, `there is no movie ${movieId} in this release.`);
      return {
        userId: wholeNumber(user, 'the user id', 'tags.dat', line),
        movieId,
        tag: storableTag(tag, 'tags.dat', line),
        time: unixTime(time, 'tags.dat', line),
        line,
      };
    });
    yield { rows, bytesRead: lines.bytesRead ?? 0 };
  }
}
