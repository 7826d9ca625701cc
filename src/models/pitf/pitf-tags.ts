/** PITF as published: ranks all tags for a user and an item (Rendle and Schmidt-Thieme, WSDM 2010).
 *
 *    y(u, i, t) = û_u · t^U_t + î_i · t^I_t,   all factors [d]
 *
 *  The reference in tag recommendation. A user or item without tags in training contributes
 *  nothing, as the paper leaves it. */
import { z } from 'zod';
import { buildTagPosts, type TagPosts } from '../../interactions/tag-posts';
import { innerProducts } from '../../numeric/inner-products';
import { Random } from '../../numeric/random';
import { type Artifact, CorruptArtifactError } from '../artifact';
import { arrayOf, assertKind, assertTagFit, settingsOf } from '../checks';
import {
  defineSystem,
  type FitContext,
  type Model,
  type TagPair,
  type TagTrainingData,
  TrainingDivergedError,
} from '../system';
import { checkTagIds, readTagIds, type TagIds, tagIdArrays, tagIdsOf } from '../tag-tower/tag-ids';
import { Turns } from '../training-loop';
import { initialFactors, type PairwiseFactors, pairwiseStep } from './pairwise-step';

/** Steps between two checks of the clock. */
const STRIDE = 4_096;
const NAME = 'PITF_TAGS';

export const pitfTagHyperparameters = z.strictObject({
  embeddingSize: z.int().min(1).max(512).default(64).describe('Dimensions of a factor (d).'),
  epochs: z
    .int()
    .min(1)
    .max(10_000)
    .default(300)
    .describe('Passes of as many steps as there are taggings.'),
  learningRate: z
    .number()
    .positive()
    .max(1)
    .default(0.3)
    .describe('Step size at the start; it falls linearly to 0.'),
  regularization: z.number().min(0).max(10).default(0.002).describe('λ of all factors.'),
});
type PitfTagHyperparameters = z.output<typeof pitfTagHyperparameters>;

export const pitfTags = defineSystem({
  name: NAME,
  label: 'PITF for tags',
  description:
    'Pairwise interaction tensor factorisation of users, movies and tags (Rendle and ' +
    'Schmidt-Thieme, WSDM 2010).',
  task: 'TAGS',
  engine: false,
  seedless: false,
  servable: false,
  hyperparameters: pitfTagHyperparameters,
  async fit(data, settings, context) {
    context.signal.throwIfAborted();
    assertTagFit(data);
    const posts = buildTagPosts(data.taggings);
    const factors = await descend(data, posts, settings, context);
    clearUnseen(factors.first.contexts, posts.user, settings.embeddingSize);
    clearUnseen(factors.second.contexts, posts.item, settings.embeddingSize);
    return new PitfTagModel(factors, settings, tagIdsOf(data));
  },
  load(artifact) {
    assertKind(artifact, NAME);
    const settings = settingsOf(artifact, pitfTagHyperparameters);
    const table = (name: string): Float32Array => {
      const { data, shape } = arrayOf(artifact, name, 'float32', 2);
      if (shape[1] !== settings.embeddingSize)
        throw new CorruptArtifactError(`Array ${name} does not have ${settings.embeddingSize} columns.`);
      return data;
    };
    const first = { contexts: table('users'), candidates: table('tagsOfUsers') };
    const second = { contexts: table('items'), candidates: table('tagsOfItems') };
    if (first.candidates.length !== second.candidates.length)
      throw new CorruptArtifactError('The two tables of tags differ in size.');
    const ids = readTagIds(artifact);
    const rowsOf = (factors: Float32Array): number => factors.length / settings.embeddingSize;
    checkTagIds(ids, {
      users: rowsOf(first.contexts),
      items: rowsOf(second.contexts),
      tags: rowsOf(first.candidates),
    });
    return new PitfTagModel({ first, second, d: settings.embeddingSize }, settings, ids);
  },
});

class PitfTagModel implements Model<'TAGS'> {
  readonly name = NAME;
  readonly space = null;
  readonly itemCount: number;

  constructor(
    private readonly factors: SingleFactors,
    private readonly settings: PitfTagHyperparameters,
    readonly ids: TagIds,
  ) {
    this.itemCount = factors.first.candidates.length / factors.d;
  }

