/** Matrix factorisation of implicit feedback by alternating least squares: Hu, Koren and Volinsky
 *  (ICDM 2008), with the objective and the regularisation that grows with frequency of Rendle,
 *  Krichene, Zhang and Koren ("Revisiting the performance of iALS on item recommendation
 *  benchmarks", RecSys 2022).
 *
 *  w: [d] a user's factor, h: [d] an item's; score = w · h; every pair weighs α₀ towards 0, an
 *  observed one weighs 1 towards 1. Stars play no part. Each row is solved exactly (Cholesky).
 *
 *  A user's factor is always solved from the history that is scored, with the same equation as in
 *  training, so users seen and not seen in training are the same: no user factors are kept. */
import { z } from 'zod';
import { type Csr, usersByItem } from '../interactions/csr';
import type { UserHistory } from '../interactions/interaction-log';
import { addGram, choleskyFactor, choleskySolve } from '../numeric/cholesky';
import { innerProducts } from '../numeric/inner-products';
import { Random } from '../numeric/random';
import { type Artifact, CorruptArtifactError } from './artifact';
import { arrayOf, assertFit, assertKind, settingsOf } from './checks';
import { defineSystem, type Model, TrainingDivergedError } from './system';
import { Turns } from './training-loop';

const KIND = 'IMPLICIT_ALS';
/** Rendle et al. 2022, section 4.3: factors start so that scores have a standard deviation
 *  independent of d. */
const INITIAL_DEVIATION = 0.1;

const hyperparameters = z.strictObject({
  embeddingSize: z.int().min(1).max(512).default(64).describe('Dimensions of a factor (d).'),
  epochs: z.int().min(1).max(200).default(6).describe('Times that all users and all items are solved.'),
  patience: z
    .int()
    .min(1)
    .max(200)
    .default(3)
    .describe('Epochs without a better validation metric after which training stops.'),
  regularization: z
    .number()
    .positive()
    .max(1_000)
    .default(0.005)
    .describe('λ: the weight of the squared length of factors.'),
  regularizationExponent: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe(
      'ν in λ (interactions + α₀ others)^ν: 1 as in weighted-λ ALS, 0 the same λ for rare and ' +
        'frequent.',
    ),
  unobservedWeight: z
    .number()
    .positive()
    .max(10)
    .default(0.2)
    .describe('α₀: what a pair without an interaction weighs beside one with.'),
});
type ImplicitAlsHyperparameters = z.output<typeof hyperparameters>;

/** O(N d² + (U + I) d³) time an epoch. */
export const implicitAls = defineSystem({
  name: 'IMPLICIT_ALS',
  label: 'Implicit ALS',
  description:
    'Matrix factorisation of implicit feedback by alternating least squares (Hu et al., ICDM ' +
    '2008; Rendle et al., RecSys 2022).',
  task: 'MOVIES',
  engine: false,
  seedless: false,
  servable: false,
  hyperparameters,
  async fit(data, settings, context) {
    context.signal.throwIfAborted();
    assertFit(data);
    const log = data.interactions;
    const d = settings.embeddingSize;
    const turns = new Turns(context);
    const users = {
      rows: { offsets: log.offsets, indices: log.itemIndex },
      factors: new Float32Array(log.users.size * d),
    };
    const items = { rows: usersByItem(log), factors: initialFactors(log.items.size, d, context.seed) };
    let best:
      | { readonly metric: number; readonly epoch: number; readonly factors: Float32Array }
      | undefined;
    for (let epoch = 1; epoch <= settings.epochs; epoch++) {
      const startedAt = performance.now();
      const done = (half: number) => (part: number) => (epoch - 1 + 0.5 * (half + part)) / settings.epochs;
      await solveSide(
        { rows: users.rows, fixed: items.factors, target: users.factors },
        settings,
        turns,
        done(0),
      );
      await solveSide(
        { rows: items.rows, fixed: users.factors, target: items.factors },
        settings,
        turns,
        done(1),
      );
      const loss = objective(users, items, settings);
      if (!Number.isFinite(loss))
        throw new TrainingDivergedError(`The loss became ${loss} in epoch ${epoch}.`);
      const metric = context.validate?.(new ImplicitAlsModel(settings, items.factors));
      context.onEpoch({
        epoch,
        epochs: settings.epochs,
        loss,
        validationMetric: metric,
        seconds: (performance.now() - startedAt) / 1000,
      });
      await turns.take(epoch / settings.epochs);
      if (metric === undefined) continue;
      if (best === undefined || metric > best.metric)
        best = { metric, epoch, factors: items.factors.slice() };
      else if (epoch - best.epoch >= settings.patience) break;
    }
    context.onProgress(1);
    return new ImplicitAlsModel(settings, best?.factors ?? items.factors);
  },
  load(artifact) {
    assertKind(artifact, KIND);
    const settings = settingsOf(artifact, hyperparameters);
    const { data, shape } = arrayOf(artifact, 'itemFactors', 'float32', 2);
    if (shape[0] === 0 || shape[1] !== settings.embeddingSize)
      throw new CorruptArtifactError('The factors do not have embeddingSize columns.');
    return new ImplicitAlsModel(settings, data);
  },
});

