/** First way: tfjs-node's own install script, which fetches a prebuilt binding and libtensorflow. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { bindingPath, cache, cachedOfficial, root, tfjsNode } from './places.mjs';
import { progress } from './report.mjs';

const deps = path.join(tfjsNode, 'deps');
const cachedDeps = path.join(cachedOfficial, 'deps');
const cachedAddon = path.join(cachedOfficial, 'tfjs_binding.node');

/** @returns {boolean} whether the script left a binding; its failure is ordinary (its host is often unreachable) */
export function runInstallScript() {
  progress("running tfjs-node's own install script");
  const { status, stderr } = spawnSync(process.execPath, ['scripts/install.js'], {
    cwd: tfjsNode,
    encoding: 'utf8',
    timeout: 300_000,
    stdio: ['ignore', 'ignore', 'pipe'],
    // npm puts this folder on the path when it runs the script; it calls `node-pre-gyp` by its bare name
    env: {
      ...process.env,
      PATH: path.join(root, 'node_modules', '.bin') + path.delimiter + process.env.PATH,
    },
  });
  if (status === 0 && existsSync(bindingPath)) return true;
  const reason =
    stderr?.split('\n').find((line) => /error/i.test(line) && !line.includes('throw')) ??
    'it did not finish within 5 minutes';
  progress(`the install script failed (${reason.trim()})`);
  if (existsSync(deps) && !lstatSync(deps).isSymbolicLink() && readdirSync(deps).length === 0)
    rmSync(deps, { recursive: true });
  return false;
}

/** Copies what the script fetched to the cache. The binding finds its library at `../../deps/lib`. */
export function cacheOfficial() {
  const draft = `${cachedOfficial}.${process.pid}`;
  mkdirSync(cache, { recursive: true });
  rmSync(draft, { recursive: true, force: true });
  cpSync(path.join(deps, 'lib'), path.join(draft, 'deps', 'lib'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  cpSync(bindingPath, path.join(draft, 'tfjs_binding.node'));
  rmSync(cachedOfficial, { recursive: true, force: true });
  renameSync(draft, cachedOfficial);
}

/** @returns {boolean} whether the cache held the script's result, and it is now in place */
export function restoreOfficial() {
  if (!existsSync(cachedAddon) || process.platform === 'win32') return false; // Windows needs rights for symlinks
  rmSync(deps, { recursive: true, force: true });
  symlinkSync(cachedDeps, deps, 'dir');
  mkdirSync(path.dirname(bindingPath), { recursive: true });
  const draft = `${bindingPath}.${process.pid}`;
  cpSync(cachedAddon, draft);
  renameSync(draft, bindingPath);
  return true;
}
