/** Measures a system that ranks tags on held-out posts: all tags are ranked for each, by the loop
 *  and the metrics that rankings of movies are measured with. */
import type { Model, TagTrainingData } from '../../models/system';
import type { Cases } from '../cases';
import { type EvaluationOptions, type EvaluationResult, measure } from '../evaluate';
import { type ItemPopularity, popularityGroups } from '../item-popularity';
import { TAG_PROTOCOL } from '../protocols';
import { type ObjectiveOptions, objectiveOf } from '../validation-objective';
import type { HeldOutPost, TagSplit } from './tag-protocol';

/** @throws InvalidScoresError, AbortError on `signal` */
export function evaluateTags(
  model: Model<'TAGS'>,
  { parts, trainingData }: Pick<TagSplit, 'parts' | 'trainingData'>,
  options: EvaluationOptions = {},
): Promise<EvaluationResult<typeof TAG_PROTOCOL>> {
  return measure(
    model,
    {
      cases: {
        VALIDATION: tagCases(parts.VALIDATION, trainingData),
        TEST: tagCases(parts.TEST, trainingData),
      },
      popularity: tagPopularity(trainingData),
      historyPopularity: () => Number.NaN,
      rankings: [{ protocol: TAG_PROTOCOL, competitors: () => undefined }],
    },
    options,
  );
}

/** @returns a function for `FitContext.validate`, the mean NDCG@20; undefined without posts */
export function tagObjective(
  { parts, trainingData }: Pick<TagSplit, 'parts' | 'trainingData'>,
  options: ObjectiveOptions = {},
): ((model: Model<'TAGS'>) => number) | undefined {
  return objectiveOf(tagCases(parts.VALIDATION, trainingData), options);
}

/** A post is its user's only one in a part, so that figures by post are figures by user. Equal
 *  scores rank in the order of the tags' indices. */
function tagCases(posts: readonly HeldOutPost[], { users }: TagTrainingData): Cases<'TAGS'> {
  const nothing = new Int32Array(0);
  return {
    userIds: Int32Array.from(posts, ({ user }) => users.ids[user]),
    candidates: null,
    query: (at) => posts[at],
    seen: () => nothing,
    relevant: (at) => Int32Array.from(posts[at].tags),
    ties: () => null,
  };
}

function tagPopularity({ taggings, users }: TagTrainingData): ItemPopularity {
  const counts = new Int32Array(taggings.tags.size);
  for (const tag of taggings.tagIndex) counts[tag]++;
  return { counts, groups: popularityGroups(counts), users: users.size };
}
