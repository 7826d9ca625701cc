/** The data formats, recognised by their files; seeding and paper runs read through them. */
import { UnreadableReleaseError } from '../errors';
import { IdSet } from '../fields';
import { openFiles, type ReleaseFiles } from '../files';
import { csv } from './csv';
import { oneM, tenM } from './dat';
import type { DataFormat, Release } from './format';
import { hundredK } from './hundred-k';
import { interactions } from './interactions';

/** The first whose required files are all present is taken: 1M is 10M with users. */
export const FORMATS: readonly DataFormat[] = [interactions, csv, oneM, tenM, hundredK];
/** The formats that the catalog can hold. */
export const RATING_FORMATS = FORMATS.filter(({ hasStars }) => hasStars);

export interface OpenRelease {
  readonly files: ReleaseFiles;
  readonly format: DataFormat;
}

/** @param path a folder or a .zip
 *  @returns files to be closed
 *  @throws UnreadableReleaseError when there is none of the formats at the path, naming what is
 *    missing */
export async function openRelease(path: string, formats: readonly DataFormat[]): Promise<OpenRelease> {
  const files = await openFiles(path, [...new Set(formats.map(({ required: [ratings] }) => ratings))]);
  const format = formats.find(({ required }) => required.every((name) => files.has(name)));
  if (format) return { files, format };
  await files.close();
  const nearest = formats.filter(({ required: [ratings] }) => files.has(ratings)).at(-1)!;
  const missing = nearest.required.filter((name) => !files.has(name));
  throw new UnreadableReleaseError(
    `${files.label} is not a MovieLens release: ${missing.join(' and ')} missing.`,
  );
}

/** The files that reading the release reads, and that its hash is over. */
export function filesRead({ files, format: { required, optional } }: OpenRelease): string[] {
  return [...required, ...optional.filter((name) => files.has(name))];
}

/** Reads what is small; ratings, tags and genome scores stream when they are asked for.
 *  @throws MalformedLineError, UnreadableReleaseError; the streams throw them too */
export async function readRelease({ files, format }: OpenRelease): Promise<Release> {
  const { taggings, genome } = format;
  const movies = await format.readMovies(files);
  const users = await format.readUsers?.(files);
  const genomeTags = genome && files.has(genome.tagsFile) ? await genome.readTags(files) : [];
  const movieIds = new IdSet(movies.map(({ id }) => id));
  const genomeTagIds = new IdSet(genomeTags.map(({ id }) => id));
  return {
    format,
    movies,
    users,
    genomeTags,
    sizes: {
      ratings: files.size(format.required[0]),
      taggings: taggings ? files.size(taggings.file) : 0,
      genomeScores: genome ? files.size(genome.scoresFile) : 0,
    },
    ratings: () => format.readRatings(files, movieIds),
    async *taggings() {
      if (taggings && files.has(taggings.file)) yield* taggings.read(files, movieIds);
    },
    async *genomeScores() {
      if (genome && files.has(genome.scoresFile)) yield* genome.readScores(files, movieIds, genomeTagIds);
    },
  };
}