function initialFactors(count: number, d: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from(
    { length: count * d },
    () => (random.normal() * INITIAL_DEVIATION) / Math.sqrt(d),
  );
}

class ImplicitAlsModel implements Model {
  readonly name = 'IMPLICIT_ALS';
  readonly space = null;
  readonly itemCount: number;
  private readonly solver: FactorSolver;

  /** @param itemFactors [I, d] */
  constructor(
    private readonly settings: ImplicitAlsHyperparameters,
    private readonly itemFactors: Float32Array,
  ) {
    this.itemCount = itemFactors.length / settings.embeddingSize;
    this.solver = new FactorSolver(itemFactors, settings.embeddingSize, settings.unobservedWeight);
  }

  score(histories: readonly UserHistory[]): Float32Array {
    const { itemCount, settings } = this;
    const scores = new Float32Array(histories.length * itemCount);
    const user = new Float64Array(settings.embeddingSize);
    histories.forEach(({ items }, b) => {
      this.solver.solve(items, scaledRegularization(settings, items.length, itemCount), user);
      innerProducts(user, this.itemFactors, scores.subarray(b * itemCount, (b + 1) * itemCount));
    });
    return scores;
  }

  save(): Artifact {
    const shape = [this.itemCount, this.settings.embeddingSize];
    return {
      kind: KIND,
      format: 1,
      settings: this.settings,
      arrays: { itemFactors: { data: this.itemFactors, shape } },
    };
  }
}

/** One epoch of alternating least squares: all users with the items fixed, then all items with the
 *  users fixed. */

interface AlsSettings {
  readonly embeddingSize: number;
  readonly regularization: number;
  readonly regularizationExponent: number;
  readonly unobservedWeight: number;
}

/** λ_u = λ (|S_u| + α₀ n)^ν with n the number of rows on the other side (Rendle et al., RecSys
 *  2022, eq. 2). */
export function scaledRegularization(settings: AlsSettings, interactions: number, others: number): number {
  return (
    settings.regularization *
    (interactions + settings.unobservedWeight * others) ** settings.regularizationExponent
  );
}

/** Solves every row of one side.
 *  @param rows   what each row interacted with
 *  @param fixed  [n, d] the other side
 *  @param target [R, d], overwritten
 *  @param report of the rows done, 0 to 1 */
export async function solveSide(
  {
    rows,
    fixed,
    target,
  }: { readonly rows: Csr; readonly fixed: Float32Array; readonly target: Float32Array },
  settings: AlsSettings,
  turns: Turns,
  report: (part: number) => number,
): Promise<void> {
  const d = settings.embeddingSize;
  const solver = new FactorSolver(fixed, d, settings.unobservedWeight);
  const solution = new Float64Array(d);
  const count = rows.offsets.length - 1;
  for (let row = 0; row < count; row++) {
    const own = rows.indices.subarray(rows.offsets[row], rows.offsets[row + 1]);
    solver.solve(own, scaledRegularization(settings, own.length, fixed.length / d), solution);
    target.set(solution, row * d);
    if (turns.due()) await turns.take(report(row / count));
  }
}

/** The objective that every half epoch lowers: Σ over observed of (w·h − 1)² + α₀ Σ over all of
 *  (w·h)² + Σ over users of λ_u ‖w‖² + Σ over items of λ_i ‖h‖². */
