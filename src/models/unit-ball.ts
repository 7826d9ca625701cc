/** Tables of vectors moved by AdaGrad (Duchi et al., JMLR 2011), a row at a time: a step costs what
 *  it touches, not the table. */
import type { Random } from '../numeric/random';

/** What the squares begin with, as in TensorFlow's AdaGrad: the first steps stay small. */
const INITIAL_SQUARES = 0.1;

export class AdaGradTable {
  /** Sums of squared gradients, as the rows */
  private readonly squares: Float32Array;

  /** @param rows [n, d] row-major, changed by every step */
  constructor(
    readonly rows: Float32Array,
    readonly d: number,
    private readonly learningRate: number,
  ) {
    this.squares = new Float32Array(rows.length).fill(INITIAL_SQUARES);
  }

  /** One step down the gradient.
   *  @param gradient [d] */
  descend(row: number, gradient: Float64Array): void {
    const { rows, squares, d, learningRate } = this;
    const at = row * d;
    for (let k = 0; k < d; k++) {
      const g = gradient[k];
      const sum = squares[at + k] + g * g;
      squares[at + k] = sum;
      rows[at + k] -= (learningRate * g) / Math.sqrt(sum);
    }
  }
}

/** The same for points that stay in the unit ball: every step ends in it. */
export class UnitBallTable extends AdaGradTable {
  override descend(row: number, gradient: Float64Array): void {
    super.descend(row, gradient);
    projectOntoUnitBall(this.rows, row * this.d, this.d);
  }
}

/** y / max(‖y‖, 1) in place, for the d values from `at` on. */
export function projectOntoUnitBall(values: Float32Array, at: number, d: number): void {
  let square = 0;
  for (let k = 0; k < d; k++) square += values[at + k] * values[at + k];
  if (square <= 1) return;
  const scale = 1 / Math.sqrt(square);
  for (let k = 0; k < d; k++) values[at + k] *= scale;
}

/** @returns [count, d] drawn about the centre, of length 1 on average, brought into the ball */
export function randomPoints(count: number, d: number, random: Random): Float32Array {
  const points = Float32Array.from({ length: count * d }, () => random.normal() / Math.sqrt(d));
  for (let at = 0; at < points.length; at += d) projectOntoUnitBall(points, at, d);
  return points;
}
