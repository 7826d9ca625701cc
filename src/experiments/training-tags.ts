/** What happens to the taggings of one experiment: split, fit, measure. As training.ts for systems
 *  that rank movies. */

import { EVALUATION_SEED } from '../evaluation/evaluate';
import { TAG_PROTOCOL } from '../evaluation/protocols';
import { beatsPopularity } from '../evaluation/publication';
import { evaluateTags, tagObjective } from '../evaluation/tags/evaluate-tags';
import { findable, type HeldOutPost, splitTagPosts } from '../evaluation/tags/tag-protocol';
import { encodeArtifact } from '../models/codec';
import { type FitContext, type Model, type System, type TagTrainingData } from '../models/system';
import { popularTagsMix } from '../models/tag-popularity';
import { NO_TRIAL_IS_PUBLISHED, type TrainingHooks } from './training';
import type { TrainingRequest, TrainingResult } from './training-messages';
import { figuresToKeep } from './user-figures';

/** One training without the held-out posts of both parts, measured on both.
 *  @throws what `recommender.fit` throws; AbortError on the signal */
export async function trainAndMeasureTags(
  recommender: System<'TAGS'>,
  data: TagTrainingData,
  request: Pick<TrainingRequest, 'hyperparameters' | 'seed' | 'backend' | 'trial'>,
  hooks: TrainingHooks,
): Promise<TrainingResult> {
  const { training, ...parts } = splitTagPosts(data, EVALUATION_SEED);
  const [validation, test] = [findable(parts.validation, training), findable(parts.test, training)];
  const validate = tagObjective(validation);
  const context: FitContext<'TAGS'> = {
    seed: request.seed,
    backend: request.backend,
    signal: hooks.signal,
    onEpoch: (record) => hooks.onEpoch(record),
    onProgress: (fraction) => hooks.onProgress({ stage: 'TRAINING', fraction }),
    ...(validate && { validate }),
  };
  const startedAt = performance.now();
  const model = await recommender.fit(training, request.hyperparameters, context);
  const fittedAt = performance.now();
  const posts = request.trial ? { VALIDATION: validation } : { VALIDATION: validation, TEST: test };
  const evaluation = await evaluateTags(model, training, posts, {
    signal: hooks.signal,
    onProgress: (fraction) => hooks.onProgress({ stage: 'EVALUATING', fraction }),
  });
  return {
    metrics: evaluation.rows,
    userFigures: figuresToKeep(evaluation, TAG_PROTOCOL),
    coldStart: [],
    artifact: encodeArtifact(model.save()),
    servable: model.space !== null,
    publication: request.trial
      ? NO_TRIAL_IS_PUBLISHED
      : await mayPublish(model, evaluation.rows, training, validation, context),
    trainingSeconds: (fittedAt - startedAt) / 1000,
    evaluationSeconds: (performance.now() - fittedAt) / 1000,
  };
}

async function mayPublish(
  model: Model<'TAGS'>,
  rows: TrainingResult['metrics'],
  training: TagTrainingData,
  validation: readonly HeldOutPost[],
  { seed, backend, signal }: FitContext<'TAGS'>,
): Promise<TrainingResult['publication']> {
  if (model.space === null) {
    return {
      publish: false,
      note: `Not published: ${model.name} is a reference; it has no space, and so no distances to serve.`,
    };
  }
  const silent: FitContext<'TAGS'> = {
    seed,
    backend,
    signal,
    onEpoch: () => undefined,
    onProgress: () => undefined,
  };
  const reference = await popularTagsMix.fit(training, popularTagsMix.hyperparameters.parse({}), silent);
  const measured = await evaluateTags(reference, training, { VALIDATION: validation }, { signal });
  return beatsPopularity(rows, measured.rows, TAG_PROTOCOL);
}
