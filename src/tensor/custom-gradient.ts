/** `tf.customGrad` with types that hold: one function for the value, one for the gradient. */
import type { Tensor } from '@tensorflow/tfjs';
import { tf } from './tf';

export interface Differentiated<Value extends Tensor, Saved extends Tensor[]> {
  value: Value;
  /** Tensors of the forward pass that the gradient needs; kept until it has run. */
  saved: [...Saved];
  /** From ∂L/∂value to ∂L/∂inputs, in the order of the inputs and with their shapes. */
  gradient: (dy: Value, saved: Saved) => Tensor[];
}

/** Runs `f` on the inputs; differentiable once (a gradient of the gradient is not recorded).
 *  What `f` closes over besides its arguments counts as constant. */
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
