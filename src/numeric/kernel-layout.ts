/** The laying out of a WebAssembly kernel's memory. */

const PAGE_BYTES = 65_536;
/** What AssemblyScript keeps for itself. */
const BASE = 1_024;

/** Places arrays one behind the other, each aligned to 16 bytes. */
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
