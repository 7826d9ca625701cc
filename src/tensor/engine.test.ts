/** Which engine is chosen, what it says of itself, and that a worker thread gets its own. */

import { execFileSync, spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import { checkGradient, GradientMismatchError } from '../../test/fixtures/gradient-check';
import { installedBackends } from '../../test/fixtures/installed-backends';
import { BackendUnavailableError, loadEngine } from './engine';
import { tf } from './tf';

const installed = installedBackends();
const registered = { native: 'tensorflow', wasm: 'wasm', cpu: 'cpu' };

/** Plain Node, no Jest: TypeScript is compiled as it is required. */
const prelude = `
  const swc = require(${JSON.stringify(require.resolve('@swc/core'))});
  require.extensions['.ts'] = (module, file) => module._compile(swc.transformFileSync(file, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } }).code, file);
  const tensor = require(${JSON.stringify(path.join(__dirname, 'engine.ts'))});`;

it.each(installed)('%s is honoured, multiplies, and describes itself', async (backend) => {
  const engine = await loadEngine({ backend });
  expect(engine.backend).toBe(backend);
  expect(engine.tf.getBackend()).toBe(registered[backend]);
  expect(engine.description).toMatch(
    {
      native: /^tensorflow native \d+\.\d+\.\d+ \(tfjs-node 4/,
      wasm: /WebAssembly, SIMD/,
      cpu: /plain JavaScript/,
    }[backend],
  );
  expect(engine.reason).toBeUndefined();
  expect(engine.tf.matMul(engine.tf.ones([1, 2]), engine.tf.ones([2, 1])).dataSync()[0]).toBe(2);
});

it('chooses the fastest that is installed, once, and comes back to it', async () => {
  const [first, second] = await Promise.all([loadEngine(), loadEngine()]);
  expect(second).toBe(first);
  expect(first.backend).toBe(installed[0]);
  await loadEngine({ backend: 'cpu' });
  expect(tf.getBackend()).toBe('cpu');
  expect(await loadEngine()).toBe(first);
  expect(tf.getBackend()).toBe(registered[first.backend]);
});

it('falls back to wasm with a reason, and gives a typed error to who insists on native', () => {
  const program = `${prelude}
    const Module = require('node:module');
    const resolve = Module._resolveFilename;
    Module._resolveFilename = function (name, ...rest) { if (name === '@tensorflow/tfjs-node') throw new Error('Cannot find module tfjs-node\\nRequire stack'); return resolve.call(this, name, ...rest); };
    (async () => {
      const engine = await tensor.loadEngine();
      const error = await tensor.loadEngine({ backend: 'native' }).catch((e) => e);
      console.log(JSON.stringify({ backend: engine.backend, reason: engine.reason, typed: error instanceof tensor.BackendUnavailableError, message: error.message,
        hooks: process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection') }));
    })();`;
  const output = execFileSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(JSON.parse(output)).toEqual({
    backend: 'wasm',
    reason: 'Cannot find module tfjs-node',
    typed: true,
    message: 'The TensorFlow.js back end "native" cannot be loaded: Cannot find module tfjs-node',
    hooks: 0,
  });
  expect(new BackendUnavailableError('wasm', 'no file').backend).toBe('wasm');
});

it.each(installed)(
  'importing the room loads no TensorFlow.js, and loading %s prints nothing',
  (backend) => {
    const program = `${prelude}
    const before = Object.keys(require.cache).filter((file) => file.includes('@tensorflow')).length;
    tensor.loadEngine({ backend: '${backend}' }).then(({ tf }) => { tf.relu(tf.ones([2])).dataSync(); process.exitCode = before; });`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
      encoding: 'utf8',
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: undefined },
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  },
);

it.each(installed)('%s trains in a worker thread', async (backend) => {
  const program = `${prelude}
    const { parentPort } = require('node:worker_threads');
    const { Adam, RowTable } = require(${JSON.stringify(path.join(__dirname, 'row-adam.ts'))});
    tensor.loadEngine({ backend: '${backend}' }).then(({ tf, backend }) => {
      const table = new RowTable(new Float32Array(6).fill(1), 2);
      const rows = Int32Array.of(0, 2);
      const adam = new Adam(() => 0.1);
      for (let i = 0; i < 60; i++, adam.advance()) adam.stepRows(table, rows, tf.grad((w) => tf.sum(tf.square(w)))(table.take(rows)));
      parentPort.postMessage({ backend, values: Array.from(table.values, (x) => Math.round(x) + 0) });
    });`;
  const answer = await new Promise((resolve, reject) => {
    const worker = new Worker(program, { eval: true });
    worker.once('message', resolve).once('error', reject);
  });
  expect(answer).toEqual({ backend, values: [0, 0, 1, 1, 0, 0] });
});

it('checkGradient fails on a wrong gradient and on NaN', async () => {
  await loadEngine();
  const wrong = tf.customGrad((x) => ({
    value: tf.sum(tf.square(x as never)),
    gradFunc: (dy) => tf.mul(dy, tf.tensor1d([3, 3])),
  }));
  const x = tf.tensor1d([0.2, -0.7]);
  expect(() => checkGradient((y) => wrong(y) as never, [x])).toThrow(GradientMismatchError);
  expect(() => checkGradient((y) => tf.sum(tf.log(y)), [x])).toThrow(GradientMismatchError);
  expect(checkGradient((y) => tf.sum(tf.square(y)), [x]).error).toBeLessThan(1e-4);
});
