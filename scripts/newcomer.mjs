/** Does what a newcomer does, and times it: `npm start`, the first answer by popularity, the first personal one, Ctrl-C, a second start.
 *  Leaves its own data folder and port, so that it disturbs nobody. Exits non-zero when a step fails; times are printed, not judged. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), 'nearfield-newcomer-'));
const QUERY = '{ recommendations(userId: "42", k: 10) { rank distance source movie { id title } } }';

/** @returns {Promise<number>} */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });

/** @typedef {{ rank: number, distance: number, source: string, movie: { title: string } }} Row */
/** @typedef {{ pid: number, ended: Promise<number | string> }} Server `ended`: exit code or signal */

/** @param {number} port @returns {Server} */
function start(port) {
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: { ...process.env, PORT: String(port), NEARFIELD_DATA_DIR: dataDir },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  if (child.pid === undefined) throw new Error('npm cannot be started.');
  return {
    pid: child.pid,
    ended: new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? ''))),
  };
}

/** @param {number} port @returns {Promise<Row[]>} */
async function ask(port) {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: QUERY }),
  });
  const { data, errors } = /** @type {{ data: { recommendations: Row[] }, errors?: unknown }} */ (
    await response.json()
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return data.recommendations;
}

/** Asks until `wanted(list)`, or fails after `limitMs`, or when the server has ended.
 *  @param {Server} server @param {number} port @param {(list: Row[]) => boolean} wanted @param {number} limitMs */
async function until(server, port, wanted, limitMs) {
  const begun = Date.now();
  let ended = false;
  server.ended.then(() => (ended = true));
  for (;;) {
    if (ended) throw new Error('The server ended.');
    if (Date.now() - begun > limitMs) throw new Error(`No such answer within ${limitMs / 1000} s.`);
    const list = await ask(port).catch((error) => {
      if (error.cause) return null; // not listening yet
      throw error;
    });
    if (list && wanted(list)) return { list, seconds: (Date.now() - begun) / 1000 };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @param {Server} server */
async function stop(server) {
  process.kill(-server.pid, 'SIGINT');
  const code = await Promise.race([
    server.ended,
    new Promise((resolve) => setTimeout(resolve, 20_000, 'no end within 20 s').unref()),
  ]);
  if (code !== 0 && code !== 'SIGINT' && code !== 130) throw new Error(`npm start ended with ${code}.`);
}

/** @type {Server | undefined} the one that runs */
let running;
/** @param {number} pid leader of the process group; it may have ended by itself */
function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {}
}

try {
  const port = await freePort();
  running = start(port);
  const first = await until(running, port, () => true, 600_000);
  console.log(
    `\nnewcomer: first answer (${first.list[0].source}) after ${first.seconds.toFixed(1)} s, installation and build included`,
  );
  const personal = await until(running, port, (list) => list[0].source === 'PERSONAL', 900_000);
  console.log(`newcomer: first personal answer ${personal.seconds.toFixed(1)} s later`);
  for (const { rank, distance, movie } of personal.list)
    console.log(`  ${String(rank).padStart(2)}  ${distance.toFixed(3)}  ${movie.title}`);
  if (personal.list.some(({ distance }, i) => i > 0 && distance < personal.list[i - 1].distance))
    throw new Error('Not in order of distance.');
  await stop(running);
  running = undefined;
  running = start(port);
  const again = await until(running, port, (list) => list[0].source === 'PERSONAL', 60_000);
  console.log(`newcomer: second start serves personally after ${again.seconds.toFixed(1)} s`);
  await stop(running);
  running = undefined;
} catch (error) {
  console.error(`newcomer: ${error instanceof Error ? error.message : error}`);
  if (running) killGroup(running.pid);
  process.exitCode = 1;
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
