/** An embedding table in plain memory, for training that touches few of its rows at a step.
 *
 *  The rows of a batch go to the back end as a tensor and their gradient comes back; the table
 *  itself never moves, so a step costs by its batch, whatever the catalogue's size. */
import type { Tensor2D } from '@tensorflow/tfjs';
import { tf } from './tf';

export class RowTable {
  /** @param values [rows, width] row after row; kept, not copied, and changed by training
   *  @throws RangeError when it is not a whole number of rows */
  constructor(
    readonly values: Float32Array,
    readonly width: number,
  ) {
    if (!Number.isInteger(values.length / width))
      throw new RangeError(`${values.length} values are no rows of ${width}`);
  }

  get rows(): number {
    return this.values.length / this.width;
  }

  /** indices: [r] → [r, width], a copy on the back end, owned by the caller.
   *  @throws RangeError for an index outside the table */
  take(indices: Int32Array): Tensor2D {
    const { values, width } = this;
    const taken = new Float32Array(indices.length * width);
    for (let i = 0; i < indices.length; i++) {
      const row = indices[i];
      if (!(row >= 0 && row < this.rows))
        throw new RangeError(`row ${row} is out of range [0, ${this.rows})`);
      taken.set(values.subarray(row * width, (row + 1) * width), i * width);
    }
    return tf.tensor2d(taken, [indices.length, width]);
  }
}

/** Each index once, in order of first appearance, and for every index its place among them:
 *  `rows[positions[i]] === indices[i]`. Take `rows` from the table and `tf.gather` by `positions`:
 *  the gradient then has one row for each row of the table. indices: [n] → rows: [r ≤ n],
 *  positions: [n] */
export function uniqueRows(indices: Int32Array): { rows: Int32Array; positions: Int32Array } {
  const place = new Map<number, number>();
  const rows = new Int32Array(indices.length);
  const positions = new Int32Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    let position = place.get(indices[i]);
    if (position === undefined) {
      position = place.size;
      place.set(indices[i], position);
      rows[position] = indices[i];
    }
    positions[i] = position;
  }
  return { rows: rows.slice(0, place.size), positions };
}
