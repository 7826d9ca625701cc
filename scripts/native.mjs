#!/usr/bin/env node
/** `npm run native`: gives TensorFlow.js its native back end, and caches it where `npm ci` cannot wipe it.
 *
 *  Order of attempts: what is already in place, the cache in .native/, tfjs-node's own install script,
 *  libtensorflow from PyPI. Options: --from=script | --from=wheel (skip the others), --force (ignore the cache).
 *  Exit code 0: native works. Exit code 1: it does not, nothing else changed, and wasm remains in use. */
import { existsSync, rmSync } from 'node:fs';
import { compileBinding, placeBinding } from './native/binding.mjs';
import { cacheOfficial, restoreOfficial, runInstallScript } from './native/official.mjs';
import { bindingPath, cachedBinding, tfjsNode } from './native/places.mjs';
import { checkBinding, fail, NativeUnavailable, progress } from './native/report.mjs';
import { libraryCached, provideLibrary } from './native/wheel.mjs';

const source = process.argv.find((word) => word.startsWith('--from='))?.slice('--from='.length);
const force = process.argv.includes('--force');

try {
  if (source !== undefined && source !== 'script' && source !== 'wheel') {
    throw new NativeUnavailable(`--from=${source} is unknown; it is "script" or "wheel"`);
  }
  const started = Date.now();
  const way = await provide();
  progress(`ready in ${((Date.now() - started) / 1000).toFixed(1)} s: ${way}`);
} catch (error) {
  fail(error);
}

/** @returns one phrase that says where the back end came from
 *  @throws NativeUnavailable with what to do about it */
async function provide() {
  if (!existsSync(tfjsNode)) {
    throw new NativeUnavailable(
      '@tensorflow/tfjs-node is not installed; run `npm ci` without --omit=optional',
    );
  }
  if (!force) {
    const inPlace = existsSync(bindingPath) && checkBinding();
    if (inPlace) return `${inPlace}, already in place`;
    if (source !== 'wheel' && restoreOfficial()) {
      const version = checkBinding();
      if (version) return `${version}, from the cache`;
    }
    if (source !== 'script' && libraryCached() && existsSync(cachedBinding)) {
      placeBinding();
      const version = checkBinding();
      if (version) return `${version}, from the cache`;
    }
  }
  if (source !== 'wheel' && runInstallScript()) {
    const version = checkBinding();
    if (version) {
      cacheOfficial();
      return `${version}, from tfjs-node's install script`;
    }
    progress("the install script's binding does not load on this machine");
  }
  if (source === 'script')
    throw new NativeUnavailable("tfjs-node's install script failed; try without --from=script");
  await provideLibrary();
  compileBinding();
  placeBinding();
  const version = checkBinding({ loud: true });
  if (version) return `${version}, libtensorflow from PyPI and a binding compiled here`;
  rmSync(bindingPath, { force: true }); // a binding that does not load would cost every start an exception
  throw new NativeUnavailable('the compiled binding does not load (its message stands above)');
}
