/** The releases in CSV: latest-small, 20M, 25M, 32M, latest. 20M, 25M and latest have the tag
 *  genome (Vig, Sen and Riedl 2012): one relevance for each of some 13,000 movies × 1,128 tags. */
import { quoted } from '../errors';
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
import { checkHeader, csvRecords, lineBlocks } from '../lines';
import { readRatingLines } from '../ratings';
import type { DataFormat, GenomeScoreBatch, GenomeTag, MovieRow, TaggingRow } from './format';

const RATINGS = {
  file: 'ratings.csv',
  separator: ',',
  header: ['userId', 'movieId', 'rating', 'timestamp'],
} as const;
const GENOME_TAGS = 'genome-tags.csv';
const GENOME_SCORES = 'genome-scores.csv';
const RELEVANCE = /^(?:\d(?:\.\d{1,20})?(?:[eE]-\d{1,3})?)$/;

export const csv: DataFormat = {
  name: 'csv',
  required: [RATINGS.file, 'movies.csv'],
  optional: ['tags.csv', 'links.csv', GENOME_TAGS, GENOME_SCORES],
  hasStars: true,
  readMovies: readCsvMovies,
  readRatings: (files, movies) => readRatingLines(files, RATINGS, movies),
  taggings: { file: 'tags.csv', read: readCsvTaggings },
  genome: {
    tagsFile: GENOME_TAGS,
    scoresFile: GENOME_SCORES,
    readTags: readGenomeTags,
    readScores: readGenomeScores,
  },
};

interface Link extends Place {
  readonly imdbId: string | null;
  readonly tmdbId: number | null;
}

export async function readCsvMovies(files: ReleaseFiles): Promise<MovieRow[]> {
  const links = await readLinks(files);
  const movies = new Map<number, MovieRow>();
  for await (const record of csvRecords(files, 'movies.csv', ['movieId', 'title', 'genres'])) {
    const id = wholeNumber(record.fields[0], 'the movie id', record);
    if (movies.has(id)) refuse(record, `duplicate movie ${id}.`);
    const { imdbId, tmdbId } = links.get(id) ?? { imdbId: null, tmdbId: null };
    const titled = titleAndYear(record.fields[1], record);
    movies.set(id, { id, ...titled, genres: genresOf(record.fields[2], record), imdbId, tmdbId });
  }
  for (const [id, link] of links) {
    if (!movies.has(id)) refuse(link, `there is no movie ${id} in this release.`);
  }
  return [...movies.values()];
}

async function readLinks(files: ReleaseFiles): Promise<Map<number, Link>> {
  const links = new Map<number, Link>();
  if (!files.has('links.csv')) return links;
  for await (const record of csvRecords(files, 'links.csv', ['movieId', 'imdbId', 'tmdbId'])) {
    const [movie, imdbId, tmdbId] = record.fields;
    const id = wholeNumber(movie, 'the movie id', record);
    if (links.has(id)) refuse(record, `duplicate movie ${id}.`);
    if (!/^\d{0,20}$/.test(imdbId)) refuse(record, 'the IMDb id must be digits.');
    links.set(id, {
      imdbId: imdbId || null,
      tmdbId: tmdbId === '' ? null : wholeNumber(tmdbId, 'the TMDb id', record),
      file: record.file,
      line: record.line,
    });
  }
  return links;
}

export async function* readCsvTaggings(files: ReleaseFiles, movies: IdSet): AsyncGenerator<TaggingRow> {
  const header = ['userId', 'movieId', 'tag', 'timestamp'];
  for await (const record of csvRecords(files, 'tags.csv', header)) {
    const [user, movie, tag, timestamp] = record.fields;
    const userId = wholeNumber(user, 'the user id', record);
    const movieId = wholeNumber(movie, 'the movie id', record);
    const time = unixTime(timestamp, record);
    if (!movies.has(movieId)) refuse(record, `there is no movie ${movieId} in this release.`);
    const { line, bytesRead } = record;
    yield { userId, movieId, tag: storableTag(tag, record), time, line, bytesRead };
  }
}

export async function readGenomeTags(files: ReleaseFiles): Promise<GenomeTag[]> {
  const tags = new Map<number, GenomeTag>();
  for await (const record of csvRecords(files, GENOME_TAGS, ['tagId', 'tag'])) {
    const id = wholeNumber(record.fields[0], 'the tag id', record);
    if (tags.has(id)) refuse(record, `duplicate tag ${id}.`);
    if (record.fields[1].trim() === '') refuse(record, 'the tag is empty.');
    tags.set(id, { id, name: storable(record.fields[1], 'the tag', record) });
  }
  return [...tags.values()];
}

/** 15.6 million lines in 25M: batches of columns, as for ratings.
 *  @throws MalformedLineError for the first line that is not `movie, tag, relevance` of a known
 *    movie and genome tag */
export async function* readGenomeScores(
  files: ReleaseFiles,
  movies: IdSet,
  tags: IdSet,
): AsyncGenerator<GenomeScoreBatch> {
  const header = ['movieId', 'tagId', 'relevance'];
  let headerSeen = false;
  let blank: Place | undefined;
  for await (const { bytes, firstLine, bytesRead } of lineBlocks(files, GENOME_SCORES)) {
    // Numbers only: what is not ASCII is refused by the fields' own checks.
    const lines = bytes.toString('latin1').replaceAll('\r\n', '\n').split('\n').slice(0, -1);
    const movieIds = new Int32Array(lines.length);
    const genomeTagIds = new Int32Array(lines.length);
    const relevances = new Float32Array(lines.length);
    let length = 0;
    for (const [index, text] of lines.entries()) {
      const place = { file: GENOME_SCORES, line: firstLine + index };
      const fields = text.split(',');
      if (!headerSeen) {
        checkHeader(GENOME_SCORES, fields, header);
        headerSeen = true;
      } else if (text === '') {
        blank ??= place;
      } else {
        if (blank) refuse(blank, 'the line is empty.');
        if (fields.length !== 3) refuse(place, `expected 3 fields, found ${fields.length}.`);
        movieIds[length] = knownId(fields[0], 'movie', movies, place);
        genomeTagIds[length] = knownId(fields[1], 'genome tag', tags, place);
        relevances[length++] = relevanceOf(fields[2], place);
      }
    }
    yield {
      length,
      movieIds: movieIds.subarray(0, length),
      genomeTagIds: genomeTagIds.subarray(0, length),
      relevances: relevances.subarray(0, length),
      bytesRead,
    };
  }
  if (!headerSeen) checkHeader(GENOME_SCORES, [''], header);
}

function knownId(text: string, what: 'movie' | 'genome tag', known: IdSet, place: Place): number {
  const id = wholeNumber(text, what === 'movie' ? 'the movie id' : 'the tag id', place);
  return known.has(id) ? id : refuse(place, `there is no ${what} ${id} in this release.`);
}

function relevanceOf(text: string, place: Place): number {
  const relevance = RELEVANCE.test(text) ? Number(text) : Number.NaN;
  if (relevance >= 0 && relevance <= 1) return relevance;
  return refuse(place, `a relevance must be between 0 and 1, not ${quoted(text)}.`);
}
