/** The part of the WebAssembly JavaScript interface that is used here: @types/node 20 has none, and
 *  the DOM's library is no match for a server. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
    /** @returns the former size, in pages of 64 KiB. @throws RangeError when there is not as much
     *    memory */
    grow(pages: number): number;
  }
}
