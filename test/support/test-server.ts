/** A PostgreSQL server for one run of the tests: TEST_DATABASE_URL, or one of our own in the run's
 *  folder, without fsync. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findPostgres, giveAway, UNPRIVILEGED } from './postgres-binaries';

const START_MS = 30_000;
const GUARDIAN = join(__dirname, 'server-guardian.mjs');
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  shared_buffers: '64MB',
};

export interface TestServer {
  /** Of a database in which others can be created; undefined when this machine has no server to
   *  offer. */
  readonly url: string | undefined;
  readonly origin: string;
  /** Ends the server and removes the run's folder. */
  readonly guardian: ChildProcess;
}

/** @param folder the run's folder; the guardian removes it */
export async function startTestServer(folder: string): Promise<TestServer> {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return { url: given, origin: 'TEST_DATABASE_URL', guardian: startGuardian([folder]) };
  const binaries = findPostgres(folder);
  if (!binaries) return { url: undefined, origin: 'none', guardian: startGuardian([folder]) };
  const data = join(folder, 'server');
  mkdirSync(data, { mode: 0o700 });
  giveAway(folder);
  giveAway(data);
  execFileSync(
    join(binaries.bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--no-locale',
      '--no-sync',
      '--no-instructions',
    ],
    { ...UNPRIVILEGED, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const sockets = process.platform !== 'win32';
  const port = sockets ? 5432 : await freePort();
  const place = sockets
    ? { listen_addresses: '', unix_socket_directories: folder }
    : { listen_addresses: '127.0.0.1' };
  const settings = Object.entries({ ...SETTINGS, ...place, port: String(port), log_min_messages: 'panic' });
  const guardian = startGuardian([
    folder,
    join(binaries.bin, 'postgres'),
    String(UNPRIVILEGED.uid ?? ''),
    String(UNPRIVILEGED.gid ?? ''),
    '-D',
    data,
    ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  // libpq's own spelling of a socket's folder in a URL.
  const url = sockets
    ? `postgresql://postgres@localhost:${port}/postgres?host=${encodeURIComponent(folder)}`
    : `postgresql://postgres@127.0.0.1:${port}/postgres`;
  await answers(url, guardian);
  return { url, origin: binaries.origin, guardian };
}

export async function stopTestServer(guardian: ChildProcess): Promise<void> {
  if (guardian.exitCode !== null) return;
  guardian.ref();
  const gone = once(guardian, 'exit');
  guardian.stdin?.end();
  await gone;
}

function startGuardian(guardianArguments: string[]): ChildProcess {
  const guardian = spawn(process.execPath, [GUARDIAN, ...guardianArguments], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  guardian.unref();
  (guardian.stdin as Socket | null)?.unref();
  return guardian;
}

async function answers(url: string, guardian: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + START_MS; ; await sleep(50)) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (guardian.exitCode !== null || Date.now() > deadline)
        throw new Error(`The test server does not start: ${error}`);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No free port.');
  return address.port;
}
