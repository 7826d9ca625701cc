/** Adam (Kingma and Ba 2015, algorithm 1) on a table of which a step touches few rows: only those
 *  are moved, so that a step costs as much as the batch and not as much as the catalogue. A row's
 *  moments stand still while it is not touched (the "lazy" Adam). */

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

export class RowTable {
  readonly gradient: Float64Array;
  private readonly first: Float64Array;
  private readonly second: Float64Array;
  private readonly isTouched: Uint8Array;
  private readonly touched: Int32Array;
  private touchedCount = 0;

  /** @param data  [rows, width] row-major, changed in place
   *  @param decay λ of an L2 penalty ½ λ ‖row‖² on each touched row, once a step */
  constructor(
    readonly data: Float64Array,
    readonly width: number,
    private readonly decay: number,
  ) {
    this.gradient = new Float64Array(data.length);
    this.first = new Float64Array(data.length);
    this.second = new Float64Array(data.length);
    const rows = width === 0 ? 0 : data.length / width;
    this.isTouched = new Uint8Array(rows);
    this.touched = new Int32Array(rows);
  }

  /** Says that the gradient of a row is not zero.
   *  @returns where the row begins */
  touch(row: number): number {
    if (this.isTouched[row] === 0) {
      this.isTouched[row] = 1;
      this.touched[this.touchedCount++] = row;
    }
    return row * this.width;
  }

  /** Moves the touched rows against their gradient, and clears it.
   *  @param step from 1 */
  step(step: number, learningRate: number): void {
    const { data, gradient, first, second, width, decay } = this;
    const scale1 = 1 / (1 - BETA1 ** step);
    const scale2 = 1 / (1 - BETA2 ** step);
    for (let n = 0; n < this.touchedCount; n++) {
      const row = this.touched[n];
      this.isTouched[row] = 0;
      for (let k = row * width; k < (row + 1) * width; k++) {
        const g = gradient[k] + decay * data[k];
        first[k] += (1 - BETA1) * (g - first[k]);
        second[k] += (1 - BETA2) * (g * g - second[k]);
        data[k] -= (learningRate * first[k] * scale1) / (Math.sqrt(second[k] * scale2) + EPSILON);
        gradient[k] = 0;
      }
    }
    this.touchedCount = 0;
  }
}
