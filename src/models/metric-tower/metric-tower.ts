/** The metric tower: our own system, after Luo et al. (shared/paper, section III), made aware of
 *  the order of a history.
 *
 *  A user tower and an item tower put users and movies into one Euclidean space; the nearest movies
 *  are recommended, and tags lie in the same space. The item tower is an identity embedding plus a
 *  multi-layer perceptron over genres, year and tags; the user tower pools the points of what the
 *  user rated: the long-run mean and two means that forget exponentially, each with a gate per
 *  dimension and a weight per star level. Every position of a history is trained to predict the
 *  next (as SASRec, Kang and McAuley, ICDM 2018), by a sampled softmax over −d² with log-Q
 *  correction (Bengio and Senécal 2008) or by the paper's triplet hinge. A new user or a new rating
 *  needs no retraining. docs/model.md has the figures. */
import { interactionCounts } from '../../interactions/csr';
import type { TrainingData } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';
import { loadEngine } from '../../tensor';
import { assertFit } from '../checks';
import { defineSystem, UnfitDataError } from '../system';
import { hyperparametersSchema } from './hyperparameters';
import { buildFeatureVectors } from './item-features';
import { TwoTowerModel } from './model';
import { initialParameters } from './parameters';
import { STREAM, train } from './training';
import { demographicKeys } from './user-tower';

export type { TwoTowerHyperparameters } from './hyperparameters';

export const twoTower = defineSystem({
  name: 'TWO_TOWER',
  label: 'Ours (metric tower)',
  description:
    'Metric learning: a user tower and an item tower place users and movies in one Euclidean space, and the nearest movies are recommended (after Luo et al., 2024).',
  task: 'MOVIES',
  engine: true,
  seedless: false,
  servable: true,
  hyperparameters: hyperparametersSchema,

  async fit(data, settings, context) {
    refuseUnfit(data);
    await loadEngine({ backend: context.backend === 'auto' ? undefined : context.backend });
    const keysOf = data.demographics?.map(demographicKeys) ?? [];
    const keys = [...new Set(keysOf.flat())].sort();
    const rowOf = new Map(keys.map((key, row) => [key, row]));
    const ratedItems = Uint8Array.from(interactionCounts(data.interactions), (count) => Math.min(1, count));
    const sizes = {
      ratedItems,
      tags: data.taggings.tags.size,
      genres: data.itemFeatures.genreNames.length,
      demographics: keys.length,
    };
    const parameters = initialParameters(sizes, settings, new Random(context.seed, STREAM.initial));
    const features = buildFeatureVectors(data);
    const demographics = keys.length === 0 ? null : keysOf.map((list) => list.map((key) => rowOf.get(key)!));
    return train(
      {
        data,
        parameters,
        settings,
        step: { settings, features, ratedItems, demographics },
        demographicKeys: keys,
      },
      context,
    );
  },

  load: (artifact) => new TwoTowerModel(artifact),
});

/** @throws UnfitDataError */
function refuseUnfit(data: TrainingData): void {
  assertFit(data);
  const { items, offsets } = data.interactions;
  if (items.size < 2)
    throw new UnfitDataError('The catalogue holds one item only: there is nothing to rank.');
  const hasNext = offsets.subarray(1).some((to, user) => to - offsets[user] >= 2);
  if (!hasNext) throw new UnfitDataError('Nobody has two interactions: there is no next item to learn from.');
}
