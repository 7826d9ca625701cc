/** 1M (latin-1) and 10M (UTF-8), whose fields are separated by `::`. */
import {
  genresOf,
  type IdSet,
  type Place,
  refuse,
  storable,
  storableTag,
  titleAndYear,
  unixTime,
  wholeNumber,
} from '../fields';
import type { ReleaseFiles } from '../files';
import { type Encoding, type TextLine, textLines } from '../lines';
import { readRatingLines } from '../ratings';
import type { DataFormat, MovieRow, TaggingRow, UserRow } from './format';

const RATINGS = { file: 'ratings.dat', separator: '::' } as const;

export const oneM: DataFormat = {
  name: '1m',
  required: [RATINGS.file, 'movies.dat', 'users.dat'],
  optional: [],
  hasStars: true,
  readMovies: (files) => readDatMovies(files, 'latin1'),
  readUsers: readDatUsers,
  readRatings: (files, movies) => readRatingLines(files, RATINGS, movies),
};

export const tenM: DataFormat = {
  name: '10m',
  required: [RATINGS.file, 'movies.dat'],
  optional: ['tags.dat'],
  hasStars: true,
  readMovies: (files) => readDatMovies(files, 'utf8'),
  readRatings: (files, movies) => readRatingLines(files, RATINGS, movies),
  taggings: { file: 'tags.dat', read: readDatTaggings },
};

/** By the codes of users.dat, as the README of 1M names them. */
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
 *  @param before number of fields before the text
 *  @param after  number of fields after it */
function splitAround(line: TextLine, before: number, after: number): string[] {
  const fields = line.text.split('::');
  const expected = before + 1 + after;
  if (fields.length < expected) refuse(line, `expected ${expected} fields, found ${fields.length}.`);
  const free = fields.slice(before, fields.length - after).join('::');
  return [...fields.slice(0, before), free, ...fields.slice(fields.length - after)];
}

export async function readDatMovies(files: ReleaseFiles, encoding: Encoding): Promise<MovieRow[]> {
  const movies = new Map<number, MovieRow>();
  for await (const line of textLines(files, 'movies.dat', encoding)) {
    const [idText, titleText, genreText] = splitAround(line, 1, 1);
    const id = wholeNumber(idText, 'the movie id', line);
    if (movies.has(id)) refuse(line, `duplicate movie ${id}.`);
    const titled = titleAndYear(titleText, line);
    movies.set(id, { id, ...titled, genres: genresOf(genreText, line), imdbId: null, tmdbId: null });
  }
  return [...movies.values()];
}

/** `UserID::Gender::Age::Occupation::Zip-code` */
export async function readDatUsers(files: ReleaseFiles): Promise<UserRow[]> {
  const users: UserRow[] = [];
  const seen = new Set<number>();
  for await (const line of textLines(files, 'users.dat', 'latin1')) {
    const fields = line.text.split('::');
    if (fields.length !== 5) refuse(line, `expected 5 fields, found ${fields.length}.`);
    const [id, gender, age, code, zipCode] = fields;
    const occupation = OCCUPATIONS[wholeNumber(code, 'the occupation', line, 0)];
    if (occupation === undefined)
      refuse(line, `the occupation must be 0 to ${OCCUPATIONS.length - 1}, not ${Number(code)}.`);
    users.push(demographics({ id, gender, age, occupation, zipCode }, seen, line));
  }
  return users;
}

/** @param seen the ids of the lines before; this line's is added */
export function demographics(
  fields: { id: string; gender: string; age: string; occupation: string; zipCode: string },
  seen: Set<number>,
  place: Place,
): UserRow {
  const { gender } = fields;
  const id = wholeNumber(fields.id, 'the user id', place);
  if (seen.has(id)) refuse(place, `duplicate user ${id}.`);
  seen.add(id);
  if (gender !== 'F' && gender !== 'M') return refuse(place, 'the gender must be F or M.');
  const age = wholeNumber(fields.age, 'the age', place);
  if (age > 130) refuse(place, `the age must be 1 to 130, not ${age}.`);
  const occupation = storable(fields.occupation, 'the occupation', place) || null;
  return { id, gender, age, occupation, zipCode: storable(fields.zipCode, 'the zip code', place) || null };
}

/** `UserID::MovieID::Tag::Timestamp`; some are on movies that their user has not rated. */
export async function* readDatTaggings(files: ReleaseFiles, movies: IdSet): AsyncGenerator<TaggingRow> {
  for await (const line of textLines(files, 'tags.dat', 'utf8')) {
    const [user, movie, tag, time] = splitAround(line, 2, 1);
    const movieId = wholeNumber(movie, 'the movie id', line);
    if (!movies.has(movieId)) refuse(line, `there is no movie ${movieId} in this release.`);
    yield {
      userId: wholeNumber(user, 'the user id', line),
      movieId,
      tag: storableTag(tag, line),
      time: unixTime(time, line),
      line: line.line,
      bytesRead: line.bytesRead,
    };
  }
}
