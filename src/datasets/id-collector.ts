/** The distinct ids among millions: a bit each while they are small, as all of MovieLens' are. */

const DENSE_LIMIT = 1 << 26;

export class IdCollector {
  private bits = new Uint8Array(1 << 16);
  private readonly sparse = new Set<number>();

  add(id: number): void {
    if (id >= DENSE_LIMIT) this.sparse.add(id);
    else {
      const at = id >>> 3;
      if (at >= this.bits.length) this.grow(at);
      this.bits[at] |= 1 << (id & 7);
    }
  }

  remove(id: number): void {
    this.sparse.delete(id);
    if (id < DENSE_LIMIT && id >>> 3 < this.bits.length) this.bits[id >>> 3] &= ~(1 << (id & 7));
  }

  private grow(at: number): void {
    const bits = new Uint8Array(Math.max(at + 1, this.bits.length * 2));
    bits.set(this.bits);
    this.bits = bits;
  }

  /** Ascending. */
  toArray(): Int32Array {
    const ids: number[] = [];
    for (let at = 0; at < this.bits.length; at++) {
      if (this.bits[at] === 0) continue;
      for (let bit = 0; bit < 8; bit++) if (this.bits[at] & (1 << bit)) ids.push(at * 8 + bit);
    }
    return Int32Array.from([...ids, ...[...this.sparse].sort((a, b) => a - b)]);
  }
}
