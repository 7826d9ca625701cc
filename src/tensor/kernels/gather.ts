/** wasm: whole rows of a matrix through GatherNd, 100 times the speed of GatherV2 (0.08 ms against
 *  9.5). */
import type { Tf } from '../tf';
import { type Kernel, replaceKernel } from './replace-kernel';

export function fastGather(tf: Tf): void {
  const gatherNd = tf.getKernel('GatherNd', 'wasm').kernelFunc as unknown as Kernel;
  replaceKernel(tf, 'GatherV2', 'wasm', (former) => (call) => {
    const { x, indices } = call.inputs;
    const { axis, batchDims } = call.attrs as { axis: number; batchDims: number };
    if (axis !== 0 || batchDims !== 0 || indices.dtype !== 'int32') return former!(call);
    const rows = call.backend.typedArrayFromHeap(indices);
    for (let i = 0; i < rows.length; i++) {
      if (!(rows[i] >= 0 && rows[i] < x.shape[0]))
        throw new RangeError(`gather: index ${rows[i]} is out of range [0, ${x.shape[0]})`);
    }
    // the same data seen as [..., 1]: one coordinate picks one row
    const inputs = { params: x, indices: { ...indices, shape: [...indices.shape, 1] } };
    return gatherNd({ inputs, backend: call.backend, attrs: {} });
  });
}
