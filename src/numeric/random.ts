/** Seeded random numbers: xoshiro128** 1.1 (Blackman and Vigna 2021), its state filled by
 *  splitmix64 (Steele et al. 2014). Not for secrets. */

// A local name: inside Jest every use of a global is a slow look-up, and these are inner loops.
const { imul } = Math;
const MASK = 0xffff_ffff_ffff_ffffn;
const rotate = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

/** The sequence of splitmix64 from a state.
 *  @returns the next output (64 bits, unsigned) at each call */
export function splitmix64(seed: bigint): () => bigint {
  let state = seed & MASK;
  return () => {
    state = (state + 0x9e37_79b9_7f4a_7c15n) & MASK;
    let z = state;
    z = ((z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK;
    z = ((z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK;
    return z ^ (z >> 31n);
  };
}

export class Random {
  /** [4], never all zero; a kernel that draws in its place moves it on */
  readonly state = new Int32Array(4);
  private spareNormal: number | undefined;

  /** @param seed   a safe integer
   *  @param stream a safe integer: streams of one seed do not follow from each other (one per user,
   *    say) */
  constructor(seed: number, stream = 0) {
    if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(stream))
      throw new RangeError('A seed must be a safe integer.');
    const next = splitmix64(
      splitmix64(BigInt(seed))() ^ splitmix64(BigInt(stream) ^ 0x5851_f42d_4c95_7f2dn)(),
    );
    for (let word = 0; word < 4; word += 2) {
      const bits = next();
      this.state[word] = Number(bits & 0xffff_ffffn);
      this.state[word + 1] = Number(bits >> 32n);
    }
  }

  /** From the raw 128-bit state, which is not all zero (for known-answer tests). */
  static fromState(state: readonly [number, number, number, number]): Random {
    const random = new Random(0);
    random.state.set(state);
    return random;
  }

  /** @returns 32 uniform bits, unsigned */
  uint32(): number {
    const s = this.state;
    const result = imul(rotate(imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11);
    return result;
  }

  /** As many calls of `uint32`, at 2 ns each in place of 6: the state stays in registers. @returns
   *  its argument */
  fill(bits: Uint32Array): Uint32Array {
    let [a, b, c, d] = this.state;
    for (let at = 0; at < bits.length; at++) {
      bits[at] = imul(rotate(imul(b, 5), 7), 9);
      const t = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= t;
      d = rotate(d, 11);
    }
    this.state.set([a, b, c, d]);
    return bits;
  }

  /** @returns [0, 1), 53 bits */
  uniform(): number {
    const high = this.uint32() >>> 5;
    return (high * 0x400_0000 + (this.uint32() >>> 6)) / 2 ** 53;
  }

  /** @param bound 1 to 2^32
   *  @returns 0 .. bound - 1, without bias */
  integerBelow(bound: number): number {
    if (!(bound >= 1 && (bound >>> 0 === bound || bound === 2 ** 32)))
      throw new RangeError(`A bound must be from 1 to 2^32, not ${bound}.`);
    if (bound > 0x20_0000) return this.integerBelowLarge(bound);
    // Lemire 2019: the high half of a 53-bit product, without a division; the low half tells the
    // few draws to reject.
    let product = this.uint32() * bound;
    let low = product >>> 0;
    if (low < bound) {
      const threshold = 2 ** 32 % bound;
      while (low < threshold) {
        product = this.uint32() * bound;
        low = product >>> 0;
      }
    }
    return (product - low) / 2 ** 32;
  }

  private integerBelowLarge(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const bits = this.uint32();
      if (bits < limit) return bits % bound;
    }
  }

  /** @returns a draw of the normal distribution of mean 0 and variance 1 (Marsaglia's polar
   *  method) */
  normal(): number {
    if (this.spareNormal !== undefined) {
      const spare = this.spareNormal;
      this.spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const s = x * x + y * y;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      this.spareNormal = y * scale;
      return x * scale;
    }
  }

  /** Fisher and Yates, in place. @returns its argument */
  shuffle<List extends { readonly length: number; [index: number]: number }>(list: List): List {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.integerBelow(i + 1);
      const kept = list[i];
      list[i] = list[j];
      list[j] = kept;
    }
    return list;
  }

  /** The first k of a shuffle of 0 .. n - 1, without making the whole of it.
   *  @returns [k] distinct, in random order */
  sampleWithoutReplacement(n: number, k: number): Int32Array {
    if (!(Number.isInteger(k) && k >= 0 && k <= n)) throw new RangeError(`Cannot draw ${k} of ${n}.`);
    const moved = new Map<number, number>();
    const sample = new Int32Array(k);
    for (let i = 0; i < k; i++) {
      const j = i + this.integerBelow(n - i);
      sample[i] = moved.get(j) ?? j;
      moved.set(j, moved.get(i) ?? i);
    }
    return sample;
  }
}
