/** A MovieLens release into the catalog: the whole of it in one transaction, or nothing. */
import type pg from 'pg';
import type { Database } from '../database/database';
import { TABLES } from './columns';
import { putAside } from './constraints';
import { archiveOf, type DatasetName, EMBEDDED_DATASET, embeddedFolder, isDatasetName } from './datasets';
import { type DownloadOptions, download } from './download';
import { explainDuplicate } from './duplicates';
import { openFiles, type ReleaseFiles } from './files';
import { type LoadProgress, load } from './load';
import { merge, moveSequence } from './merge';
import { filesRead, readRelease } from './read-release';
import type { Release } from './release';

/** A release by name (downloaded, unless it is the embedded one), or a folder or .zip that holds
 *  one. */
export type SeedSource = { readonly dataset: DatasetName } | { readonly from: string };

export type SeedProgress = LoadProgress;

export interface SeedOptions {
  readonly onProgress?: (progress: SeedProgress) => void;
  readonly signal?: AbortSignal;
  /** Where archives are kept after their download. */
  readonly downloadDir: string;
  /** For another address than the publisher's. */
  readonly download?: Partial<DownloadOptions>;
}

export interface SeedResult {
  /** Such as `25m`; the folder's or archive's name where it has no name of its own. */
  readonly dataset: string;
  /** SHA-256 over the files read (see `ReleaseFiles.sourceHash`). */
  readonly sourceHash: string;
  readonly users: number;
  readonly movies: number;
  readonly ratings: number;
  readonly taggings: number;
  readonly genomeScores: number;
  /** Lines of the tag file that say nothing: blank, or the same tag of the same user on the same
   *  movie in another spelling. */
  readonly skipped: number;
  /** This very release was loaded before, and nothing was done. */
  readonly alreadyThere: boolean;
  readonly seconds: number;
}

/** Any constant will do, so long as no other code locks it. */
const ADVISORY_LOCK = 7_213_004_512;
/** Rating, tagging and genome score: nothing refers to them, and they have the rows. */
const LARGE_TABLES = ['rating', 'tagging', 'genome_score'];
const LOCK_TIMEOUT = '5s';
const LOCK_NOT_AVAILABLE = '55P03';

type Recorded = Omit<SeedResult, 'alreadyThere' | 'seconds'>;

/** Loads a release unless it is there. Into an empty catalog its rows go as they are; into another
 *  one they are merged: what is there stays, ratings too. Several at once wait for each other.
 *  @throws MalformedLineError, UnreadableReleaseError, DownloadError, DatabaseUnavailableError, the
 *    signal's reason; the database is then as it was */
export async function seed(
  database: Database,
  source: SeedSource,
  options: SeedOptions,
): Promise<SeedResult> {
  const started = performance.now();
  const files = await openSource(source, options);
  try {
    const dataset = 'dataset' in source ? source.dataset : datasetName(files.label);
    const { recorded, alreadyThere } = await seedFiles(database, files, dataset, options);
    return { ...recorded, alreadyThere, seconds: (performance.now() - started) / 1000 };
  } finally {
    await files.close();
  }
}

async function openSource(source: SeedSource, options: SeedOptions): Promise<ReleaseFiles> {
  if ('from' in source) return openFiles(source.from);
  if (source.dataset === EMBEDDED_DATASET) return openFiles(embeddedFolder());
  const { signal, onProgress } = options;
  const path = await download(archiveOf(source.dataset), {
    folder: options.downloadDir,
    ...(signal && { signal }),
    onProgress: (done, total) =>
      onProgress?.({ stage: `Downloading MovieLens ${source.dataset}`, done, total }),
    ...options.download,
  });
  return openFiles(path);
}

/** `ml-25m.zip` → `25m` */
function datasetName(label: string): string {
  const name = label.replace(/\.zip$/i, '').replace(/^ml-/, '');
  return isDatasetName(name) ? name : label;
}

