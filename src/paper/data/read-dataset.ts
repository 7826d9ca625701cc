/** Files as what an experiment needs, without a database. */
import { createHash } from 'node:crypto';
import { MalformedLineError } from '../../datasets/errors';
import type { Release, UserRow } from '../../datasets/formats/format';
import { FORMATS, openRelease, readRelease } from '../../datasets/formats/formats';
import { TagNumbers } from '../../datasets/tag-numbers';
import {
  buildInteractionLog,
  buildItemFeatures,
  buildTagLog,
  type Column,
  type InteractionRows,
  InvalidRowsError,
  type TagRows,
} from '../../interactions/build';
import { datasetHash } from '../../interactions/dataset-hash';
import type {
  Demographics,
  InteractionLog,
  ItemFeatures,
  TagLog,
  TrainingData,
} from '../../interactions/interaction-log';
import type { Negatives } from '../../interactions/negatives';
import { Random } from '../../numeric/random';
import { CANDIDATES_FILE, type Candidates, readCandidates } from './candidates-file';

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

/** Reads any of the data formats. The catalogue is all movies of a release, or for some formats
 *  those that occur.
 *  @throws MalformedLineError naming file and line, UnreadableReleaseError */
export async function readDataset(path: string, { shuffleTies }: ReadOptions = {}): Promise<Dataset> {
  const opened = await openRelease(path, FORMATS);
  const { files } = opened;
  try {
    const release = await readRelease(opened);
    const log = await readLog(release, shuffleTies);
    const candidates = files.has(CANDIDATES_FILE) ? await readCandidates(files, log) : null;
    const tags = await readTags(release, log);
    const data: TrainingData = {
      interactions: log,
      itemFeatures: itemFeaturesOf(release, log),
      taggings: tags.taggings,
      demographics: demographicsOf(release.users, log),
    };
    const negatives = candidates?.negatives ?? null;
    return {
      label: files.label,
      data,
      negatives,
      hash: hashOf(data, negatives),
      notes: notesOn(candidates),
      titles: new Map(release.movies.map(({ id, title }) => [id, title])),
      tagNames: tags.names,
    };
  } finally {
    await files.close();
  }
}

async function readLog(release: Release, shuffleTies: number | undefined): Promise<InteractionLog> {
  const userId: number[] = [];
  const itemId: number[] = [];
  const value: number[] = [];
  const timestamp: number[] = [];
  const lines: number[] = [];
  for await (const batch of release.ratings()) {
    for (let row = 0; row < batch.length; row++) {
      userId.push(batch.userIds[row]);
      itemId.push(batch.movieIds[row]);
      value.push(batch.values[row]);
      timestamp.push(batch.times[row]);
      lines.push(batch.lines[row]);
    }
  }
  const ordinal = [...lines];
  const { moviesFromRatings, required } = release.format;
  if (shuffleTies !== undefined && !moviesFromRatings) new Random(shuffleTies).shuffle(ordinal);
  const rows = { userId, itemId, value, timestamp, ordinal };
  try {
    return buildInteractionLog(
      rows,
      moviesFromRatings ? {} : { itemIds: release.movies.map(({ id }) => id) },
    );
  } catch (error) {
    if (!(error instanceof InvalidRowsError)) throw error;
    throw explainDuplicate(rows, required[0], lines) ?? error;
  }
}

/** Asked only after the rows were refused, so that no good file pays for it. */
function explainDuplicate(
  { userId, itemId }: InteractionRows,
  file: string,
  lines: Column,
): MalformedLineError | undefined {
  const lineOf = new Map<string, number>();
  for (let row = 0; row < userId.length; row++) {
    const pair = `${userId[row]} ${itemId[row]}`;
    const first = lineOf.get(pair);
    if (first !== undefined) {
      const reason = `duplicate interaction of user ${userId[row]} with movie ${itemId[row]}, first in line ${first}.`;
      return new MalformedLineError(file, lines[row], reason);
    }
    lineOf.set(pair, lines[row]);
  }
  return undefined;
}

/** Movies outside of the log's catalogue are passed over. */
function itemFeaturesOf({ movies }: Release, { items }: InteractionLog): ItemFeatures {
  const known = movies.filter(({ id }) => items.indexOf(id) !== undefined);
  return buildItemFeatures(items, {
    itemId: known.map(({ id }) => id),
    genres: known.map(({ genres }) => genres),
    year: known.map(({ year }) => year),
  });
}

/** @returns one for each user of the log; null where the release lists no users */
function demographicsOf(users: readonly UserRow[] | undefined, log: InteractionLog): Demographics[] | null {
  if (users === undefined) return null;
  const byId = new Map(users.map(({ id, gender, age, occupation }) => [id, { gender, age, occupation }]));
  const nothing: Demographics = { gender: null, age: null, occupation: null };
  return Array.from(log.users.ids, (id) => byId.get(id) ?? nothing);
}

/** Taggings as seeding counts them: spellings with one key are one tag, of a user's spellings on
 *  one movie the first counts, blank ones are passed over; and so are those on movies outside of
 *  the log's catalogue.
 *  @returns the keys as names, by the tags' numbers */
async function readTags(
  release: Release,
  log: InteractionLog,
): Promise<{ taggings: TagLog; names: ReadonlyMap<number, string> }> {
  const tags = new TagNumbers();
  const seen = new Set<string>();
  const rows: Record<keyof TagRows, number[]> = {
    userId: [],
    itemId: [],
    tagId: [],
    timestamp: [],
    ordinal: [],
  };
  for await (const { userId, movieId, tag, time, line } of release.taggings()) {
    const tagId = log.items.indexOf(movieId) === undefined ? 0 : tags.numberOf(tag);
    const key = `${userId} ${movieId} ${tagId}`;
    if (tagId === 0 || seen.has(key)) continue;
    seen.add(key);
    rows.userId.push(userId);
    rows.itemId.push(movieId);
    rows.tagId.push(tagId);
    rows.timestamp.push(time);
    rows.ordinal.push(line);
  }
  const names = new Map(tags.keys.map((key, index) => [index + 1, key]));
  return { taggings: buildTagLog(rows, log), names };
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
