/** What both commands need before they can run: the right Node, the dependencies, a fresh build. Uses Node alone. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noteRevision } from './revision.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));
const MINIMUM = [20, 19];

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return;
  console.error(`Nearfield needs Node ${MINIMUM.join('.')} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

const HEARTBEAT_MS = 5_000;

/** Says every few seconds that it is still at work: an installation may take a minute.
 *  @param {string} title @param {string} command @param {string[]} args */
async function run(title, command, args) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  console.log(`${title} …`);
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  const heartbeat = setInterval(() => console.log(`${title} · ${seconds()}`), HEARTBEAT_MS);
  const status = await new Promise((resolve) =>
    child.once('exit', resolve).once('error', () => resolve(1)),
  );
  clearInterval(heartbeat);
  if (status !== 0) {
    console.error(`${title} failed.`);
    process.exit(status ?? 1);
  }
  console.log(`${title}: done in ${seconds()}`);
}

/** Install scripts stay off: the only one that matters, tfjs-node's, is `npm run native`. */
async function installDependencies() {
  const stamp = join(root, 'node_modules', '.nearfield-lock');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;
  if (installed) return;
  await run('Installing dependencies', 'npm', [
    'ci',
    '--include=dev',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
  writeFileSync(stamp, lock);
  const cached = join(root, '.native', 'tfjs_binding.node');
  if (existsSync(cached))
    await run('Putting the native back end in its place again', process.execPath, [
      join(root, 'scripts', 'native.mjs'),
    ]);
}

/** @param {string} folder
 *  @returns {number} ms since 1970 */
function newestChange(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, newestChange(path));
    else if (!entry.name.endsWith('.test.ts')) newest = Math.max(newest, statSync(path).mtimeMs);
  }
  return newest;
}

async function build() {
  const built = join(root, 'dist', '.built');
  const sources = Math.max(
    newestChange(join(root, 'src')),
    newestChange(join(root, 'web')),
    statSync(join(root, 'tsconfig.json')).mtimeMs,
  );
  if (existsSync(built) && statSync(built).mtimeMs >= sources) return;
  await run('Building', process.execPath, [join(root, 'scripts', 'build.mjs')]);
}

export async function prepare() {
  requireNode();
  await installDependencies();
  await build();
  noteRevision(root);
}
