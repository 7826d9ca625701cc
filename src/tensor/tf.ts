/** TensorFlow.js, loaded at its first use: whoever only lists algorithms does not pay its 105 ms
 *  and 30 MB.
 *
 *  `@tensorflow/tfjs` and not `tfjs-core` (25 ms), because core's Node bundle has no gradients:
 *  "gradient function not found for Sum". Types come from `import type { Tensor2D } from
 *  '@tensorflow/tfjs'`. */
import type * as TensorFlow from '@tensorflow/tfjs';

export type Tf = typeof TensorFlow;

let loaded: Tf | undefined;

/** The real module, for code that needs more than member access. */
export function requireTf(): Tf {
  if (!loaded) {
    loaded = require('@tensorflow/tfjs') as Tf;
    loaded.enableProdMode(); // its only effect: no banner ("looks like you are running TensorFlow.js in Node.js")
  }
  return loaded;
}

/** `tf.matMul(…)` as in every TensorFlow.js text; the first access loads the module. */
export const tf: Tf = new Proxy({} as Tf, {
  get: (_, name) => Reflect.get(requireTf(), name),
  has: (_, name) => Reflect.has(requireTf(), name),
});
