/** Files → what an experiment needs, without a database. */
import { createHash } from 'node:crypto';
import { readCsvMovies, readCsvTaggings } from '../../datasets/csv-release';
import { readDatMovies, readDatUsers } from '../../datasets/dat-release';
import type { ReleaseFiles } from '../../datasets/files';
import { IdSet } from '../../datasets/ids';
import { readRelease } from '../../datasets/read-release';
import type { MovieRow, Release, TaggingBatch, UserRow } from '../../datasets/release';
import type { InteractionRows } from '../../interactions/build';
import { datasetHash } from '../../interactions/dataset-hash';
import type { InteractionLog, TrainingData } from '../../interactions/interaction-log';
import type { Negatives } from '../../interactions/negatives';
import { Random } from '../../numeric/random';
import { buildLog } from './build-log';
import { type Candidates, readCandidates } from './candidates-file';
import { CANDIDATES_FILE, INTERACTIONS_FILE, openDataFolder } from './data-folder';
import { demographicsOf, itemFeaturesOf, tagsOf } from './features';
import { readInteractions } from './interactions-file';

export interface Dataset {
  /** The folder's own name */
  readonly label: string;
  readonly data: TrainingData;
  /** Published candidates for SAMPLED_LAST_ITEM; null: they are drawn */
  readonly negatives: Negatives | null;
  /** Of `data` and `negatives`: 64 hexadecimal digits */
  readonly hash: string;
  /** Things that a reader of the results should know */
  readonly notes: readonly string[];
  /** By movie id */
  readonly titles: ReadonlyMap<number, string>;
  /** By tag id */
  readonly tagNames: ReadonlyMap<number, string>;
}

export interface ReadOptions {
  /** Orders what a user rated in the same second at random, instead of as the file does: with this
   *  seed. Releases only. */
  readonly shuffleTies?: number;
}

/** `interactions.csv` where there is one (the catalogue is then the movies in it), else a release
 *  (all of its movies).
 *  @throws MalformedLineError naming file and line, UnreadableReleaseError */
export async function readDataset(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const files = await openDataFolder(path);
  const { log, movies, users, taggings } = files.has(INTERACTIONS_FILE)
    ? await readPlain(files)
    : await readMovieLens(await readRelease(files), options);
  const candidates = files.has(CANDIDATES_FILE) ? await readCandidates(files, log) : null;
  const tags = await tagsOf(taggings, log);
  const data: TrainingData = {
    interactions: log,
    itemFeatures: itemFeaturesOf(movies, log),
    taggings: tags.taggings,
    demographics: demographicsOf(users, log),
  };
  return {
    label: files.label,
    data,
    negatives: candidates?.negatives ?? null,
    hash: hashOf(data, candidates?.negatives ?? null),
    notes: notesOn(candidates),
    titles: new Map(movies.map(({ id, title }) => [id, title])),
    tagNames: tags.names,
  };
}

interface Parts {
  readonly log: InteractionLog;
  readonly movies: readonly MovieRow[];
  readonly users: readonly UserRow[] | undefined;
  readonly taggings: AsyncIterable<TaggingBatch>;
}

async function readPlain(files: ReleaseFiles): Promise<Parts> {
  const log = await readInteractions(files);
  const movies = files.has('movies.csv')
    ? await readCsvMovies(files)
    : files.has('movies.dat')
      ? await readDatMovies(files, 'latin1')
      : [];
  const known = new IdSet([...movies.map(({ id }) => id), ...log.items.ids]);
  return {
    log,
    movies,
    users: files.has('users.dat') ? await readDatUsers(files, 'latin1') : undefined,
    taggings: readCsvTaggings(files, known),
  };
}

async function readMovieLens(release: Release, { shuffleTies }: ReadOptions): Promise<Parts> {
  const rows: Record<keyof InteractionRows, number[]> = {
    userId: [],
    itemId: [],
    value: [],
    timestamp: [],
    ordinal: [],
  };
  for await (const batch of release.ratings()) {
    for (let row = 0; row < batch.length; row++) {
      rows.userId.push(batch.userIds[row]);
      rows.itemId.push(batch.movieIds[row]);
      rows.value.push(batch.values[row]);
      rows.timestamp.push(batch.times[row]);
      rows.ordinal.push(batch.lines[row]);
    }
  }
  const lines = Int32Array.from(rows.ordinal);
  if (shuffleTies !== undefined) new Random(shuffleTies).shuffle(rows.ordinal);
  const catalogue = release.movies.map(({ id }) => id);
  const log = buildLog(rows, { file: release.ratingsFile, lineOf: (row) => lines[row] }, catalogue);
  return { log, movies: release.movies, users: release.users, taggings: release.taggings() };
}

function hashOf(data: TrainingData, negatives: Negatives | null): string {
  const hash = createHash('sha256').update(datasetHash(data));
  if (negatives) hash.update('candidates').update(negatives.offsets).update(negatives.items);
  return hash.digest('hex');
}

function notesOn(candidates: Candidates | null): string[] {
  if (candidates === null) return [];
  const { leftOut } = candidates;
  const without =
    leftOut > 0 ? `; ${leftOut} of the negatives are the held-out movie itself and were left out` : '';
  return [`SAMPLED_LAST_ITEM ranks among the candidates of ${CANDIDATES_FILE}${without}.`];
}
