/** Holds what a test run must not leave behind: its temporary folder and, in it, a PostgreSQL server. Ends them when its standard
 *  input closes, which happens however the run ends: in order, by Ctrl-C, or by kill -9.
 *  usage: node server-guardian.mjs FOLDER [POSTGRES UID GID ARGUMENT…] */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const [folder, postgres, uid, gid, ...serverArguments] = process.argv.slice(2);
const child = postgres
  ? spawn(postgres, serverArguments, {
      cwd: folder,
      detached: true, // Ctrl-C is for the run; the server ends when the run has
      stdio: ['ignore', 'ignore', 'inherit'],
      ...(uid === '' ? {} : { uid: Number(uid), gid: Number(gid) }),
    })
  : undefined;
/** @type {Promise<void>} */
const gone = new Promise((resolve) => {
  if (!child) resolve();
  child?.on('error', (error) => {
    console.error(error.message);
    resolve();
  });
  child?.on('exit', () => resolve());
});
child?.on('exit', () => process.stdin.destroy());

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
process.stdin.resume();
process.stdin.on('close', async () => {
  child?.kill('SIGINT'); // fast shutdown: ends the connections, then itself
  const impatient = setTimeout(() => child?.kill('SIGQUIT'), 5_000);
  await gone;
  clearTimeout(impatient);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit();
});
