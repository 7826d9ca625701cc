/** Registers the kernels that a back end lacks or does slowly; once a back end and thread.
 *
 *  | back end | kernel             | before                       | now                 |
 *  | wasm     | UnsortedSegmentSum | absent: no gradient of gather | segment-sum.ts, 0.6 ms |
 *  | cpu      | UnsortedSegmentSum | 80 s (4096 rows to 9724 × 64) | segment-sum.ts, 4 ms |
 *  | wasm     | GatherV2           | 9.5 ms (4096 of 9724 × 64)    | gather.ts, 0.1 ms  |
 *  | wasm     | BatchMatMul        | 79 ms transposeB, 242 transposeA (1300 × 64 × 1024) |
 *    matmul.ts, 6 to 8 ms |
 *  | native   | Step               | 8.1 ms (1300 × 1024)          | step.ts, 0.7 ms    |
 *
 *  Everything else a tower needs is there on wasm: of the kernels of the plain back end it lacks
 *  only complex numbers, FFT, einsum, ragged tensors and the gradients of convolutions. */
import type { Tf } from '../tf';
import { fastGather } from './gather';
import { fastTransposedProduct } from './matmul';
import { segmentSumForCpu, segmentSumForWasm } from './segment-sum';
import { fastStep } from './step';

/** Called once by the engine after `backend` (TensorFlow.js's name for it) has started. */
export function supplyKernels(tf: Tf, backend: 'tensorflow' | 'wasm' | 'cpu'): void {
  if (backend === 'tensorflow') fastStep(tf);
  if (backend === 'cpu') segmentSumForCpu(tf);
  if (backend === 'wasm') {
    segmentSumForWasm(tf);
    fastGather(tf);
    fastTransposedProduct(tf);
  }
}
