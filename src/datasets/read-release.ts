/** A release of any format, told by the files it has. */
import { readCsvMovies, readCsvTaggings } from './csv-release';
import { readDatMovies, readDatTaggings, readDatUsers } from './dat-release';
import { UnreadableReleaseError } from './errors';
import type { ReleaseFiles } from './files';
import { GENOME_SCORES, GENOME_TAGS, readGenomeScores, readGenomeTags } from './genome';
import { readHundredKMovies, readHundredKUsers } from './hundred-k-release';
import { IdSet } from './ids';
import type { Encoding } from './lines';
import { type RatingFormat, readRatings } from './ratings';
import type { MovieRow, Release, Shape, TaggingBatch, UserRow } from './release';

interface Format {
  readonly shape: Shape;
  readonly ratings: RatingFormat;
  /** Read when they are there; `required` must be. */
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly tagFile?: string;
  readonly encoding: Encoding;
}

/** The first whose required files are all there. 1M is 10M with users. */
const FORMATS: readonly Format[] = [
  {
    shape: 'csv',
    ratings: { file: 'ratings.csv', separator: ',', header: ['userId', 'movieId', 'rating', 'timestamp'] },
    required: ['ratings.csv', 'movies.csv'],
    optional: ['tags.csv', 'links.csv', GENOME_TAGS, GENOME_SCORES],
    tagFile: 'tags.csv',
    encoding: 'utf8',
  },
  {
    shape: '1m',
    ratings: { file: 'ratings.dat', separator: '::' },
    required: ['ratings.dat', 'movies.dat', 'users.dat'],
    optional: [],
    encoding: 'latin1',
  },
  {
    shape: '10m',
    ratings: { file: 'ratings.dat', separator: '::' },
    required: ['ratings.dat', 'movies.dat'],
    optional: ['tags.dat'],
    tagFile: 'tags.dat',
    encoding: 'utf8',
  },
  {
    shape: '100k',
    ratings: { file: 'u.data', separator: '\t' },
    required: ['u.data', 'u.item', 'u.user'],
    optional: [],
    encoding: 'latin1',
  },
];

/** @throws UnreadableReleaseError naming what is missing */
function formatOf(files: ReleaseFiles): Format {
  const format = FORMATS.find(({ required }) => required.every((name) => files.has(name)));
  if (format) return format;
  const nearest = FORMATS.filter(({ ratings }) => files.has(ratings.file)).at(-1);
  const missing = nearest?.required.filter((name) => !files.has(name)) ?? [];
  throw new UnreadableReleaseError(
    `${files.label} is no MovieLens release: ${missing.join(' and ') || 'its ratings'} missing.`,
  );
}

/** The files that reading the release reads, and that its hash is over. */
export function filesRead(files: ReleaseFiles): string[] {
  const { required, optional } = formatOf(files);
  return [...required, ...optional.filter((name) => files.has(name))];
}

async function readMovies(files: ReleaseFiles, { shape, encoding }: Format): Promise<MovieRow[]> {
  if (shape === 'csv') return readCsvMovies(files);
  return shape === '100k' ? readHundredKMovies(files) : readDatMovies(files, encoding);
}

async function readUsers(files: ReleaseFiles, { shape, encoding }: Format): Promise<UserRow[] | undefined> {
  if (shape === '1m') return readDatUsers(files, encoding);
  return shape === '100k' ? readHundredKUsers(files) : undefined;
}

async function* readTaggings(
  files: ReleaseFiles,
  { tagFile, encoding }: Format,
  movies: IdSet,
): AsyncGenerator<TaggingBatch> {
  if (tagFile === 'tags.csv') yield* readCsvTaggings(files, movies);
  else if (tagFile) yield* readDatTaggings(files, encoding, movies);
}

/** Reads what is small; ratings, tags and genome scores stream when they are asked for.
 *  @throws MalformedLineError, UnreadableReleaseError; the streams throw them too */
export async function readRelease(files: ReleaseFiles): Promise<Release> {
  const format = formatOf(files);
  const movies = await readMovies(files, format);
  const users = await readUsers(files, format);
  const genomeTags = await readGenomeTags(files);
  const movieIds = new IdSet(movies.map(({ id }) => id));
  const genomeTagIds = new IdSet(genomeTags.map(({ id }) => id));
  return {
    shape: format.shape,
    movies,
    users,
    genomeTags,
    sizes: {
      ratings: files.size(format.ratings.file),
      taggings: format.tagFile ? files.size(format.tagFile) : 0,
      genomeScores: files.size(GENOME_SCORES),
    },
    ratingsFile: format.ratings.file,
    ratings: () => readRatings(files, format.ratings, movieIds),
    taggings: () => readTaggings(files, format, movieIds),
    genomeScores: () => readGenomeScores(files, movieIds, genomeTagIds),
  };
}
