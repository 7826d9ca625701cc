/** Loads `@tensorflow/tfjs-node`, an optional dependency whose binding `npm run native`
 *  provides. */
import type * as util from 'node:util';
import type { Tf } from './tf';

/** libtensorflow's own log level, read from the environment by C code: 0 says everything, 2 only
 *  errors. A worker's `process.env` is a copy that C code never sees: call this in the main thread,
 *  before the workers. */
export function quietNativeLog(): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
}

/** @returns the description of the engine
 *  @throws Error why it does not load (package absent, binding absent, library absent) */
export function loadNative(tf: Tf): string {
  quietNativeLog();
  restoreUtil();
  const node = require('@tensorflow/tfjs-node') as { version: { 'tfjs-node': string } };
  const { binding } = tf.findBackend('tensorflow') as unknown as { binding: { TF_Version: string } };
  return `tensorflow native ${binding.TF_Version} (tfjs-node ${node.version['tfjs-node']})`;
}

/** tfjs-node 4.22 calls two helpers of `util` that Node 22 warns about and Node 23 removed
 *  (DEP0044, DEP0051); without them the first operation throws "isNullOrUndefined is not a
 *  function". */
function restoreUtil(): void {
  if (Number(process.versions.node.split('.')[0]) < 22) return;
  const module = require('node:util') as typeof util & Record<string, unknown>;
  module.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  module.isArray = Array.isArray;
}
