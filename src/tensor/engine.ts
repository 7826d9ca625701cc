/** Chooses the TensorFlow.js back end: native where it loads, WebAssembly everywhere else.
 *
 *  Importing this file is cheap; TensorFlow.js is loaded by the first `loadEngine`. Every thread
 *  (worker_threads) has its own TensorFlow.js and calls `loadEngine` for itself. */
import { AppError } from '../errors';
import { supplyKernels } from './kernels/supply';
import { loadNative } from './load-native';
import { loadWasm } from './load-wasm';
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
  if (!(await tf.setBackend(registered[backend]))) throw new Error('it was registered but refused to start');
  supplyKernels(tf, registered[backend]);
  return { tf, backend, description };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split('\n')[0].trim();
}
