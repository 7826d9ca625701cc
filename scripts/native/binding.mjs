/** Compiles tfjs-node's binding against the cached libtensorflow, and puts it where tfjs-node looks. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import {
  bindingPath,
  cachedBinding,
  cachedLibrary,
  NAPI_VERSION,
  nodeApiHeaders,
  tfjsNode,
} from './places.mjs';
import { NativeUnavailable, progress } from './report.mjs';

/** One g++ call instead of node-gyp: that one fetches Node's headers, and Node-API needs only the four in npm.
 *  The library's path is relative to the binding, so that a checkout can be moved or copied into an image. */
export function compileBinding() {
  if (spawnSync('g++', ['--version']).status !== 0) {
    throw new NativeUnavailable(
      'g++ is needed to compile the binding; install a C++17 compiler (Debian: apt-get install g++) and run again',
    );
  }
  let headers;
  try {
    headers = nodeApiHeaders();
  } catch {
    throw new NativeUnavailable(
      'node-api-headers is not installed; run `npm ci` without --omit=dev and try again',
    );
  }
  progress('compiling the binding');
  const draft = `${cachedBinding}.${process.pid}`;
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) =>
    path.join(tfjsNode, 'binding', name),
  );
  const { status, stderr } = spawnSync(
    'g++',
    [
      '-std=c++17',
      '-O2',
      '-fPIC',
      '-shared',
      `-DNAPI_VERSION=${NAPI_VERSION}`,
      '-I',
      path.join(cachedLibrary, 'include'),
      '-I',
      headers,
      ...sources,
      '-o',
      draft,
      '-L',
      cachedLibrary,
      '-l:libtensorflow_cc.so.2',
      '-l:libtensorflow_framework.so.2',
      `-Wl,-rpath,$ORIGIN/${path.relative(path.dirname(bindingPath), cachedLibrary)}`,
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) {
    rmSync(draft, { force: true });
    throw new NativeUnavailable(`g++ could not compile the binding:\n${stderr}`);
  }
  renameSync(draft, cachedBinding);
}

/** Copies the cached binding into node_modules by a rename: a process that has the old one open keeps it. */
export function placeBinding() {
  if (!existsSync(cachedBinding)) throw new NativeUnavailable('no compiled binding in .native/');
  mkdirSync(path.dirname(bindingPath), { recursive: true });
  const draft = `${bindingPath}.${process.pid}`;
  copyFileSync(cachedBinding, draft);
  renameSync(draft, bindingPath);
}
