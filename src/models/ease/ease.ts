/** EASE, "embarrassingly shallow autoencoders for sparse data" (Steck, WWW 2019): a linear
 *  item-item model in closed form.
 *
 *    min over B of ‖X − X B‖² + λ ‖B‖²  with diag(B) = 0   has   B = 1 − P diag(P)⁻¹,  P = (XᵀX + λ)⁻¹   (eq. 8)
 *
 *  x: [I] a history as zeros and ones; its scores are x · B, so users never seen in training are
 *  scored like all others. Where users are few, X Xᵀ (users) is inverted instead of XᵀX (items):
 *  the weights are the same (weights.ts). */
import { z } from 'zod';
import { type Csr, usersByItem } from '../../interactions/csr';
import type { InteractionLog, UserHistory } from '../../interactions/interaction-log';
import { invertPositiveDefinite } from '../../tensor/invert-positive-definite';
import type { Artifact } from '../artifact';
import { assertFit, assertKind, settingsOf } from '../checks';
import { defineSystem, type FitContext, type Model, UnfitDataError } from '../system';
import { reportOneEpoch, Turns } from '../training-loop';
import { type EaseWeights, ItemWeights, UserKernel } from './weights';

const KIND = 'EASE';
/** What a model may take: half of what PostgreSQL stores in one value. */
const MAX_MODEL_BYTES = 512 * 2 ** 20;
const MAX_SIDE = Math.floor(Math.sqrt(MAX_MODEL_BYTES / Float32Array.BYTES_PER_ELEMENT));
/** The inversion by users is cheaper as soon as they are fewer, but scoring takes U² products a
 *  user and not h I. */
const ITEMS_PER_USER = 4;

const hyperparameters = z.strictObject({
  regularization: z
    .number()
    .min(1)
    .max(1_000_000)
    .default(500)
    .describe(
      'λ, in interactions: about as many as an item needs before its weights count in full. ' +
        'Single precision asks for 1 or more.',
    ),
});
type EaseHyperparameters = z.output<typeof hyperparameters>;

/** n³ / 2 products and 6 n² bytes at the peak, where n = I, or U when users are 4 times fewer or
 *  the items too many. No randomness. Refuses (UnfitDataError) what would need a model of more than
 *  512 MB: more than 11,585 users and items alike. */
export const ease = defineSystem({
  name: 'EASE',
  label: 'EASE',
  description: 'A linear item-item model, fitted in closed form (Steck, WWW 2019).',
  task: 'MOVIES',
  engine: true,
  seedless: true,
  servable: false,
  hyperparameters,
  async fit(data, settings, context) {
    context.signal.throwIfAborted();
    assertFit(data);
    assertAffordable(data.interactions);
    const startedAt = performance.now();
    const model = new EaseModel(settings, await weightsOf(data.interactions, settings, context));
    await new Turns(context).take(1);
    return reportOneEpoch(model, startedAt, context);
  },
  load(artifact) {
    assertKind(artifact, KIND);
    const { form, regularization } = settingsOf(
      artifact,
      hyperparameters.extend({ form: z.enum(['ITEMS', 'USERS']) }),
    );
    return new EaseModel(
      { regularization },
      form === 'ITEMS' ? ItemWeights.read(artifact) : UserKernel.read(artifact),
    );
  },
});

async function weightsOf(
  log: InteractionLog,
  { regularization }: EaseHyperparameters,
  context: FitContext,
): Promise<EaseWeights> {
  const [userCount, itemCount] = [log.users.size, log.items.size];
  const turns = new Turns(context);
  const backend = context.backend === 'auto' ? undefined : context.backend;
  const pause = async (fraction: number) => {
    if (turns.due()) await turns.take(0.1 + 0.8 * fraction);
  };
  if (ITEMS_PER_USER * userCount <= itemCount || itemCount > MAX_SIDE) {
    const users = usersByItem(log);
    const kernel = await coOccurrence(users, userCount, regularization, turns);
    await invertPositiveDefinite(kernel, userCount, { backend, pause });
    return UserKernel.ofInverse(kernel, userCount, users, turns);
  }
  const inverse = await coOccurrence(sortedHistories(log), itemCount, regularization, turns);
  await invertPositiveDefinite(inverse, itemCount, { backend, pause });
  return ItemWeights.ofInverse(inverse, itemCount);
}

function sortedHistories(log: InteractionLog): Csr {
  const indices = log.itemIndex.slice();
  for (let user = 0; user < log.users.size; user++)
    indices.subarray(log.offsets[user], log.offsets[user + 1]).sort();
  return { offsets: log.offsets, indices };
}

function assertAffordable({ users, items }: InteractionLog): void {
  const side = Math.min(users.size, items.size);
  const bytes = side ** 2 * Float32Array.BYTES_PER_ELEMENT;
  if (side <= MAX_SIDE) return;
  const gigabytes = (of: number) => `${(of / 2 ** 30).toFixed(1)} GB`;
  throw new UnfitDataError(
    `EASE for ${items.size} movies and ${users.size} users would need a model of ${gigabytes(bytes)} and ${gigabytes(1.5 * bytes)} of ` +
      `memory to train; the limit is ${gigabytes(MAX_MODEL_BYTES)}, which is ${MAX_SIDE} movies or users.`,
  );
}

class EaseModel implements Model {
  readonly name = 'EASE';
  readonly space = null;

  constructor(
    private readonly settings: EaseHyperparameters,
    private readonly weights: EaseWeights,
  ) {}

  get itemCount(): number {
    return this.weights.itemCount;
  }

  score(histories: readonly UserHistory[]): Float32Array {
    const scores = new Float32Array(histories.length * this.itemCount);
    histories.forEach((history, b) => {
      this.weights.scoreInto(history, scores.subarray(b * this.itemCount, (b + 1) * this.itemCount));
    });
    return scores;
  }

  save(): Artifact {
    return {
      kind: KIND,
      format: 1,
      settings: { ...this.settings, form: this.weights.form },
      arrays: this.weights.arrays(),
    };
  }
}

/** How many rows two columns of a sparse 0/1 matrix share: XᵀX of Steck (2019), or X Xᵀ when the
 *  matrix is the other way round. */

/** @param rows  column indices of each row ascending
 *  @param n     the number of columns
 *  @param diagonal added to it
 *  @returns [n, n], of which only the lower triangle is filled; O(sum over rows of length²) */
async function coOccurrence(rows: Csr, n: number, diagonal: number, turns: Turns): Promise<Float32Array> {
  const counts = new Float32Array(n * n);
  const { offsets, indices } = rows;
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let a = offsets[row]; a < offsets[row + 1]; a++) {
      const base = indices[a] * n;
      for (let b = offsets[row]; b <= a; b++) counts[base + indices[b]]++;
    }
    if (turns.due()) await turns.take(0);
  }
  for (let column = 0; column < n; column++) counts[column * n + column] += diagonal;
  return counts;
}
