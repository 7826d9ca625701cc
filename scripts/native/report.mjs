/** What `npm run native` says, and the check that decides whether it worked. */
import { spawnSync } from 'node:child_process';
import { root } from './places.mjs';

/** A reason that a person can act on; every other error is a defect of the script. */
export class NativeUnavailable extends Error {}

/** @param {string} line one step, said as it begins */
export function progress(line) {
  console.log(`native: ${line}`);
}

/** Says why, and ends the process with exit code 1. @param {unknown} error */
export function fail(error) {
  const reason =
    error instanceof NativeUnavailable
      ? error.message
      : error instanceof Error
        ? error.stack
        : String(error);
  console.error(`native: ${reason}`);
  console.error(
    'native: the native back end is not available; WebAssembly (wasm) remains in use, and everything works, slower.',
  );
  process.exitCode = 1;
}

/** Loads tfjs-node in a process of its own (a broken library ends the process that loads it) and multiplies.
 *  @param {{ loud?: boolean }} options loud: show what the failing process printed
 *  @returns {string | undefined} "TensorFlow 2.15.1", or undefined when it does not load or calculates wrongly */
export function checkBinding({ loud = false } = {}) {
  const program = `
    const util = require('node:util');
    util.isNullOrUndefined ??= (value) => value === null || value === undefined;
    util.isArray ??= Array.isArray;
    const tf = require('@tensorflow/tfjs-node');
    const [six] = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[2], [2]])).dataSync();
    if (six !== 6) throw new Error('1·2 + 2·2 came out as ' + six);
    console.log('TensorFlow ' + tf.backend().binding.TF_Version);`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  if (loud && status !== 0) console.error(stderr);
  return status === 0 ? stdout.trim().split('\n').at(-1) : undefined;
}
