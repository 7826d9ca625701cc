/** A gradient of few rows of a large table, and the projected step along it. */

export class SparseRows {
  /** [rows, d]; only what `row` has named counts */
  readonly values: Float64Array;
  private readonly touched: Uint8Array;
  private readonly list: number[] = [];

  constructor(
    rows: number,
    private readonly d: number,
  ) {
    this.values = new Float64Array(rows * d);
    this.touched = new Uint8Array(rows);
  }

  /** @returns where the row begins in `values` */
  row(row: number): number {
    if (this.touched[row] === 0) {
      this.touched[row] = 1;
      this.list.push(row);
    }
    return row * this.d;
  }

  /** values[row] += weight · vector */
  addTo(row: number, vector: Float64Array, weight: number): void {
    const at = this.row(row);
    for (let k = 0; k < this.d; k++) this.values[at + k] += weight * vector[k];
  }

  /** Forgets what was added. */
  clear(): void {
    for (const row of this.list) {
      this.touched[row] = 0;
      this.values.fill(0, row * this.d, (row + 1) * this.d);
    }
    this.list.length = 0;
  }

  /** Adagrad (Duchi et al., JMLR 2011) on the touched rows, then the projection: what falls below 0
   *  becomes 0.
   *  @param table   [rows, d], changed
   *  @param squares [rows, d], the squared gradients so far, changed */
  descend(
    table: Float32Array,
    squares: Float32Array,
    { learningRate, regularization }: ProjectedRates,
  ): void {
    const { values, d } = this;
    for (const row of this.list) {
      for (let at = row * d; at < (row + 1) * d; at++) {
        const gradient = values[at] + regularization * table[at];
        const square = squares[at] + gradient * gradient;
        squares[at] = square;
        const moved = table[at] - (learningRate * gradient) / Math.sqrt(square + 1e-12);
        table[at] = moved < 0 ? 0 : moved;
      }
    }
  }
}

export interface ProjectedRates {
  readonly learningRate: number;
  /** λ of the touched rows' squared length, halved */
  readonly regularization: number;
}
