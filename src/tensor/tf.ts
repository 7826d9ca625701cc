/** TensorFlow.js, loaded by `loadEngine`: importing a module that computes with it costs nothing, loading it
 *  105 ms and 30 MB. Use `tf` inside functions only.
 *
 *  `@tensorflow/tfjs` and not `tfjs-core` (25 ms), because core's Node bundle has no gradients: "gradient function
 *  not found for Sum". Types come from `import type { Tensor2D } from '@tensorflow/tfjs'`. */
import type * as TensorFlow from '@tensorflow/tfjs';

export type Tf = typeof TensorFlow;

/** Undefined until `loadTf` has run. */
export let tf: Tf;

export function loadTf(): Tf {
  if (tf === undefined) {
    tf = require('@tensorflow/tfjs') as Tf;
    tf.enableProdMode(); // its only effect: no banner ("looks like you are running TensorFlow.js in Node.js")
  }
  return tf;
}
