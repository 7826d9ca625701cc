/** Embedding tables in plain memory, for training that touches few of their rows at a step, and
 *  Adam (Kingma & Ba, ICLR 2015, algorithm 1) for these rows.
 *
 *  The rows of a batch go to the back end as a tensor and their gradient comes back; the table
 *  itself never moves, so a step costs by its batch, whatever the catalogue's size: 3,000 rows of
 *  64 take 1.3 to 2 ms (2 cores, `node bench/tensor.mjs`). */
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
      throw new RangeError(`${values.length} values are not a multiple of ${width}`);
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

/** Each index once, in order of first appearance, and for every index its place among them:
 *  `rows[positions[i]] === indices[i]`. Take `rows` from the table and `tf.gather` by `positions`:
 *  the gradient then has one row for each row of the table. indices: [n] → rows: [r ≤ n],
 *  positions: [n] */
export function uniqueRows(indices: Int32Array): { rows: Int32Array; positions: Int32Array } {
  const index = new RowIndex();
  const positions = indices.map((row) => index.rowOf(row));
  return { rows: index.values(), positions };
}

const BETA1 = 0.9;
const BETA2 = 0.999;
/** Added to √v̂ */
const EPSILON = 1e-7;

interface RowMoments {
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly steps: Int32Array;
}

/** One optimizer for all tables of a model. `advance` once a step, between the batches. */
export class Adam {
  private readonly moments = new Map<RowTable, RowMoments>();
  /** Steps done so far */
  private done = 0;

  constructor(private readonly schedule: Schedule) {}

  /** Ends the step and advances the schedule. */
  advance(): void {
    this.done++;
  }

  /** Updates some rows of a table and their moments, in plain JavaScript; the other rows are not
   *  touched. A row's bias correction counts the steps of that row: with the global count a movie
   *  that first appears at step 1000 would jump by 3.2 learning rates.
   *  @param rows     [r], each at most once (`uniqueRows`)
   *  @param gradient [r, width], of exactly these rows
   *  @throws RangeError when the shapes do not fit */
  stepRows(table: RowTable, rows: Int32Array, gradient: Tensor2D): void {
    const { width, values } = table;
    if (gradient.shape[0] !== rows.length || gradient.shape[1] !== width) {
      throw new RangeError(`the gradient is [${gradient.shape}], expected [${rows.length},${width}]`);
    }
    const learningRate = this.schedule(this.done);
    const { first, second, steps } = this.momentsOf(table);
    const slope = gradient.dataSync<'float32'>();
    for (let i = 0; i < rows.length; i++) {
      const t = ++steps[rows[i]];
      // Both bias corrections as factors of scalars: α√(1−β₂ᵗ)/(1−β₁ᵗ), and ε√(1−β₂ᵗ) (end of
      // section 2).
      const correction = Math.sqrt(1 - BETA2 ** t);
      const rate = (learningRate * correction) / (1 - BETA1 ** t);
      const floor = EPSILON * correction;
      for (let from = i * width, at = rows[i] * width, end = from + width; from < end; from++, at++) {
        const g = slope[from];
        const m = first[at] + (g - first[at]) * (1 - BETA1);
        const v = second[at] + (g * g - second[at]) * (1 - BETA2);
        first[at] = m;
        second[at] = v;
        values[at] -= (rate * m) / (Math.sqrt(v) + floor);
      }
    }
  }

  private momentsOf(table: RowTable): RowMoments {
    let moments = this.moments.get(table);
    if (!moments) {
      const size = table.values.length;
      moments = {
        first: new Float32Array(size),
        second: new Float32Array(size),
        steps: new Int32Array(table.rows),
      };
      this.moments.set(table, moments);
    }
    return moments;
  }
}

/** The learning rate over the steps of a training. @param step 0 for the first step @returns ≥ 0 */
type Schedule = (step: number) => number;

interface CosineDecayOptions {
  /** At the top */
  learningRate: number;
  /** The step at which the decay has ended, later ones keep the floor */
  totalSteps: number;
  /** Linear rise from learningRate / warmupSteps over the first steps */
  warmupSteps?: number;
  /** Fraction of learningRate at the end, [0, 1] */
  floor?: number;
}

/** Half a cosine from learningRate to floor · learningRate (Loshchilov & Hutter, ICLR 2017, eq. 5,
 *  one cycle).
 *  @throws RangeError when the steps do not fit each other */
export function cosineDecay({
  learningRate,
  totalSteps,
  warmupSteps = 0,
  floor = 0,
}: CosineDecayOptions): Schedule {
  if (!(totalSteps > warmupSteps && warmupSteps >= 0))
    throw new RangeError(`${warmupSteps} warm-up steps do not fit in ${totalSteps}`);
  return (step) => {
    if (step < warmupSteps) return (learningRate * (step + 1)) / warmupSteps;
    const progress = Math.min(1, (step - warmupSteps) / (totalSteps - warmupSteps));
    return learningRate * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * progress))) / 2);
  };
}
