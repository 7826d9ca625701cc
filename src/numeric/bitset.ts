/** A fixed set of small integers, one bit each: seen items, candidate masks. */
export class Bitset {
  /** [ceil(size / 32)] bit i of word w is member 32 w + i */
  readonly words: Uint32Array;

  /** @param size members are 0 .. size - 1 */
  constructor(readonly size: number) {
    if (!Number.isSafeInteger(size) || size < 0)
      throw new RangeError(`The size of a bitset must be 0 or more, not ${size}.`);
    this.words = new Uint32Array((size + 31) >>> 5);
  }

  static of(size: number, members: Iterable<number>): Bitset {
    const set = new Bitset(size);
    for (const member of members) set.add(member);
    return set;
  }

  /** @throws RangeError outside 0 .. size - 1 */
  add(i: number): void {
    this.check(i);
    this.words[i >>> 5] |= 1 << (i & 31);
  }

  /** @returns false for whatever is outside the range */
  has(i: number): boolean {
    return i >= 0 && i < this.size && ((this.words[i >>> 5] >>> (i & 31)) & 1) === 1;
  }

  /** @throws RangeError outside 0 .. size - 1 */
  delete(i: number): void {
    this.check(i);
    this.words[i >>> 5] &= ~(1 << (i & 31));
  }

  /** Adds the members of a set of the same size. @returns this set */
  union(other: Bitset): this {
    for (let w = 0; w < this.words.length; w++) this.words[w] |= other.words[w];
    return this;
  }

  /** @returns a new set of all that is not in this one */
  complement(): Bitset {
    const others = new Bitset(this.size);
    for (let w = 0; w < this.words.length; w++) others.words[w] = ~this.words[w];
    if (this.size % 32 !== 0) others.words[others.words.length - 1] &= 2 ** (this.size % 32) - 1;
    return others;
  }

  /** @returns the members, ascending */
  members(): number[] {
    const members: number[] = [];
    for (let w = 0; w < this.words.length; w++) {
      for (let word = this.words[w]; word !== 0; word &= word - 1)
        members.push(32 * w + 31 - Math.clz32(word & -word));
    }
    return members;
  }

  private check(i: number): void {
    if (!(Number.isInteger(i) && i >= 0 && i < this.size))
      throw new RangeError(`${i} is outside 0 .. ${this.size - 1}.`);
  }
}
