/** Adam (Kingma & Ba, ICLR 2015, algorithm 1), for dense variables on the back end and for single
 *  rows of a table.
 *
 *  Measured (2 cores, `node bench/tensor.bench.mjs`): 3,000 rows of 64 through `stepRows` 1.3 to 2
 *  ms, whatever the catalogue; a dense table of 9,724 × 64 through `step` 5 to 6 ms. Whole tower
 *  steps come out equal (25 ms native, 63 wasm), so below some 10,000 × 64 take the variable, which
 *  is simpler, and above it the rows. */
import type { NamedTensorMap, Scalar, Tensor, Tensor2D, Variable } from '@tensorflow/tfjs';
import type { Schedule } from './learning-rate';
import type { RowTable } from './row-table';
import { tf } from './tf';

export interface AdamOptions {
  learningRate: number | Schedule;
  beta1?: number;
  beta2?: number;
  /** Added to √v̂ */
  epsilon?: number;
}

interface Moments {
  first: Variable;
  second: Variable;
}
interface RowMoments {
  first: Float32Array;
  second: Float32Array;
  steps: Int32Array;
}

/** One optimizer for all parameters of a model. `advance` (or `minimize`) once a step, between the
 *  batches. */
export class Adam {
  private readonly schedule: Schedule;
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;
  private readonly moments = new Map<Variable, Moments>();
  private readonly rowMoments = new Map<RowTable, RowMoments>();
  /** Steps done so far */
  private done = 0;

  constructor({ learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }: AdamOptions) {
    this.schedule = typeof learningRate === 'number' ? () => learningRate : learningRate;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  /** The learning rate of the step under way */
  get learningRate(): number {
    return this.schedule(this.done);
  }

  /** Ends the step: the schedule and the dense variables' bias correction go on. */
  advance(): void {
    this.done++;
  }

  /** One whole step: the gradient of `loss` in the dense variables, their update, and `advance`.
   *  @returns the loss before the update, scalar, owned by the caller */
  minimize(loss: () => Scalar, variables: readonly Variable[]): Scalar {
    const { value, grads } = tf.variableGrads(loss, variables as Variable[]);
    this.step(variables, grads);
    tf.dispose(grads);
    this.advance();
    return value;
  }

  /** Updates dense variables. Every element's moments decay, also where the gradient is 0.
   *  @param gradients by the variable's name, as `tf.variableGrads` gives them; a variable without
   *    one is left alone */
  step(variables: readonly Variable[], gradients: NamedTensorMap): void {
    const { beta1, beta2 } = this;
    const t = this.done + 1;
    // both bias corrections as factors of scalars: α√(1−β₂ᵗ)/(1−β₁ᵗ), and ε√(1−β₂ᵗ) (end of section
    // 2)
    const correction = Math.sqrt(1 - beta2 ** t);
    const rate = (this.learningRate * correction) / (1 - beta1 ** t);
    for (const variable of variables) {
      const gradient: Tensor | undefined = gradients[variable.name];
      if (!gradient) continue;
      const { first, second } = this.momentsOf(variable);
      tf.tidy(() => {
        first.assign(tf.add(first, tf.mul(tf.sub(gradient, first), 1 - beta1)));
        second.assign(tf.add(second, tf.mul(tf.sub(tf.square(gradient), second), 1 - beta2)));
        const denominator = tf.add(tf.sqrt(second), this.epsilon * correction);
        variable.assign(tf.sub(variable, tf.mul(tf.div(first, denominator), rate)));
      });
    }
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
    const { beta1, beta2, epsilon, learningRate } = this;
    const { first, second, steps } = this.rowMomentsOf(table);
    const slope = gradient.dataSync<'float32'>();
    for (let i = 0; i < rows.length; i++) {
      const t = ++steps[rows[i]];
      const correction = Math.sqrt(1 - beta2 ** t);
      const rate = (learningRate * correction) / (1 - beta1 ** t);
      const floor = epsilon * correction;
      for (let from = i * width, at = rows[i] * width, end = from + width; from < end; from++, at++) {
        const g = slope[from];
        const m = first[at] + (g - first[at]) * (1 - beta1);
        const v = second[at] + (g * g - second[at]) * (1 - beta2);
        first[at] = m;
        second[at] = v;
        values[at] -= (rate * m) / (Math.sqrt(v) + floor);
      }
    }
  }

  /** Gives the moments' memory back; the optimizer starts afresh if it is used again. */
  dispose(): void {
    for (const { first, second } of this.moments.values()) tf.dispose([first, second]);
    this.moments.clear();
    this.rowMoments.clear();
    this.done = 0;
  }

  private momentsOf(variable: Variable): Moments {
    let moments = this.moments.get(variable);
    if (!moments) {
      const zeros = () => tf.tidy(() => tf.variable(tf.zerosLike(variable), false));
      moments = { first: zeros(), second: zeros() };
      this.moments.set(variable, moments);
    }
    return moments;
  }

  private rowMomentsOf(table: RowTable): RowMoments {
    let moments = this.rowMoments.get(table);
    if (!moments) {
      const size = table.values.length;
      moments = {
        first: new Float32Array(size),
        second: new Float32Array(size),
        steps: new Int32Array(table.rows),
      };
      this.rowMoments.set(table, moments);
    }
    return moments;
  }
}
