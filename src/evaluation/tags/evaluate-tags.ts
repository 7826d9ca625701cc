/** Measures a tag recommender on held-out posts: all tags are ranked for each, and what is measured
 *  of rankings of movies is measured of these. */
import { setImmediate } from 'node:timers/promises';
import { SPLIT_NAMES, type SplitName } from '../../interactions/splits';
import { type Model, type TagTrainingData } from '../../models/system';
import { topK } from '../../numeric/top-k';
import type { EvaluationResult } from '../evaluate';
import { type ItemPopularity, popularityGroups } from '../item-popularity';
import { CUTOFFS } from '../metrics';
import { ndcg } from '../metrics/ndcg';
import { TAG_PROTOCOL } from '../protocols';
import { EVALUATION_SEED } from '../ranking';
import { type MetricRow, Tally, type UserRanking } from '../tally';
import { OBJECTIVE_CUTOFF } from '../validation-objective';
import type { HeldOutPost } from './tag-protocol';

/** Posts between two looks at the signal. */
const BATCH = 64;

export interface TagEvaluationOptions {
  readonly signal?: AbortSignal;
  /** 0 to 1 */
  readonly onProgress?: (fraction: number) => void;
}

type Posts = Readonly<Partial<Record<SplitName, readonly HeldOutPost[]>>>;

/** A post is its user's only one in a part, so that figures by post are figures by user. Equal
 *  scores rank in the order of the tags' indices.
 *  @param training what the model was trained on
 *  @throws AbortError on the signal */
export async function evaluateTags(
  model: Model<'TAGS'>,
  training: TagTrainingData,
  posts: Posts,
  { signal, onProgress }: TagEvaluationOptions = {},
): Promise<EvaluationResult<typeof TAG_PROTOCOL>> {
  const popularity = tagPopularity(training);
  const rows: MetricRow<typeof TAG_PROTOCOL>[] = [];
  const perUser: Record<string, Float32Array> = {};
  const total = SPLIT_NAMES.reduce((sum, split) => sum + (posts[split]?.length ?? 0), 0);
  let done = 0;
  for (const split of SPLIT_NAMES) {
    const held = posts[split] ?? [];
    const historyPopularity = new Float64Array(held.length).fill(Number.NaN);
    const tally = new Tally(held.length, CUTOFFS, {
      itemCount: model.itemCount,
      popularity,
      historyPopularity,
    });
    for (const [at, post] of held.entries()) {
      if (at % BATCH === 0) {
        signal?.throwIfAborted();
        onProgress?.(done / total);
        await setImmediate(); // lets an abort or a message come in
      }
      tally.add(at, rankTags(model, post));
      done++;
    }
    const measured = tally.rows({ protocol: TAG_PROTOCOL, split }, EVALUATION_SEED);
    rows.push(...measured.rows);
    Object.assign(perUser, measured.perUser);
  }
  const idsOf = (split: SplitName) =>
    Int32Array.from(posts[split] ?? [], ({ user }) => training.users.ids[user]);
  return { rows, perUser, userIds: { VALIDATION: idsOf('VALIDATION'), TEST: idsOf('TEST') } };
}

/** @returns a function for `FitContext<'TAGS'>.validate`, the mean NDCG@20; undefined without posts */
export function tagObjective(posts: readonly HeldOutPost[]): ((model: Model<'TAGS'>) => number) | undefined {
  if (posts.length === 0) return undefined;
  return (model) => {
    const gain = (post: HeldOutPost) =>
      ndcg.compute(topK(model.score([post]), OBJECTIVE_CUTOFF), post.tags, OBJECTIVE_CUTOFF);
    return posts.reduce((sum, post) => sum + gain(post), 0) / posts.length;
  };
}

function rankTags(model: Model<'TAGS'>, post: HeldOutPost): UserRanking {
  const scores = model.score([post]);
  const head = topK(scores, Math.max(...CUTOFFS));
  let first = -1;
  for (const tag of post.tags) if (first < 0 || isBefore(scores, tag, first)) first = tag;
  let firstRank = 1;
  for (let tag = 0; tag < scores.length; tag++) if (isBefore(scores, tag, first)) firstRank++;
  return { head, relevant: post.tags, firstRank };
}

function isBefore(scores: Float32Array, a: number, b: number): boolean {
  return scores[a] > scores[b] || (scores[a] === scores[b] && a < b);
}

function tagPopularity({ taggings, users }: TagTrainingData): ItemPopularity {
  const counts = new Int32Array(taggings.tags.size);
  for (const tag of taggings.tagIndex) counts[tag]++;
  return { counts, groups: popularityGroups(counts), users: users.size };
}
