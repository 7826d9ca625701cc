/** Finds a compiled WebAssembly kernel (assembly/*.ts, built by scripts/build-kernel.mjs). It is code beside this code, as a module is:
 *  the one thing that this room reads. Without it the plain twin serves. */
import { readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** @returns the kernel, or null when it is not built or this Node cannot run it */
export function loadKernel(name: 'scan' | 'packed-rows'): WebAssembly.Module | null {
  const here = dirname(__filename);
  // Under Jest this file is in src/, the kernel always in dist/.
  const compiled = __filename.endsWith('.ts') ? here.replace(`${sep}src${sep}`, `${sep}dist${sep}`) : here;
  try {
    return new WebAssembly.Module(readFileSync(join(compiled, 'assembly', `${name}.wasm`)));
  } catch {
    return null;
  }
}
