/** Loading of compiled WebAssembly kernels (assembly/*.ts, built by scripts/build-kernel.mjs), and
 *  the layout of their memory. A kernel is compiled code next to the module, the only file this
 *  folder reads. Without it the plain implementation is used. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiledFolder } from '../threads';

/** @returns the kernel, or null when it is not built or this Node cannot run it */
export function loadKernel(name: 'scan' | 'packed-rows'): WebAssembly.Module | null {
  try {
    return new WebAssembly.Module(
      readFileSync(join(compiledFolder(__filename), 'assembly', `${name}.wasm`)),
    );
  } catch {
    return null;
  }
}

const PAGE_BYTES = 65_536;
/** What AssemblyScript keeps for itself. */
const BASE = 1_024;

/** Lays out arrays consecutively, each aligned to 16 bytes. */
export class Layout {
  private end = BASE;

  /** @returns the address */
  place(bytes: number): number {
    const at = this.end;
    this.end = roundUp(at + bytes, 16);
    return at;
  }

  /** Every view of the memory is detached, whether it grows or not.
   *  @throws RangeError when there is not as much memory */
  reserve(memory: WebAssembly.Memory): ArrayBuffer {
    memory.grow(Math.max(0, Math.ceil((this.end - memory.buffer.byteLength) / PAGE_BYTES)));
    return memory.buffer;
  }
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
