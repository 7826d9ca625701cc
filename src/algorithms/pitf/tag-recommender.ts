/** PITF as published: ranks all tags for a user and an item (Rendle and Schmidt-Thieme, WSDM 2010).
 *
 *    y(u, i, t) = û_u · t^U_t + î_i · t^I_t,   all factors [d]
 *
 *  The reference in tag recommendation. A user or item without tags in training contributes nothing, as the paper leaves it. */
import { z } from 'zod';
import type { TagLog } from '../../interactions/interaction-log';
import { innerProducts } from '../../numeric/inner-products';
import { Random } from '../../numeric/random';
import { type FitContext, TrainingDivergedError, UnfitDataError } from '../algorithm';
import { Turns } from '../turns';
import { type Interaction, initialFactors, type PairwiseFactors, pairwiseStep } from './pairwise-step';

/** Steps between two looks at the clock. */
const STRIDE = 4_096;

export const pitfTagHyperparameters = z.strictObject({
  embeddingSize: z.int().min(1).max(512).default(64).describe('Dimensions of a factor (d).'),
  epochs: z.int().min(1).max(10_000).default(100).describe('Passes of as many steps as there are taggings.'),
  learningRate: z.number().positive().max(1).default(0.1).describe('Step size at the start; it falls linearly to 0.'),
  regularization: z.number().min(0).max(10).default(0.0005).describe('λ of all factors.'),
});
export type PitfTagHyperparameters = z.output<typeof pitfTagHyperparameters>;

/** What was learned; users, items and tags by the dense indices of the log it was fitted to. */
export class PitfTagRecommender {
  readonly tagCount: number;
  private readonly users: Side;
  private readonly items: Side;

  constructor({ first, second, d }: PairwiseFactors, taggings: TagLog) {
    this.tagCount = taggings.tags.size;
    this.users = sideOf(first, taggings.userIndex, d);
    this.items = sideOf(second, taggings.itemIndex, d);
  }

  /** @param user dense index, or -1 for an unknown one; likewise `item`
   *  @returns [T], higher ranks first; zeros when neither has a tag in training */
  score(user: number, item: number): Float32Array {
    const [scores, ofItem] = [new Float32Array(this.tagCount), new Float32Array(this.tagCount)];
    const [userFactor, itemFactor] = [this.users.factors.get(user), this.items.factors.get(item)];
    if (userFactor) innerProducts(userFactor, this.users.tags, scores);
    if (itemFactor) innerProducts(itemFactor, this.items.tags, ofItem);
    return scores.map((score, tag) => score + ofItem[tag]);
  }
}

interface Side {
  /** [d] of those who have a tag in training */
  readonly factors: ReadonlyMap<number, Float64Array>;
  /** [T, d] */
  readonly tags: Float32Array;
}

function sideOf({ contexts, candidates }: Interaction, rows: Int32Array, d: number): Side {
  const seen = [...new Set(rows)].filter((row) => row >= 0);
  return {
    factors: new Map(seen.map((row) => [row, Float64Array.from(contexts.subarray(row * d, (row + 1) * d))])),
    tags: Float32Array.from(candidates),
  };
}

/** BPR: a tag of a post (all tags of one user on one item) is preferred to one that the post has not. O(M d) time an epoch.
 *  @param sizes users and items of the interaction log, whose dense indices the taggings name
 *  @throws UnfitDataError when there is nothing to learn from, TrainingDivergedError, AbortError */
export async function fitPitfTags(
  taggings: TagLog,
  sizes: { readonly users: number; readonly items: number },
  settings: PitfTagHyperparameters,
  context: Pick<FitContext, 'seed' | 'signal' | 'onProgress'>,
): Promise<PitfTagRecommender> {
  context.signal.throwIfAborted();
  const { tags, tagIndex, userIndex, itemIndex } = taggings;
  if (tagIndex.length === 0) throw new UnfitDataError('Nobody has tagged anything: there is nothing to learn from.');
  const { embeddingSize: d, epochs, learningRate, regularization } = settings;
  const random = new Random(context.seed);
  const factors: PairwiseFactors = {
    first: { contexts: initialFactors(sizes.users, d, random), candidates: initialFactors(tags.size, d, random) },
    second: { contexts: initialFactors(sizes.items, d, random), candidates: initialFactors(tags.size, d, random) },
    d,
  };
  const posts = postsOf(taggings);
  const turns = new Turns(context);
  const steps = epochs * tagIndex.length;
  for (let from = 0; from < steps; from += STRIDE) {
    const rates = { learningRate: learningRate * (1 - from / steps), regularization };
    let loss = 0;
    for (let step = from; step < Math.min(steps, from + STRIDE); step++) {
      const row = random.integerBelow(tagIndex.length);
      const own = posts[row];
      if (own.size >= tags.size) continue;
      let negative = random.integerBelow(tags.size);
      while (own.has(negative)) negative = random.integerBelow(tags.size);
      loss += pairwiseStep(factors, { a: userIndex[row], b: itemIndex[row] }, { positive: tagIndex[row], negative }, rates);
    }
    if (!Number.isFinite(loss)) throw new TrainingDivergedError(`The loss became ${loss}: a smaller learningRate may help.`);
    if (turns.due()) await turns.take(from / steps);
  }
  context.onProgress(1);
  return new PitfTagRecommender(factors, taggings);
}

/** @returns [M] the tags of the post that each row belongs to; rows of one post share the set */
function postsOf({ userIndex, itemIndex, tagIndex }: TagLog): readonly ReadonlySet<number>[] {
  const posts = new Map<string, Set<number>>();
  return Array.from(tagIndex, (tag, row) => {
    // Someone who rated nothing has no index: such taggings tell of their item alone, each a post of its own.
    const key = userIndex[row] < 0 ? `row ${row}` : `${userIndex[row]} ${itemIndex[row]}`;
    const post = posts.get(key) ?? new Set<number>();
    posts.set(key, post.add(tag));
    return post;
  });
}