async function seedFiles(
  database: Database,
  files: ReleaseFiles,
  dataset: string,
  options: SeedOptions,
): Promise<{ recorded: Recorded; alreadyThere: boolean }> {
  const { signal } = options;
  const onProgress = options.onProgress ?? (() => undefined);
  const names = filesRead(files);
  const total = names.reduce((sum, name) => sum + files.size(name), 0);
  const hash = () =>
    files.sourceHash(names, {
      signal,
      onBytes: (done) => onProgress({ stage: 'Comparing with what is there', done, total }),
    });
  // Nothing was ever seeded: the hash can wait until the files have been read anyway.
  if ((await database.query('select from seeding limit 1')).length > 0) {
    const before = await findSeeding(database, await hash());
    if (before) return { recorded: before, alreadyThere: true };
  }
  onProgress({ stage: 'Reading movies', done: 0, total: undefined });
  const release = await readRelease(files);
  try {
    return await database.transaction(async (client) => {
      await waitForTurn(client, onProgress);
      const { rowCount } = await client.query('select from seeding limit 1');
      const before = rowCount === 0 ? undefined : await findSeeding(client, await hash());
      if (before) return { recorded: before, alreadyThere: true };
      const counts = await loadAll(client, release, { kind: database.kind, onProgress, signal });
      signal?.throwIfAborted();
      const recorded = { dataset, sourceHash: await hash(), ...counts };
      await client.query(
        `insert into seeding (dataset, source_hash, users, movies, ratings, taggings, genome_scores) values ($1, $2, $3, $4, $5, $6, $7)`,
        [
          dataset,
          recorded.sourceHash,
          counts.users,
          counts.movies,
          counts.ratings,
          counts.taggings,
          counts.genomeScores,
        ],
      );
      return { recorded, alreadyThere: false };
    });
  } catch (error) {
    throw await explainDuplicate(error, release);
  }
}

async function loadAll(
  client: pg.PoolClient,
  release: Release,
  options: Pick<Parameters<typeof load>[2], 'kind' | 'onProgress' | 'signal'>,
) {
  const direct = await claimEmptyCatalog(client);
  await client.query(`set local maintenance_work_mem = '256MB'`);
  const restore = direct ? await putAside(client, LARGE_TABLES) : async () => undefined;
  const { tagLines, ...counts } = await load(client, release, { ...options, direct });
  options.onProgress({ stage: 'Checking and indexing', done: 0, total: undefined });
  const taggings = await merge(client, direct);
  await restore();
  for (const table of ['app_user', 'movie', 'tag'] as const) await moveSequence(client, table);
  await client.query(`analyze ${TABLES.join(', ')}`);
  return { ...counts, taggings, skipped: tagLines - taggings };
}

async function waitForTurn(
  client: pg.PoolClient,
  onProgress: (progress: SeedProgress) => void,
): Promise<void> {
  const { rows } = await client.query<{ free: boolean }>('select pg_try_advisory_xact_lock($1) as free', [
    ADVISORY_LOCK,
  ]);
  if (rows[0].free) return;
  onProgress({ stage: 'Waiting for another seeding to end', done: 0, total: undefined });
  await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
}

/** Readers of an empty catalog wait until it is full; where they are in the way for long, or rows
 *  are there, nobody waits for us.
 *  @returns whether the tables are empty and ours alone until the transaction ends */
async function claimEmptyCatalog(client: pg.PoolClient): Promise<boolean> {
  if (!(await isEmpty(client))) return false;
  await client.query('savepoint claim');
  await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
  try {
    await client.query(`lock table ${TABLES.join(', ')} in access exclusive mode`);
    await client.query('set local lock_timeout = 0');
    if (await isEmpty(client)) {
      await client.query('release savepoint claim');
      return true;
    }
  } catch (error) {
    if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error;
  }
  // Lets go of the locks, too.
  await client.query('rollback to savepoint claim');
  return false;
}

async function isEmpty(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ empty: boolean }>(
    `select not (${TABLES.map((table) => `exists (select from ${table})`).join(' or ')}) as empty`,
  );
  return rows[0].empty;
}

const FIND_SEEDING = `select dataset, source_hash, users, movies, ratings, taggings, genome_scores from seeding where source_hash = $1`;

interface SeedingRow {
  dataset: string;
  source_hash: string;
  users: number;
  movies: number;
  ratings: number;
  taggings: number;
  genome_scores: number;
}

async function findSeeding(
  from: Database | pg.PoolClient,
  sourceHash: string,
): Promise<Recorded | undefined> {
  const rows =
    'kind' in from
      ? await from.query<SeedingRow>(FIND_SEEDING, [sourceHash])
      : (await from.query(FIND_SEEDING, [sourceHash])).rows;
  const row = rows[0] as SeedingRow | undefined;
  return (
    row && {
      dataset: row.dataset,
      sourceHash: row.source_hash,
      users: row.users,
      movies: row.movies,
      ratings: row.ratings,
      taggings: row.taggings,
      genomeScores: row.genome_scores,
      skipped: 0,
    }
  );
}
