/** The embedded PostgreSQL: PGlite in a worker thread, so that no statement ever stands in the way
 *  of the thread that serves. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { Maintenance } from './maintenance';
import { WireServer } from './wire-server';

export interface EmbeddedThreadData {
  readonly folder: string;
  readonly listen: { path: string } | { host: string; port: number };
  readonly password: string | undefined;
}
export type EmbeddedThreadMessage =
  | { type: 'ready'; port: number }
  | { type: 'failed'; kind: 'version' | 'other'; message: string }
  | { type: 'closed' };

const SERVER_MAJOR = '18';
/** Written when the cluster is complete. A folder without it is what a start that was killed left
 *  behind. */
const COMPLETE = 'nearfield-complete';

const MAINTENANCE_MS = 5_000;
/** The log's files are kept for reuse up to the first size; PostgreSQL's default of 1 GB is a lot
 *  for a folder in a clone. */
const SETTINGS = ['max_wal_size=128MB', 'min_wal_size=32MB'];

const { folder, listen, password } = workerData as EmbeddedThreadData;
const parent = parentPort;
if (!parent) throw new Error('embedded-thread runs as a worker thread only.');
const tell = (message: EmbeddedThreadMessage) => parent.postMessage(message);

async function start(): Promise<void> {
  const versionFile = join(folder, 'PG_VERSION');
  const complete = join(folder, COMPLETE);
  if (existsSync(complete)) {
    const major = readFileSync(versionFile, 'utf8').trim();
    if (major !== SERVER_MAJOR) {
      const message =
        `The embedded database in ${folder} was made by PostgreSQL ${major}; this version of Nearfield has ${SERVER_MAJOR}. ` +
        'Open it with the version of Nearfield that made it, or start with another NEARFIELD_DATA_DIR.';
      tell({ type: 'failed', kind: 'version', message });
      return;
    }
  } else {
    rmSync(folder, { recursive: true, force: true });
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const startParams = [...PGlite.defaultStartParams, ...SETTINGS.flatMap((setting) => ['-c', setting])];
  const engine = await PGlite.create({ dataDir: folder, extensions: { vector }, startParams });
  const maintenance = new Maintenance(engine);
  if (!existsSync(complete)) writeFileSync(complete, '');
  const fail = (error: unknown) => {
    // Whatever was acknowledged is in the files; the next start opens them again.
    tell({ type: 'failed', kind: 'other', message: error instanceof Error ? error.message : String(error) });
    setImmediate(() => process.exit(1));
  };
  const server = new WireServer({
    engine,
    password,
    afterUnit: () => maintenance.afterUnit(),
    onEngineFailure: fail,
  });
  const maintaining = setInterval(
    () => void server.ifIdle(() => maintenance.whenIdle()).catch(fail),
    MAINTENANCE_MS,
  );
  const port = await server.listen(listen);
  parent?.on('message', async () => {
    clearInterval(maintaining);
    await server.close();
    await engine.close();
    tell({ type: 'closed' });
    parent?.close();
  });
  tell({ type: 'ready', port });
}

start().catch((error: unknown) => {
  tell({ type: 'failed', kind: 'other', message: error instanceof Error ? error.message : String(error) });
});
