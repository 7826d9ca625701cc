/** Collects what a batch needs of a table, each row once, in order of first appearance. */
export class RowIndex {
  private readonly places = new Map<number, number>();

  /** @param first distinct values that come first, in this order */
  constructor(first: Iterable<number> = []) {
    for (const value of first) this.rowOf(value);
  }

  /** @returns the place of the value among the collected ones, at the end if it is new */
  rowOf(value: number): number {
    let place = this.places.get(value);
    if (place === undefined) {
      place = this.places.size;
      this.places.set(value, place);
    }
    return place;
  }

  /** @returns [r] the collected values */
  values(): Int32Array {
    return Int32Array.from(this.places.keys());
  }
}
