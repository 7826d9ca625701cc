/** Chooses the TensorFlow.js back end: native where it loads, WebAssembly everywhere else.
 *
 *  Importing this file is cheap; TensorFlow.js is loaded by the first `loadEngine`. Every thread
 *  (worker_threads) has its own TensorFlow.js and calls `loadEngine` for itself. */
import * as path from 'node:path';
import type * as util from 'node:util';
import { AppError } from '../errors';
import { supplyKernels } from './kernels';
import { loadTf, type Tf } from './tf';

export type BackendName = 'native' | 'wasm' | 'cpu';

export interface Engine {
  readonly tf: Tf;
  readonly backend: BackendName;
  /** For people and for the experiment's record: "tensorflow native 2.15.1 (tfjs-node 4.22.0)". */
  readonly description: string;
  /** Why native was not taken; absent when it was, or when another back end was asked for. */
  readonly reason?: string;
}

/** The back end that was asked for does not load on this machine. */
export class BackendUnavailableError extends AppError {
  readonly code = 'BACKEND_UNAVAILABLE';
  constructor(
    readonly backend: BackendName,
    override readonly cause: unknown,
  ) {
    super(`The TensorFlow.js back end "${backend}" cannot be loaded: ${firstLine(cause)}`);
  }
}

/** What TensorFlow.js calls them. */
const registered = { native: 'tensorflow', wasm: 'wasm', cpu: 'cpu' } as const;
const loading = new Map<BackendName, Promise<Engine>>();
let chosen: Promise<Engine> | undefined;
let latest: Engine | undefined;

/** @returns the engine that this thread last loaded, undefined where nothing has asked for one:
 *    what a training really ran on */
export const engineInUse = (): Engine | undefined => latest;

/** Loads the back end and makes it this thread's current one. Without `backend`: native, else wasm;
 *  the choice is made once a thread, and later calls return it. With `backend`: that one or an
 *  error. The current back end is global to the thread, so tensors made before an explicit change
 *  belong to the other back end (TensorFlow.js moves them when they are used).
 *  @throws BackendUnavailableError */
export async function loadEngine(options: { backend?: BackendName | undefined } = {}): Promise<Engine> {
  if (!options.backend) chosen ??= choose();
  const engine = await (options.backend ? load(options.backend) : (chosen as Promise<Engine>));
  if (engine.tf.getBackend() !== registered[engine.backend])
    await engine.tf.setBackend(registered[engine.backend]);
  latest = engine;
  return engine;
}

async function choose(): Promise<Engine> {
  try {
    return await load('native');
  } catch (error) {
    const reason = firstLine(error instanceof BackendUnavailableError ? error.cause : error);
    try {
      return { ...(await load('wasm')), reason };
    } catch (second) {
      chosen = undefined; // a failure is not remembered
      throw second;
    }
  }
}

function load(backend: BackendName): Promise<Engine> {
  let engine = loading.get(backend);
  if (!engine) {
    engine = open(backend).catch((error: unknown) => {
      loading.delete(backend); // `npm run native` may provide it while this process lives
      throw new BackendUnavailableError(backend, error);
    });
    loading.set(backend, engine);
  }
  return engine;
}

async function open(backend: BackendName): Promise<Engine> {
  const tf = loadTf();
  const description =
    backend === 'native'
      ? loadNative(tf)
      : backend === 'wasm'
        ? await loadWasm(tf)
        : `tensorflow.js plain JavaScript (tfjs ${tf.version.tfjs})`;
  if (!(await tf.setBackend(registered[backend]))) throw new Error('it is registered but did not start');
  supplyKernels(tf, registered[backend]);
  return { tf, backend, description };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split('\n')[0].trim();
}

/** libtensorflow's own log level, read from the environment by C code: 0 says everything, 2 only
 *  errors. A worker's `process.env` is a copy that C code never sees: call this in the main thread,
 *  before the workers. */
export function quietNativeLog(): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
}

/** Loads `@tensorflow/tfjs-node`, an optional dependency whose binding `npm run native` provides.
 *  @returns the description of the engine
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
  module.isNullOrUndefined = (value: unknown): value is null | undefined =>
    value === null || value === undefined;
  module.isArray = Array.isArray;
}

const hooks = ['uncaughtException', 'unhandledRejection'] as const;

/** Loads `@tensorflow/tfjs-backend-wasm`: SIMD, one thread in Node, 13 ms to start.
 *  @returns the description of the engine
 *  @throws Error when the package or its .wasm file is absent */
async function loadWasm(tf: Tf): Promise<string> {
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
