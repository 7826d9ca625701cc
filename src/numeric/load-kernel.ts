/** Finds a compiled WebAssembly kernel (assembly/*.ts, built by scripts/build-kernel.mjs). It is
 *  code beside this code, as a module is: the one thing that this room reads. Without it the plain
 *  twin serves. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiledFolder } from '../threads';

/** @returns the kernel, or null when it is not built or this Node cannot run it */
export function loadKernel(name: 'scan' | 'packed-rows'): WebAssembly.Module | null {
  try {
    return new WebAssembly.Module(readFileSync(join(compiledFolder(__filename), 'assembly', `${name}.wasm`)));
  } catch {
    return null;
  }
}