  score(pairs: readonly TagPair[]): Float32Array {
    const { first, second, d } = this.factors;
    const scores = new Float32Array(pairs.length * this.itemCount);
    const ofItem = new Float32Array(this.itemCount);
    pairs.forEach(({ user, item }, row) => {
      const own = scores.subarray(row * this.itemCount, (row + 1) * this.itemCount);
      if (user >= 0)
        innerProducts(
          Float64Array.from(first.contexts.subarray(user * d, (user + 1) * d)),
          first.candidates,
          own,
        );
      if (item < 0) return;
      innerProducts(
        Float64Array.from(second.contexts.subarray(item * d, (item + 1) * d)),
        second.candidates,
        ofItem,
      );
      for (let tag = 0; tag < own.length; tag++) own[tag] += ofItem[tag];
    });
    return scores;
  }

  save(): Artifact {
    const { first, second, d } = this.factors;
    const table = (data: Float32Array) => ({ data, shape: [data.length / d, d] });
    return {
      kind: NAME,
      format: 1,
      settings: { ...this.settings },
      arrays: {
        users: table(first.contexts),
        tagsOfUsers: table(first.candidates),
        items: table(second.contexts),
        tagsOfItems: table(second.candidates),
        ...tagIdArrays(this.ids),
      },
    };
  }
}

interface SingleFactors extends PairwiseFactors {
  readonly first: { readonly contexts: Float32Array; readonly candidates: Float32Array };
  readonly second: { readonly contexts: Float32Array; readonly candidates: Float32Array };
}

/** Who has no tag in training contributes nothing: not the random start. */
function clearUnseen(factors: Float32Array, rows: Int32Array, d: number): void {
  const seen = new Set(rows);
  for (let row = 0; row * d < factors.length; row++)
    if (!seen.has(row)) factors.fill(0, row * d, (row + 1) * d);
}

/** BPR: a tag of a post (all tags of one user on one item) is preferred to one that the post has
 *  not. O(M d) time an epoch. */
async function descend(
  { taggings, users, items }: TagTrainingData,
  posts: TagPosts,
  settings: PitfTagHyperparameters,
  context: FitContext<'TAGS'>,
): Promise<SingleFactors> {
  const { embeddingSize: d, epochs, learningRate, regularization } = settings;
  const tagCount = taggings.tags.size;
  const random = new Random(context.seed);
  const factors: SingleFactors = {
    first: {
      contexts: initialFactors(users.size, d, random),
      candidates: initialFactors(tagCount, d, random),
    },
    second: {
      contexts: initialFactors(items.size, d, random),
      candidates: initialFactors(tagCount, d, random),
    },
    d,
  };
  const postOfRow = postsByRow(posts);
  const tagsOfPost = Array.from(
    posts.user,
    (_, post) => new Set(posts.tags.subarray(posts.offsets[post], posts.offsets[post + 1])),
  );
  const turns = new Turns(context);
  const rowCount = posts.tags.length;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const startedAt = performance.now();
    let loss = 0;
    for (let n = 0; n < rowCount; n++) {
      const fraction = (epoch - 1 + n / rowCount) / epochs;
      if (n % STRIDE === 0 && turns.due()) await turns.take(fraction);
      const row = random.integerBelow(rowCount);
      const post = postOfRow[row];
      const own = tagsOfPost[post];
      if (own.size >= tagCount) continue;
      let negative = random.integerBelow(tagCount);
      while (own.has(negative)) negative = random.integerBelow(tagCount);
      const rates = { learningRate: learningRate * (1 - fraction), regularization };
      loss += pairwiseStep(
        factors,
        { a: posts.user[post], b: posts.item[post] },
        { positive: posts.tags[row], negative },
        rates,
      );
    }
    if (!Number.isFinite(loss))
      throw new TrainingDivergedError(`The loss became ${loss}: a smaller learningRate may help.`);
    context.onEpoch({
      epoch,
      epochs,
      loss: loss / rowCount,
      seconds: (performance.now() - startedAt) / 1000,
    });
    context.signal.throwIfAborted();
  }
  context.onProgress(1);
  return factors;
}

/** @returns [rows] the post that each of the posts' tags belongs to */
function postsByRow({ offsets, tags }: TagPosts): Int32Array {
  const posts = new Int32Array(tags.length);
  for (let post = 0; post + 1 < offsets.length; post++) posts.fill(post, offsets[post], offsets[post + 1]);
  return posts;
}
