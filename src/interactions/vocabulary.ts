/** External ids ↔ dense indices 0..n-1, in the order given. */
export class Vocabulary {
  private readonly indexById: ReadonlyMap<number, number>;

  /** @param ids distinct external ids; index i belongs to ids[i]
   *  @throws RangeError on a repeated id */
  constructor(readonly ids: Int32Array) {
    this.indexById = new Map(Array.from(ids, (id, index) => [id, index]));
    if (this.indexById.size !== ids.length) throw new RangeError('The ids of a vocabulary must be unique.');
  }

  get size(): number {
    return this.ids.length;
  }

  /** @returns the dense index, or undefined for an id that is not here */
  indexOf(id: number): number | undefined {
    return this.indexById.get(id);
  }
}
