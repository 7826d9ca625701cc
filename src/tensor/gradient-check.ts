/** Compares automatic differentiation with central finite differences; for tests, here and in
 *  algorithms/. */

import type { Scalar, Tensor } from '@tensorflow/tfjs';
import { AppError } from '../errors';
import { tf } from './tf';

export interface GradientCheckOptions {
  /** Half the step of the difference, in units of the input. Float32 wants it large: at 1e-2 the
   *  rounding of a loss near 1 gives an error of 5e-6 and the curvature one of some 1e-5; at 1e-4
   *  rounding alone gives 5e-4. */
  epsilon?: number;
  /** Largest |automatic − numeric| / max(1, |automatic|, |numeric|) that passes, unitless */
  tolerance?: number;
  /** At most this many elements of each input, evenly spread; all when absent */
  samples?: number;
}

export interface GradientCheck {
  /** The largest relative error met */
  readonly error: number;
  readonly worst: { input: number; element: number; automatic: number; numeric: number };
}

/** The two gradients disagree: `check` says where and by how much. */
export class GradientMismatchError extends AppError {
  readonly code = 'INTERNAL_SERVER_ERROR';
  constructor(readonly check: GradientCheck) {
    const { input, element, automatic, numeric } = check.worst;
    super(
      `input ${input}, element ${element}: automatic ${automatic}, numeric ${numeric} (relative error ${check.error})`,
    );
  }
}

/** @param f      a differentiable function of the inputs, the same at every call, without kinks
 *    within epsilon
 *  @param inputs float32 tensors of any shape; disposed by the caller
 *  @throws GradientMismatchError, also for NaN */
export function checkGradient<Inputs extends Tensor[]>(
  f: (...inputs: Inputs) => Scalar,
  inputs: [...Inputs],
  options: GradientCheckOptions = {},
): GradientCheck {
  const { epsilon = 1e-2, tolerance = 2e-3, samples = Infinity } = options;
  const automatic = tf.tidy(() =>
    tf
      .grads((...tensors: Tensor[]) => f(...(tensors as Inputs)))(inputs)
      .map((gradient) => Float32Array.from(gradient.dataSync())),
  );
  const values = inputs.map((input) => Float32Array.from(input.dataSync()));
  let error = -1;
  let worst = { input: 0, element: 0, automatic: 0, numeric: 0 };
  inputs.forEach((tensor, input) => {
    const stride = Math.max(1, Math.floor(tensor.size / samples));
    for (let element = 0; element < tensor.size; element += stride) {
      const numeric = (at(input, element, epsilon) - at(input, element, -epsilon)) / (2 * epsilon);
      const exact = automatic[input][element];
      const difference = Math.abs(exact - numeric) / Math.max(1, Math.abs(exact), Math.abs(numeric));
      if (!(difference <= error)) {
        error = difference;
        worst = { input, element, automatic: exact, numeric };
      }
      if (Number.isNaN(difference)) throw new GradientMismatchError({ error, worst });
    }
  });
  if (error > tolerance) throw new GradientMismatchError({ error, worst });
  return { error, worst };

  /** f with one element moved by `step` */
  function at(input: number, element: number, step: number): number {
    return tf.tidy(() => {
      const moved = inputs.map((tensor, index) => {
        if (index !== input) return tensor;
        const copy = values[input].slice();
        copy[element] += step;
        return tf.tensor(copy, tensor.shape);
      });
      return f(...(moved as Inputs)).dataSync()[0];
    });
  }
}
