/** Loads a MovieLens release into the catalog: the whole of it in one transaction, or nothing. */
import type pg from 'pg';
import type { Database } from '../database/database';
import { archiveOf, type DatasetName, EMBEDDED_DATASET, embeddedFolder, isDatasetName } from './datasets';
import { type DownloadOptions, download } from './download';
import { MalformedLineError } from './errors';
import type { Release } from './formats/format';
import { filesRead, type OpenRelease, openRelease, RATING_FORMATS, readRelease } from './formats/formats';
import { type LoadProgress, load, moveSequence, staged, TABLES } from './load';

/** A release by name (downloaded, unless it is the embedded one), or a folder or .zip that holds
 *  one. */
export type SeedSource = { readonly dataset: DatasetName } | { readonly from: string };

export interface SeedOptions {
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
  /** Where archives are kept after their download. */
  readonly downloadDir: string;
  /** For another address than the publisher's. */
  readonly download?: Partial<DownloadOptions>;
}

export interface SeedResult {
  /** Such as `25m`; for other releases the name of the folder or archive. */
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
interface Seeded {
  readonly recorded: Recorded;
  readonly alreadyThere: boolean;
}

/** Loads a release unless it was loaded before. Into an empty catalog its rows go as they are; into
 *  another one they are merged: rows that exist stay as they are. Several at once wait for each
 *  other.
 *  @throws MalformedLineError, UnreadableReleaseError, DownloadError, DatabaseUnavailableError, the
 *    signal's reason; the database is then as it was */
export async function seed(
  database: Database,
  source: SeedSource,
  options: SeedOptions,
): Promise<SeedResult> {
  const started = performance.now();
  const opened = await openRelease(await pathOf(source, options), RATING_FORMATS);
  try {
    const dataset = 'dataset' in source ? source.dataset : datasetName(opened.files.label);
    const { recorded, alreadyThere } = await seedFiles(database, opened, dataset, options);
    return { ...recorded, alreadyThere, seconds: (performance.now() - started) / 1000 };
  } finally {
    await opened.files.close();
  }
}

async function pathOf(
  source: SeedSource,
  { signal, onProgress, ...options }: SeedOptions,
): Promise<string> {
  if ('from' in source) return source.from;
  if (source.dataset === EMBEDDED_DATASET) return embeddedFolder();
  return download(archiveOf(source.dataset), {
    folder: options.downloadDir,
    ...(signal && { signal }),
    onProgress: (done, total) =>
      onProgress?.({ stage: `Downloading MovieLens ${source.dataset}`, done, total }),
    ...options.download,
  });
}

/** `ml-25m.zip` → `25m` */
function datasetName(label: string): string {
  const name = label.replace(/\.zip$/i, '').replace(/^ml-/, '');
  return isDatasetName(name) ? name : label;
}

async function seedFiles(
  database: Database,
  opened: OpenRelease,
  dataset: string,
  options: SeedOptions,
): Promise<Seeded> {
  const { signal, onProgress = () => undefined } = options;
  const { files } = opened;
  const names = filesRead(opened);
  const total = names.reduce((sum, name) => sum + files.size(name), 0);
  const hash = () =>
    files.sourceHash(names, {
      signal,
      onBytes: (done) => onProgress({ stage: 'Comparing with the loaded data', done, total }),
    });
  const findEarlier = async (query: Query): Promise<Seeded | undefined> => {
    // Where nothing was ever seeded, the hash can wait until the files have been read anyway.
    if ((await query('select from seeding limit 1')).length === 0) return undefined;
    const recorded = await findSeeding(query, await hash());
    return recorded && { recorded, alreadyThere: true };
  };
  const earlier = await findEarlier((sql, values) => database.query(sql, values));
  if (earlier) return earlier;
  onProgress({ stage: 'Reading movies', done: 0, total: undefined });
  const release = await readRelease(opened);
  try {
    return await database.transaction(async (client) => {
      await waitForTurn(client, onProgress);
      const meanwhile = await findEarlier(
        async (sql, values = []) => (await client.query(sql, values)).rows,
      );
      if (meanwhile) return meanwhile;
      const counts = await loadAll(client, release, { kind: database.kind, onProgress, signal });
      signal?.throwIfAborted();
      const recorded = { dataset, sourceHash: await hash(), ...counts };
      await recordSeeding(client, recorded);
      return { recorded, alreadyThere: false };
    });
  } catch (error) {
    throw await explainDuplicate(error, release);
  }
}

async function loadAll(
  client: pg.PoolClient,
  release: Release,
  options: Omit<Parameters<typeof load>[2], 'direct'>,
): Promise<Omit<Recorded, 'dataset' | 'sourceHash'>> {
  const direct = await claimEmptyCatalog(client);
  await client.query(`set local maintenance_work_mem = '256MB'`);
  const restore = direct ? await dropConstraints(client, LARGE_TABLES) : async () => undefined;
  const { tagLines, ...counts } = await load(client, release, { ...options, direct });
  await restore();
  for (const table of ['app_user', 'movie', 'tag'] as const) await moveSequence(client, table);
  await client.query(`analyze ${TABLES.join(', ')}`);
  return { ...counts, skipped: tagLines - counts.taggings };
}

async function waitForTurn(
  client: pg.PoolClient,
  onProgress: (progress: LoadProgress) => void,
): Promise<void> {
  const { rows } = await client.query<{ free: boolean }>('select pg_try_advisory_xact_lock($1) as free', [
    ADVISORY_LOCK,
  ]);
  if (rows[0].free) return;
  onProgress({ stage: 'Waiting for another seeding to end', done: 0, total: undefined });
  await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
}

/** Readers of an empty catalog wait until it is full. If they block us for long, or rows exist, no
 *  lock is taken.
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

/** Drops keys and indices of empty tables while millions of rows come in: one sort at the end is
 *  cheaper than as many look-ups.
 *  @returns what creates them again, each under its name; a row that breaks one is refused then
 *  @throws pg.DatabaseError when another table's key depends on one */
async function dropConstraints(
  client: pg.ClientBase,
  tables: readonly string[],
): Promise<() => Promise<void>> {
  const { rows: constraints } = await client.query<{ table: string; name: string; definition: string }>(
    // Keys before the foreign keys, which may depend on them.
    `select conrelid::regclass::text as table, quote_ident(conname) as name,
            pg_get_constraintdef(oid) as definition
       from pg_constraint where conrelid = any ($1::text[]::regclass[]) and contype in ('p', 'u', 'f')
      order by contype = 'f', oid`,
    [tables],
  );
  const { rows: indices } = await client.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
       from pg_index where indrelid = any ($1::text[]::regclass[])
        and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))
      order by indexrelid`,
    [tables],
  );
  for (const { table, name } of [...constraints].reverse())
    await client.query(`alter table ${table} drop constraint ${name}`);
  for (const { name } of indices) await client.query(`drop index ${name}`);
  return async () => {
    for (const { table, name, definition } of constraints) {
      await client.query(`alter table ${table} add constraint ${name} ${definition}`);
    }
    for (const { definition } of indices) await client.query(definition);
  };
}

type Query = (sql: string, values?: unknown[]) => Promise<unknown[]>;

async function findSeeding(query: Query, sourceHash: string): Promise<Recorded | undefined> {
  const rows = await query(
    `select dataset, source_hash as "sourceHash", users, movies, ratings, taggings,
            genome_scores as "genomeScores", 0 as skipped
       from seeding where source_hash = $1`,
    [sourceHash],
  );
  return rows[0] as Recorded | undefined;
}

async function recordSeeding(client: pg.PoolClient, recorded: Recorded): Promise<void> {
  const { dataset, sourceHash, users, movies, ratings, taggings, genomeScores } = recorded;
  await client.query(
    `insert into seeding (dataset, source_hash, users, movies, ratings, taggings, genome_scores)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [dataset, sourceHash, users, movies, ratings, taggings, genomeScores],
  );
}

