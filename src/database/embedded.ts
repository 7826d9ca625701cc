/** Starts the embedded PostgreSQL in its thread, or finds the one that another process runs on the
 *  same folder. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type pg from 'pg';
import { type AppError, DatabaseUnavailableError, fromMessage } from '../errors';
import { threadFile } from '../threads';
import type { EmbeddedThreadData, EmbeddedThreadMessage } from './embedded-thread';
import { FolderLock, folderHolder } from './folder-lock';

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** `owner` starts the embedded server and takes the folder's lock; `guest` (a command beside a
   *  running server) connects to the running one, or becomes the owner when none runs. */
  readonly role: 'owner' | 'guest';
  readonly onProgress?: (message: string) => void;
}

export interface EmbeddedServer {
  /** Such as `PGlite 0.5.14`. */
  readonly product: string;
  readonly connection: pg.PoolConfig;
  /** Only for the owner. */
  readonly stop?: () => Promise<void>;
}

/** How a second process reaches the database: postgres-endpoint.json in the data folder, readable
 *  by its owner only. */
interface Endpoint {
  /** Of the lock under which the server runs; another token means an endpoint left by a process
   *  that died. */
  readonly token: string;
  /** A folder holding the unix socket, or a host. */
  readonly host: string;
  readonly port: number;
  readonly password?: string | undefined;
  /** A folder outside the data folder, to be removed with the server. */
  readonly temporary?: string | undefined;
}

const ENDPOINT_FILE = 'postgres-endpoint.json';
/** `pg` builds a socket's name from folder and port, as libpq does. */
const SOCKET_PORT = 5432;
const SOCKET_NAME = `.s.PGSQL.${SOCKET_PORT}`;
/** sockaddr_un holds 108 bytes on Linux, 104 on macOS. */
const LONGEST_SOCKET_PATH = 100;
const GUEST_PATIENCE_MS = 60_000;

const product = `PGlite ${
  (
    JSON.parse(
      readFileSync(join(require.resolve('@electric-sql/pglite'), '..', '..', 'package.json'), 'utf8'),
    ) as { version: string }
  ).version
}`;

/** @throws DataDirectoryInUseError, DatabaseVersionError, DatabaseUnavailableError */
export async function openEmbedded({
  dataDir,
  role,
  onProgress,
}: EmbeddedOptions): Promise<EmbeddedServer> {
  if (role === 'guest') {
    const running = await findRunning(dataDir);
    if (running) return { product, connection: connectionTo(running) };
  }
  const lock = await FolderLock.acquire(dataDir, onProgress);
  try {
    onProgress?.('Starting the embedded PostgreSQL');
    return await startServer(dataDir, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function findRunning(dataDir: string): Promise<Endpoint | null> {
  // Its owner may be starting: the endpoint is written last.
  for (const deadline = Date.now() + GUEST_PATIENCE_MS; Date.now() < deadline; await sleep(50)) {
    const holder = folderHolder(dataDir);
    if (!holder) return null;
    const endpoint = readEndpoint(dataDir);
    if (endpoint?.token === holder.token) return endpoint;
  }
  throw new DatabaseUnavailableError(
    `The process that uses ${dataDir} did not open its database within ${GUEST_PATIENCE_MS / 1000} s.`,
  );
}

async function startServer(dataDir: string, lock: FolderLock): Promise<EmbeddedServer> {
  const previous = readEndpoint(dataDir);
  if (previous?.temporary) rmSync(previous.temporary, { recursive: true, force: true });
  const { worker, endpoint } = await listenSomewhere(dataDir, lock.token);
  writeEndpoint(dataDir, endpoint);
  return {
    product,
    connection: connectionTo(endpoint),
    stop: async () => {
      await stopThread(worker);
      rmSync(join(dataDir, ENDPOINT_FILE), { force: true });
      if (endpoint.temporary) rmSync(endpoint.temporary, { recursive: true, force: true });
      lock.release();
    },
  };
}

/** Listens on a socket in the data folder; where its path is too long or the file system has no
 *  sockets, on one in a private temporary folder. On Windows: on loopback, where every user of the
 *  machine can connect, hence with a password that is kept in the endpoint's file. */
async function listenSomewhere(
  dataDir: string,
  token: string,
): Promise<{ worker: Worker; endpoint: Endpoint }> {
  const folder = join(dataDir, 'postgres');
  if (process.platform === 'win32') {
    const password = randomBytes(24).toString('hex');
    const { worker, port } = await startThread({
      folder,
      listen: { host: '127.0.0.1', port: 0 },
      password,
    });
    return { worker, endpoint: { token, host: '127.0.0.1', port, password } };
  }
  const onSocketIn = async (host: string) => {
    const { worker } = await startThread({ folder, listen: { path: join(host, SOCKET_NAME) } });
    return { worker, endpoint: { token, host, port: SOCKET_PORT } };
  };
  const inside = join(dataDir, 'socket');
  if (Buffer.byteLength(join(inside, SOCKET_NAME)) <= LONGEST_SOCKET_PATH) {
    rmSync(inside, { recursive: true, force: true });
    mkdirSync(inside, { mode: 0o700 });
    try {
      return await onSocketIn(inside);
    } catch (error) {
      if (
        !(error instanceof Error) ||
        !/listen (EPERM|EACCES|ENOTSUP|EOPNOTSUPP|EINVAL)/.test(error.message)
      )
        throw error;
    }
  }
  const temporary = mkdtempSync(join(tmpdir(), 'nearfield-'));
  const { worker, endpoint } = await onSocketIn(temporary);
  return { worker, endpoint: { ...endpoint, temporary } };
}

function startThread(workerData: EmbeddedThreadData): Promise<{ worker: Worker; port: number }> {
  const worker = new Worker(threadFile(__filename, 'embedded-thread'), { workerData, name: 'postgres' });
  return new Promise((resolve, reject) => {
    const fail = async (error: Error) => {
      worker.removeAllListeners('exit');
      await worker.terminate();
      reject(error);
    };
    // Stays: a later error must not end the process, the connections report it.
    worker.on('error', fail);
    worker.once('exit', (code) =>
      reject(new DatabaseUnavailableError(`The embedded PostgreSQL stopped (${code}).`)),
    );
    worker.once('message', (message: EmbeddedThreadMessage) => {
      if (message.type === 'ready') resolve({ worker, port: message.port });
      else void fail(startFailure(fromMessage(message.error)));
    });
  });
}

function startFailure(error: AppError): AppError {
  return error.forPeople
    ? error
    : new DatabaseUnavailableError(`The embedded PostgreSQL failed to start: ${error.message}`);
}

function stopThread(worker: Worker): Promise<void> {
  if (worker.threadId === -1) return Promise.resolve();
  return new Promise((resolve) => {
    worker.once('exit', () => resolve());
    worker.postMessage('close');
  });
}

function connectionTo(endpoint: Endpoint): pg.PoolConfig {
  // Every field is named, or `pg` would take it from PGUSER, PGPASSWORD and so on.
  return {
    host: endpoint.host,
    port: endpoint.port,
    user: 'postgres',
    database: 'postgres',
    password: endpoint.password ?? 'none',
    ssl: false,
  };
}

function readEndpoint(dataDir: string): Endpoint | null {
  try {
    return JSON.parse(readFileSync(join(dataDir, ENDPOINT_FILE), 'utf8')) as Endpoint;
  } catch {
    return null; // absent: nothing runs, or not yet
  }
}

function writeEndpoint(dataDir: string, endpoint: Endpoint): void {
  const path = join(dataDir, ENDPOINT_FILE);
  writeFileSync(`${path}.new`, JSON.stringify(endpoint), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
