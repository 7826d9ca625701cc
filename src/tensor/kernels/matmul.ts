/** wasm: a product with a transposed factor as an explicit transpose and a plain product.
 *
 *  Only the plain product goes to XNNPACK. At 1300 × 64 × 1024 it takes 6 ms, with `transposeB` 79,
 *  with `transposeA` 242, and the gradient of every `tf.matMul` uses both; a transpose of a factor
 *  is 0.1 to 2 ms. */
import type { TensorInfo } from '@tensorflow/tfjs';
import type { Tf } from '../tf';
import { type Kernel, type KernelCall, replaceKernel } from './replace-kernel';

export function fastTransposedProduct(tf: Tf): void {
  const transpose = tf.getKernel('Transpose', 'wasm').kernelFunc as unknown as Kernel;
  replaceKernel(tf, 'BatchMatMul', 'wasm', (former) => (call) => {
    const { transposeA, transposeB } = call.attrs as { transposeA: boolean; transposeB: boolean };
    if (!transposeA && !transposeB) return former!(call);
    const { backend } = call;
    const a = transposeA ? swapped(call.inputs.a, call) : call.inputs.a;
    const b = transposeB ? swapped(call.inputs.b, call) : call.inputs.b;
    const output = former!({ inputs: { a, b }, backend, attrs: { transposeA: false, transposeB: false } });
    if (transposeA) backend.disposeData(a.dataId);
    if (transposeB) backend.disposeData(b.dataId);
    return output;
  });

  /** [..., n, k] as [..., k, n] */
  function swapped(x: TensorInfo, { backend }: KernelCall): TensorInfo {
    const last = x.shape.length - 1;
    const perm = [...Array(last - 1).keys(), last, last - 1];
    return transpose({ inputs: { x }, backend, attrs: { perm } });
  }
}