/** Asked only after the database has refused a key, so that no good release pays for it.
 *  @returns the error to show for a failed load: for a key that the release has twice, a
 *    MalformedLineError with the second line */
async function explainDuplicate(error: unknown, release: Release): Promise<unknown> {
  const { code, table, detail } = (error ?? {}) as { code?: string; table?: string; detail?: string };
  const [, first, second] = /=\((\d+), (\d+)\)/.exec(detail ?? '') ?? [];
  if (code !== '23505' || first === undefined) return error;
  if (table === 'rating' || table === staged('rating')) {
    return (await repeatedRating(release, Number(first), Number(second))) ?? error;
  }
  if (table === 'genome_score' || table === staged('genome_score')) {
    return (await repeatedScore(release, Number(first))) ?? error;
  }
  return error;
}

async function repeatedRating(
  release: Release,
  userId: number,
  movieId: number,
): Promise<MalformedLineError | undefined> {
  let before = 0;
  for await (const { length, userIds, movieIds, lines } of release.ratings()) {
    for (let row = 0; row < length; row++) {
      if (userIds[row] !== userId || movieIds[row] !== movieId) continue;
      if (before > 0) {
        const reason = `duplicate rating of movie ${movieId} by user ${userId}, first in line ${before}.`;
        return new MalformedLineError(release.format.required[0], lines[row], reason);
      }
      before = lines[row];
    }
  }
  return undefined;
}

/** The database's tag id is not the file's, but within one movie any tag that comes twice will
 *  do. */
async function repeatedScore(release: Release, movieId: number): Promise<MalformedLineError | undefined> {
  const lineOfTag = new Map<number, number>();
  let line = 1; // the header
  for await (const { length, movieIds, genomeTagIds } of release.genomeScores()) {
    for (let row = 0; row < length; row++) {
      line++;
      if (movieIds[row] !== movieId) continue;
      const before = lineOfTag.get(genomeTagIds[row]);
      if (before !== undefined) {
        const reason = `duplicate score of movie ${movieId} for genome tag ${genomeTagIds[row]}, first in line ${before}.`;
        return new MalformedLineError(release.format.genome!.scoresFile, line, reason);
      }
      lineOfTag.set(genomeTagIds[row], line);
    }
  }
  return undefined;
}
