/** Training of the tag tower: posts are drawn, each is asked for its tags without itself, and the
 *  tables follow. */
import { Random } from '../../numeric/random';
import type { TagFitContext } from '../tag-recommender';
import { Turns } from '../turns';
import type { TagTowerHyperparameters } from './hyperparameters';
import { initialTables, type Sizes, type Tables } from './parameters';
import { PostGradient } from './post-gradient';
import type { TagEvidence } from './tag-evidence';

const LAST_RATE = 0.05;

export class TagTowerTraining {
  readonly tables: Tables;
  private readonly random: Random;
  private readonly gradient: PostGradient;
  /** [P] running sum of the weights by which posts are drawn */
  private readonly chances: Float64Array;
  private readonly stepsPerEpoch: number;
  private stepsDone = 0;

  constructor(
    private readonly evidence: TagEvidence,
    private readonly sizes: Sizes,
    private readonly settings: TagTowerHyperparameters,
    private readonly context: TagFitContext,
  ) {
    this.random = new Random(context.seed);
    this.tables = initialTables(sizes, settings.embeddingSize, settings, this.random);
    this.gradient = new PostGradient(this.tables, sizes.tags, settings.embeddingSize);
    this.chances = runningChances(evidence.posts.user, settings.balance);
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
    const { posts } = this.evidence;
    const { dropout, evidenceDropout, batchSize } = this.settings;
    const post = drawFrom(this.chances, this.random.uniform());
    const [user, item] = [posts.user[post], posts.item[post]];
    const evidence = this.evidence.of(
      this.keep(user, evidenceDropout),
      this.keep(item, evidenceDropout),
      post,
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
