/** The embedded PostgreSQL: PGlite in a worker thread, so that no statement ever stands in the way of the thread that serves. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
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
/** Written when the cluster is complete. A folder without it is what a start that was killed left behind. */
const COMPLETE = 'nearfield-complete';

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
  const engine = await PGlite.create({ dataDir: folder, extensions: { vector } });
  if (!existsSync(complete)) writeFileSync(complete, '');
  const server = new WireServer({
    engine,
    password,
    onEngineFailure: (error) => {
      // Whatever was acknowledged is in the files; a fresh thread opens them again.
      tell({ type: 'failed', kind: 'other', message: error instanceof Error ? error.message : String(error) });
      setImmediate(() => process.exit(1));
    },
  });
  const port = await server.listen(listen);
  parent?.on('message', async () => {
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
