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

/** Sampled impostors: items that the user has not got, and that lie no more than a margin further
 *  away than one that the user has (Hsieh et al., WWW 2017, section 3.2: the rank is estimated from
 *  a fixed number of draws, and the worst offender is kept). */

/** Double precision in tests against finite differences, single in training. */
export type Numbers = Float32Array | Float64Array;

interface Ownership {
  /** Whether the user has the item. */
  has(user: number, item: number): boolean;
}

interface ImpostorQuery {
  /** Squared distance within which an item is an impostor */
  readonly reach: number;
  readonly user: number;
  readonly draws: number;
}

export class ImpostorSearch {
  /** How many of the draws were impostors */
  count = 0;
  /** The nearest of them; -1 where there was none */
  nearest = -1;
  /** Its squared distance */
  distance = Infinity;

  /** @param items [I, d] row-major */
  constructor(
    private readonly items: Numbers,
    private readonly d: number,
    private readonly owned: Ownership,
  ) {}

  /** Draws items uniformly from the whole catalogue.
   *  @param point [d] */
  search(point: Numbers, { reach, user, draws }: ImpostorQuery, random: Random): void {
    const { items, d, owned } = this;
    const itemCount = items.length / d;
    this.count = 0;
    this.nearest = -1;
    this.distance = Infinity;
    for (let draw = 0; draw < draws; draw++) {
      const item = random.integerBelow(itemCount);
      const squared = squaredDistance(point, items, item * d, reach);
      // The user's items are not impostors, but the lookup costs more than the distance: only items
      // within reach are looked up.
      if (squared >= reach || owned.has(user, item)) continue;
      this.count++;
      if (squared < this.distance) {
        this.distance = squared;
        this.nearest = item;
      }
    }
  }
}

/** Dimensions after which a distance that is already too large is given up. */
const BLOCK = 16;

/** ‖a − b‖², or a value not below `enough` where it is not below that. Four sums side by side:
 *  with one, each addition waits for the one before, and the search for impostors took twice as
 *  long.
 *  @param a    [d]
 *  @param rows hold b, d values from `at` on */
export function squaredDistance(a: Numbers, rows: Numbers, at: number, enough = Infinity): number {
  const d = a.length;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + BLOCK <= d; k += BLOCK) {
    let p = k;
    let q = at + k;
    for (let n = 0; n < BLOCK; n += 4, p += 4, q += 4) {
      const x0 = a[p] - rows[q];
      const x1 = a[p + 1] - rows[q + 1];
      const x2 = a[p + 2] - rows[q + 2];
      const x3 = a[p + 3] - rows[q + 3];
      s0 += x0 * x0;
      s1 += x1 * x1;
      s2 += x2 * x2;
      s3 += x3 * x3;
    }
    const sum = s0 + s1 + s2 + s3;
    if (sum >= enough) return sum;
  }
  for (; k < d; k++) {
    const x = a[k] - rows[at + k];
    s0 += x * x;
  }
  return s0 + s1 + s2 + s3;
}

/** ln(rank + 1), the rank among all items being estimated from the share of impostors among the
 *  draws (Weston et al., IJCAI 2011). */
export function rankWeight(impostors: number, draws: number, itemCount: number): number {
  return Math.log(Math.floor((itemCount * impostors) / draws) + 1);
}
