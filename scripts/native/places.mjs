/** Where the parts of the native back end live: tfjs-node looks in node_modules, the cache is `.native/`. */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
export const root = realpathSync(fileURLToPath(new URL('../..', import.meta.url)));

/** tfjs-node's folder, symlinks resolved; where it would be when it is not installed. */
export const tfjsNode = (() => {
  try {
    return path.dirname(realpathSync(require.resolve('@tensorflow/tfjs-node/package.json')));
  } catch {
    return path.join(root, 'node_modules', '@tensorflow', 'tfjs-node');
  }
})();
/** npm's node-api-headers is a development dependency: absent after `npm ci --omit=dev`. */
export const nodeApiHeaders = () =>
  path.join(path.dirname(require.resolve('node-api-headers/package.json')), 'include');

/** The highest Node-API version tfjs-node 4.22 declares, and so the folder it looks in on every Node we support. */
export const NAPI_VERSION = 8;
export const bindingPath = path.join(tfjsNode, 'lib', `napi-v${NAPI_VERSION}`, 'tfjs_binding.node');

export const cache = path.join(root, '.native');
export const cachedBinding = path.join(cache, 'tfjs_binding.node');
export const cachedLibrary = path.join(cache, 'tensorflow');
export const cachedOfficial = path.join(cache, 'official');
