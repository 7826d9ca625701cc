/** Puts our function in the place of a registered kernel, and hands it the one that was there. */
import type { DataType, KernelBackend, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs';
import type { Tf } from '../tf';

export interface KernelCall {
  inputs: Record<string, TensorInfo>;
  attrs: NamedAttrMap;
  backend: HeapBackend;
}
/** The part of the wasm and the plain back end that our kernels use. */
export interface HeapBackend extends KernelBackend {
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array;
  makeTensorInfo(shape: number[], dtype: DataType, values: Float32Array | Int32Array): TensorInfo;
}
export type Kernel = (call: KernelCall) => TensorInfo;

/** @param make gets the kernel that was registered (undefined when there was none), returns the new
 *    one */
export function replaceKernel(
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