export function objective(
  users: { readonly rows: Csr; readonly factors: Float32Array },
  items: { readonly rows: Csr; readonly factors: Float32Array },
  settings: AlsSettings,
): number {
  const d = settings.embeddingSize;
  const { offsets, indices } = users.rows;
  let loss = new FactorSolver(items.factors, d, settings.unobservedWeight).unobservedLoss(users.factors);
  for (let user = 0; user + 1 < offsets.length; user++) {
    for (let at = offsets[user]; at < offsets[user + 1]; at++) {
      let score = 0;
      for (let k = 0; k < d; k++) score += users.factors[user * d + k] * items.factors[indices[at] * d + k];
      loss += (score - 1) ** 2;
    }
  }
  const pairs = [
    { side: users, others: items.factors.length / d },
    { side: items, others: users.factors.length / d },
  ];
  for (const { side, others } of pairs) {
    for (let row = 0; row + 1 < side.rows.offsets.length; row++) {
      let square = 0;
      for (let k = 0; k < d; k++) square += side.factors[row * d + k] ** 2;
      loss +=
        scaledRegularization(settings, side.rows.offsets[row + 1] - side.rows.offsets[row], others) *
        square;
    }
  }
  return loss;
}

/** One side's factors with the other side's fixed: a ridge regression for each row.
 *
 *    w = (Σ over i in S of h_i h_iᵀ + α₀ HᵀH + λ_u)⁻¹ Σ over i in S of h_i     (Hu, Koren and Volinsky 2008, eq. 4)
 *
 *  H: [n, d] the fixed factors, S: the row's interactions. HᵀH is computed once for all rows. */

/** Rows gathered at once: 128 KB at d = 64, which stays in the second-level cache. */
const CHUNK = 256;

export class FactorSolver {
  /** α₀ HᵀH, lower triangle */
  private readonly unobserved: Float64Array;
  private readonly matrix: Float64Array;
  private readonly gathered: Float64Array;

  /** @param fixed [n, d] row-major */
  constructor(
    private readonly fixed: Float32Array,
    private readonly d: number,
    unobservedWeight: number,
  ) {
    this.matrix = new Float64Array(d * d);
    this.gathered = new Float64Array(CHUNK * d);
    this.unobserved = new Float64Array(d * d);
    const n = fixed.length / d;
    for (let from = 0; from < n; from += CHUNK) {
      const until = Math.min(n, from + CHUNK);
      this.gathered.set(fixed.subarray(from * d, until * d));
      addGram(this.unobserved, this.gathered, until - from, d);
    }
    for (let at = 0; at < this.unobserved.length; at++) this.unobserved[at] *= unobservedWeight;
  }

  /** Σ α₀ (w·h)² over all fixed rows = wᵀ (α₀ HᵀH) w. */
  unobservedLoss(factors: Float32Array): number {
    const { d, unobserved } = this;
    let loss = 0;
    for (let from = 0; from < factors.length; from += d) {
      for (let r = 0; r < d; r++) {
        let row = 0.5 * unobserved[r * d + r] * factors[from + r];
        for (let c = 0; c < r; c++) row += unobserved[r * d + c] * factors[from + c];
        loss += 2 * factors[from + r] * row;
      }
    }
    return loss;
  }

  /** @param indices rows of `fixed` that the solved row interacted with
   *  @param out     [d], overwritten
   *  @throws NotPositiveDefiniteError */
  solve(indices: Int32Array, regularization: number, out: Float64Array): void {
    const { d, fixed, gathered, matrix } = this;
    matrix.set(this.unobserved);
    out.fill(0);
    for (let from = 0; from < indices.length; from += CHUNK) {
      const count = Math.min(CHUNK, indices.length - from);
      for (let row = 0; row < count; row++) {
        const source = indices[from + row] * d;
        for (let k = 0; k < d; k++) {
          gathered[row * d + k] = fixed[source + k];
          out[k] += fixed[source + k];
        }
      }
      addGram(matrix, gathered, count, d);
    }
    for (let k = 0; k < d; k++) matrix[k * d + k] += regularization;
    choleskyFactor(matrix, d);
    choleskySolve(matrix, out, d);
  }
}
