/** TensorFlow.js, loaded by `loadEngine`: importing a module that computes with it costs nothing,
 *  loading it 105 ms and 30 MB. Use `tf` inside functions only.
 *
 *  `@tensorflow/tfjs` and not `tfjs-core` (25 ms), because core's Node bundle has no gradients:
 *  "gradient function not found for Sum". Types come from `import type { Tensor2D } from
 *  '@tensorflow/tfjs'`. */
import type * as TensorFlow from '@tensorflow/tfjs';
import type { Tensor } from '@tensorflow/tfjs';

export type Tf = typeof TensorFlow;

/** Undefined until `loadTf` has run. */
export let tf: Tf;

export function loadTf(): Tf {
  if (tf === undefined) {
    tf = require('@tensorflow/tfjs') as Tf;
    // Its only effect: no banner ("looks like you are running TensorFlow.js in Node.js").
    tf.enableProdMode();
  }
  return tf;
}

interface Differentiated<Value extends Tensor, Saved extends Tensor[]> {
  value: Value;
  /** Tensors of the forward pass that the gradient needs; kept until it has run. */
  saved: [...Saved];
  /** From ∂L/∂value to ∂L/∂inputs, in the order of the inputs and with their shapes. */
  gradient: (dy: Value, saved: Saved) => Tensor[];
}

/** `tf.customGrad` with types that hold: runs `f` on the inputs; differentiable once (a gradient of
 *  the gradient is not recorded). What `f` closes over besides its arguments counts as constant. */
export function withGradient<Value extends Tensor, Inputs extends Tensor[], Saved extends Tensor[]>(
  inputs: [...Inputs],
  f: (...inputs: Inputs) => Differentiated<Value, Saved>,
): Value {
  const operation = tf.customGrad<Value>((...args) => {
    const save = args.pop() as unknown as (tensors: Tensor[]) => void;
    const { value, saved, gradient } = f(...(args as Inputs));
    save(saved);
    return { value, gradFunc: (dy: Value, kept: Tensor[]) => gradient(dy, kept as Saved) };
  });
  return operation(...inputs);
}
