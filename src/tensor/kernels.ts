/** Registers the kernels that a back end lacks or does slowly; once a back end and thread.
 *
 *  | back end | kernel             | before, ms                                          | now    |
 *  | wasm     | UnsortedSegmentSum | absent: no gradient of gather                       | 0.6    |
 *  | cpu      | UnsortedSegmentSum | 80,000 (4096 rows to 9724 × 64)                     | 4      |
 *  | wasm     | GatherV2           | 9.5 (4096 of 9724 × 64)                             | 0.1    |
 *  | wasm     | BatchMatMul        | transposeB 79, transposeA 242    (1300 × 64 × 1024) | 6 to 8 |
 *  | native   | Step               | 8.1 (1300 × 1024)                                   | 0.7    |
 *
 *  Everything else a tower needs exists on wasm: of the kernels of the plain back end it lacks only
 *  complex numbers, FFT, einsum, ragged tensors and the gradients of convolutions. */
import type { DataType, KernelBackend, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs';
import type { Tf } from './tf';

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

interface KernelCall {
  inputs: Record<string, TensorInfo>;
  attrs: NamedAttrMap;
  backend: HeapBackend;
}
/** The part of the wasm and the plain back end that our kernels use. */
interface HeapBackend extends KernelBackend {
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array;
  makeTensorInfo(shape: number[], dtype: DataType, values: Float32Array | Int32Array): TensorInfo;
}
type Kernel = (call: KernelCall) => TensorInfo;

/** Puts our function in the place of a registered kernel.
 *  @param make from the kernel that was registered, if any, to the new one */
function replaceKernel(
  tf: Tf,
  name: string,
  backendName: string,
  make: (former: Kernel | undefined) => Kernel,
): void {
  const former = tf.getKernel(name, backendName);
  if (former) tf.unregisterKernel(name, backendName);
  const kernelFunc = make(former?.kernelFunc as Kernel | undefined);
  tf.registerKernel({ ...former, kernelName: name, backendName, kernelFunc: kernelFunc as never });
}

/** UnsortedSegmentSum as one scatter-add loop: the gradient of `tf.gather`, and so of every
 *  embedding. The plain back end's own kernel goes through all rows once for every segment.
 *  sums[ids[i]] += x[i]. x: [n · width], ids: [n], sums: [segments · width], zeroed by the caller.
 *  A negative id is left out, as in TensorFlow.
 *  @throws RangeError for an id at or above the number of segments */
export function scatterAdd(
  x: ArrayLike<number>,
  ids: ArrayLike<number>,
  sums: Float32Array | Int32Array,
  width: number,
): void {
  const segments = sums.length / width;
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row];
    if (id < 0) continue;
    if (id >= segments)
      throw new RangeError(`segment id ${id} at position ${row} is out of range [0, ${segments})`);
    const from = row * width;
    const to = id * width;
    for (let column = 0; column < width; column++) sums[to + column] += x[from + column];
  }
}

function shapes({ inputs, attrs }: KernelCall): {
  x: TensorInfo;
  segmentIds: TensorInfo;
  shape: number[];
  width: number;
  dtype: DataType;
} {
  const { x, segmentIds } = inputs;
  const inner = x.shape.slice(segmentIds.shape.length);
  return {
    x,
    segmentIds,
    shape: [attrs.numSegments as number, ...inner],
    width: inner.reduce((a, b) => a * b, 1),
    dtype: x.dtype,
  };
}

function segmentSumForWasm(tf: Tf): void {
  replaceKernel(tf, 'UnsortedSegmentSum', 'wasm', () => (call) => {
    const { x, segmentIds, shape, width, dtype } = shapes(call);
    const { backend } = call;
    const output = backend.makeOutput(shape, dtype);
    const sums = backend.typedArrayFromHeap(output).fill(0); // the heap's memory is not zeroed
    // Views only after makeOutput: when the heap grows, earlier ones are detached.
    scatterAdd(backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(segmentIds), sums, width);
    return output;
  });
}

function segmentSumForCpu(tf: Tf): void {
  replaceKernel(tf, 'UnsortedSegmentSum', 'cpu', () => (call) => {
    const { x, segmentIds, shape, width, dtype } = shapes(call);
    const size = shape.reduce((a, b) => a * b, 1);
    const sums = dtype === 'int32' ? new Int32Array(size) : new Float32Array(size);
    scatterAdd(valuesOf(call.backend, x), valuesOf(call.backend, segmentIds), sums, width);
    return call.backend.makeTensorInfo(shape, dtype, sums);
  });
}

function valuesOf(backend: HeapBackend, tensor: TensorInfo): Float32Array | Int32Array {
  return backend.readSync(tensor.dataId) as Float32Array | Int32Array;
}

/** wasm: whole rows of a matrix through GatherNd, 100 times the speed of GatherV2. */
function fastGather(tf: Tf): void {
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

/** wasm: a product with a transposed factor as an explicit transpose and a plain product. Only the
 *  plain product goes to XNNPACK; the gradient of every `tf.matMul` uses both transposes, and a
 *  transpose of a factor is 0.1 to 2 ms. */
function fastTransposedProduct(tf: Tf): void {
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

/** native: Step, which the gradient of `tf.relu` calls, as sign(relu(x)). */
function fastStep(tf: Tf): void {
  const relu = tf.getKernel('Relu', 'tensorflow').kernelFunc as unknown as Kernel;
  const sign = tf.getKernel('Sign', 'tensorflow').kernelFunc as unknown as Kernel;
  replaceKernel(tf, 'Step', 'tensorflow', (former) => (call) => {
    if (call.attrs.alpha) return former!(call); // a slope below zero: the general form
    const { backend } = call;
    const positive = relu({ inputs: { x: call.inputs.x }, backend, attrs: {} });
    const output = sign({ inputs: { x: positive }, backend, attrs: {} });
    backend.disposeData(positive.dataId);
    return output;
  });
}
