/** The most popular items for everyone: the reference that a model has to beat, and what is served
 *  while there is no model. */
import { z } from 'zod';
import { interactionCounts } from '../interactions/csr';
import type { UserHistory } from '../interactions/interaction-log';
import type { Artifact } from './artifact';
import { CorruptArtifactError } from './artifact';
import { arrayOf, assertFit, assertKind } from './checks';
import { defineSystem, type FitContext, type Model } from './system';
import { reportOneEpoch } from './training-loop';

const KIND = 'POPULARITY';
const hyperparameters = z.strictObject({});
/** Score = number of interactions, for every user the same (the non-personalized reference of
 *  Cremonesi, Koren and Turrin, RecSys 2010). No hyperparameters, no randomness. */
export const popularity = defineSystem({
  name: 'POPULARITY',
  label: 'Popularity',
  description:
    'The most rated movies, the same for every user. A movie model must beat it to be published.',
  task: 'MOVIES',
  engine: false,
  seedless: true,
  servable: false,
  hyperparameters,
  async fit(data, _hyperparameters, context: FitContext) {
    context.signal.throwIfAborted();
    assertFit(data);
    const startedAt = performance.now();
    const model = new PopularityModel(interactionCounts(data.interactions));
    return reportOneEpoch(model, startedAt, context);
  },
  load(artifact) {
    assertKind(artifact, KIND);
    const { data } = arrayOf(artifact, 'counts', 'int32', 1);
    if (data.length === 0 || data.some((count) => count < 0))
      throw new CorruptArtifactError('Counts must be 0 or more, one per item.');
    return new PopularityModel(data);
  },
});

class PopularityModel implements Model {
  readonly name = 'POPULARITY';
  readonly space = null;

  /** @param counts [I] */
  constructor(private readonly counts: Int32Array) {}

  get itemCount(): number {
    return this.counts.length;
  }

  score(histories: readonly UserHistory[]): Float32Array {
    const scores = new Float32Array(histories.length * this.itemCount);
    histories.forEach((_, b) => {
      scores.set(this.counts, b * this.itemCount);
    });
    return scores;
  }

  save(): Artifact {
    return {
      kind: KIND,
      format: 1,
      settings: {},
      arrays: { counts: { data: this.counts, shape: [this.itemCount] } },
    };
  }
}
