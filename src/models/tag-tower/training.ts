/** Settings and training of the tag tower: posts are drawn, each is asked for its tags without
 *  itself, and the tables follow. */
import { z } from 'zod';
import type { TagPosts } from '../../interactions/tag-posts';
import { Random } from '../../numeric/random';
import { type FitContext } from '../system';
import { Turns } from '../training-loop';
import { initialTables, type Sizes, type Tables } from './parameters';
import { PostGradient } from './post-gradient';
import { evidenceOf, orNull, type TagEvidence } from './tag-evidence';
import type { KnownPost } from './tag-profiles';

/** The defaults were chosen on the validation posts of ml-10m-tags (docs/tags.md). */
export const tagTowerHyperparameters = z.strictObject({
  embeddingSize: z
    .int()
    .min(1)
    .max(512)
    .default(16)
    .describe('Dimensions of the learned points (d), beside the tag axes.'),
  epochs: z.int().min(1).max(1_000).default(3).describe('Passes of as many draws as there are posts.'),
  batchSize: z.int().min(1).max(65_536).default(64).describe('Posts a step.'),
  learningRate: z
    .number()
    .positive()
    .max(1)
    .default(0.01)
    .describe('Step size of Adam at the start; it falls linearly to a twentieth.'),
  negatives: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(256)
    .describe('Tags sampled for each batch; with as many as there are, the softmax is exact.'),
  regularization: z.number().min(0).max(10).default(0.001).describe('λ of the points.'),
  gateRegularization: z
    .number()
    .min(0)
    .max(10)
    .default(0.0003)
    .describe('λ of the gates, which keep a tag near the average tag.'),
  trustRegularization: z
    .number()
    .min(0)
    .max(10)
    .default(0.002)
    .describe('λ of the trusts, which keep a user and an item near the average.'),
  dropout: z
    .number()
    .min(0)
    .max(0.95)
    .default(0.5)
    .describe('How often what was learned of a user or an item is left out: the evidence has to do alone.'),
  evidenceDropout: z
    .number()
    .min(0)
    .max(0.95)
    .default(0.1)
    .describe('How often all posts of the user, or of the item, are left out.'),
  balance: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe(
      'A post is drawn in proportion to 1 / (posts of its user)^balance: 0 draws posts evenly, ' +
        '1 users.',
    ),
});
export type TagTowerHyperparameters = z.output<typeof tagTowerHyperparameters>;

const LAST_RATE = 0.05;

export class TagTowerTraining {
  readonly tables: Tables;
  readonly evidence: TagEvidence;
  /** [P] the posts as the evidence keeps them */
  private readonly known: readonly KnownPost[];
  private readonly random: Random;
  private readonly gradient: PostGradient;
  /** [P] running sum of the weights by which posts are drawn */
  private readonly chances: Float64Array;
  private readonly stepsPerEpoch: number;
  private stepsDone = 0;

  constructor(
    private readonly posts: TagPosts,
    private readonly sizes: Sizes,
    private readonly settings: TagTowerHyperparameters,
    private readonly context: FitContext<'TAGS'>,
  ) {
    ({ evidence: this.evidence, known: this.known } = evidenceOf(posts));
    this.random = new Random(context.seed);
    this.tables = initialTables(sizes, settings.embeddingSize, settings, this.random);
    this.gradient = new PostGradient(this.tables, sizes.tags, settings.embeddingSize);
    this.chances = runningChances(posts.user, settings.balance);
    this.stepsPerEpoch = Math.max(1, Math.round(this.chances.length / settings.batchSize));
  }

  /** @returns the mean loss of the epoch's posts
   *  @throws AbortError */
  async epoch(turns = new Turns(this.context)): Promise<number> {
    const { batchSize, epochs, learningRate } = this.settings;
    const steps = epochs * this.stepsPerEpoch;
    let loss = 0;
    for (let step = 0; step < this.stepsPerEpoch; step++) {
      const sample = this.random.sampleWithoutReplacement(
        this.sizes.tags,
        Math.min(this.settings.negatives, this.sizes.tags),
      );
      for (let n = 0; n < batchSize; n++) loss += this.addPost(sample);
      const rate = learningRate * (1 - (1 - LAST_RATE) * (this.stepsDone / steps));
      this.stepsDone++;
      for (const table of Object.values(this.tables)) table.step(this.stepsDone, rate);
      if (turns.due()) await turns.take(this.stepsDone / steps);
    }
    return loss / (this.stepsPerEpoch * batchSize);
  }

  private addPost(sample: Int32Array): number {
    const { posts } = this;
    const { dropout, evidenceDropout, batchSize } = this.settings;
    const post = drawFrom(this.chances, this.random.uniform());
    const [user, item] = [posts.user[post], posts.item[post]];
    const evidence = this.evidence.of(
      orNull(this.keep(user, evidenceDropout)),
      orNull(this.keep(item, evidenceDropout)),
      this.known[post],
    );
    return this.gradient.add(
      {
        user: this.keep(user, dropout),
        item: this.keep(item, dropout),
        evidence,
        tags: posts.tags.subarray(posts.offsets[post], posts.offsets[post + 1]),
      },
      sample,
      1 / batchSize,
    );
  }

  private keep(row: number, dropout: number): number {
    return this.random.uniform() < dropout ? -1 : row;
  }
}

function runningChances(user: Int32Array, balance: number): Float64Array {
  const posts = new Map<number, number>();
  for (const row of user) posts.set(row, (posts.get(row) ?? 0) + 1);
  let sum = 0;
  return Float64Array.from(user, (row) => {
    sum += (row < 0 ? 1 : (posts.get(row) ?? 1)) ** -balance;
    return sum;
  });
}

/** @param at [0, 1) @returns the first place whose running sum is above that share of the whole */
function drawFrom(chances: Float64Array, at: number): number {
  const target = at * chances[chances.length - 1];
  let [low, high] = [0, chances.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (chances[middle] > target) high = middle;
    else low = middle + 1;
  }
  return low;
}
