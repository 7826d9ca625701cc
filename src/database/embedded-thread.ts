/** The embedded PostgreSQL: PGlite in a worker thread, so that no statement blocks the thread that
 *  serves requests. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { type ErrorMessage, toMessage } from '../errors';
import { DatabaseVersionError } from './failures';
import { WireServer } from './wire-server';

export interface EmbeddedThreadData {
  readonly folder: string;
  readonly listen: { path: string } | { host: string; port: number };
  readonly password?: string;
}
export type EmbeddedThreadMessage =
  | { type: 'ready'; port: number }
  | { type: 'failed'; error: ErrorMessage };

const SERVER_MAJOR = '18';
/** Written when the cluster is complete: a folder without it is the remains of a killed start. */
const COMPLETE = 'nearfield-complete';
/** The log's files are kept for reuse up to the first size, by default 1 GB: a lot for a folder in
 *  a clone. */
const SETTINGS = ['max_wal_size=128MB', 'min_wal_size=32MB'];

const MAINTENANCE_MS = 5_000;
const CHECKPOINT_BYTES = 64 * 2 ** 20;
const CHECKPOINT_LOOK_MS = 1_000;
/** Autovacuum's and autoanalyze's defaults: threshold 50, scale factors 0.2 and 0.1. One table at a
 *  time, the neediest first. */
const NEEDIEST = `
  select format('%I.%I', schemaname, relname) as name, n_dead_tup > 50 + 0.2 * n_live_tup as vacuum
    from pg_stat_user_tables
   where n_dead_tup > 50 + 0.2 * n_live_tup or n_mod_since_analyze > 50 + 0.1 * n_live_tup
   order by greatest(n_dead_tup, n_mod_since_analyze)::float8 / (n_live_tup + 1) desc
   limit 1`;

const { folder, listen, password } = workerData as EmbeddedThreadData;
if (!parentPort) throw new Error('embedded-thread must run in a worker thread.');
const parent = parentPort;
const tell = (message: EmbeddedThreadMessage) => parent.postMessage(message);
const tellFailure = (error: unknown) => tell({ type: 'failed', error: toMessage(error) });

async function start(): Promise<void> {
  const complete = join(folder, COMPLETE);
  if (existsSync(complete)) {
    const major = readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim();
    if (major !== SERVER_MAJOR) {
      throw new DatabaseVersionError(
        `The embedded database in ${folder} was created by PostgreSQL ${major}; this version of Nearfield has ${SERVER_MAJOR}. ` +
          'Open it with the version of Nearfield that created it, or set another ' +
          'NEARFIELD_DATA_DIR.',
      );
    }
  } else {
    rmSync(folder, { recursive: true, force: true });
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const startParams = [...PGlite.defaultStartParams, ...SETTINGS.flatMap((setting) => ['-c', setting])];
  const engine = await PGlite.create({ dataDir: folder, extensions: { vector }, startParams });
  if (!existsSync(complete)) writeFileSync(complete, '');
  const maintenance = new Maintenance(engine);
  const onEngineFailure = (error: unknown) => {
    // Whatever was acknowledged is in the files; the next start opens them again.
    tellFailure(error);
    setImmediate(() => process.exit(1));
  };
  const afterUnit = () => maintenance.afterUnit();
  const server = new WireServer({ engine, password, afterUnit, onEngineFailure });
  const maintaining = setInterval(
    () => void server.ifIdle(() => maintenance.whenIdle()).catch(onEngineFailure),
    MAINTENANCE_MS,
  );
  const port = await server.listen(listen);
  parent.on('message', async () => {
    clearInterval(maintaining);
    await server.close();
    await engine.close();
    parent.close();
  });
  tell({ type: 'ready', port });
}

/** The work of PostgreSQL's background processes, which PGlite, being a single process, lacks.
 *  Without it the write-ahead log is never cut (1.6 million rows, inserted and updated once: 545
 *  MB, and all of it is replayed after a kill -9), dead rows are never reclaimed, and the planner
 *  has no statistics. */
class Maintenance {
  private lookedAt = 0;
  private checkpointAt = '0/0';

  constructor(private readonly engine: PGlite) {}

  /** Between two statements, also within a transaction: cuts the log once it has grown by 64 MB. */
  async afterUnit(): Promise<void> {
    if (Date.now() - this.lookedAt < CHECKPOINT_LOOK_MS) return;
    this.lookedAt = Date.now();
    await orLater(async () => {
      const { rows } = await this.engine.query<{ bytes: number; now: string }>(
        `select (pg_current_wal_insert_lsn() - $1::pg_lsn)::float8 as bytes,
                pg_current_wal_insert_lsn()::text as now`,
        [this.checkpointAt],
      );
      if (rows[0].bytes < CHECKPOINT_BYTES) return;
      await this.engine.query('checkpoint');
      this.checkpointAt = rows[0].now;
    });
  }

  /** While the session is idle: vacuums or analyzes one table if needed. */
  async whenIdle(): Promise<void> {
    if (this.engine.isInTransaction()) return;
    await orLater(async () => {
      const { rows } = await this.engine.query<{ name: string; vacuum: boolean }>(NEEDIEST);
      for (const { name, vacuum } of rows)
        await this.engine.query(vacuum ? `vacuum (analyze) ${name}` : `analyze ${name}`);
    });
  }
}

/** Passes over an SQL error, such as that of a client's failed transaction: maintenance comes
 *  again. Any other error is the engine's own failure. */
async function orLater(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!/^[0-9A-Z]{5}$/.test(String((error as { code?: unknown } | null)?.code))) throw error;
  }
}

start().catch(tellFailure);
