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
import { usersByItem } from '../../interactions/csr';
import type { UserHistory } from '../../interactions/interaction-log';
import { innerProducts } from '../../numeric/inner-products';
import { Random } from '../../numeric/random';
import type { Artifact } from '../artifact';
import { CorruptArtifactError } from '../artifact';
import { arrayOf, assertFit, assertKind, settingsOf } from '../checks';
import { defineSystem, type Model, TrainingDivergedError } from '../system';
import { Turns } from '../turns';
import { objective, scaledRegularization, solveSide } from './alternation';
import { FactorSolver } from './factor-solver';

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
      'ν in λ (interactions + α₀ others)^ν: 1 as in weighted-λ ALS, 0 the same λ for rare and frequent.',
    ),
  unobservedWeight: z
    .number()
    .positive()
    .max(10)
    .default(0.2)
    .describe('α₀: what a pair without an interaction weighs beside one with.'),
});
export type ImplicitAlsHyperparameters = z.output<typeof hyperparameters>;

/** O(N d² + (U + I) d³) time an epoch. */
export const implicitAls = defineSystem({
  name: 'IMPLICIT_ALS',
  label: 'Implicit ALS',
  description:
    'Matrix factorisation of implicit feedback by alternating least squares (Hu et al., ICDM 2008; Rendle et al., RecSys 2022).',
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
    let best: { readonly metric: number; readonly epoch: number; readonly factors: Float32Array } | undefined;
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
      throw new CorruptArtifactError('The factors are not of embeddingSize.');
    return new ImplicitAlsModel(settings, data);
  },
});

function initialFactors(count: number, d: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count * d }, () => (random.normal() * INITIAL_DEVIATION) / Math.sqrt(d));
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
