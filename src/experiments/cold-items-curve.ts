/** The curve of new movies that an experiment under COLD_ITEMS keeps if it was asked to: a training
 *  for each number of known ratings. */

import { type ColdStartRow, KNOWN_RATINGS } from '../evaluation/cold-start/curve';
import { itemTrainingData, measureNewItems, planNewItems } from '../evaluation/cold-start/new-items';
import type { PreparedSplit } from '../interactions/splits';
import { type FitContext, type Model, type System } from '../models/system';
import type { TrainingRequest } from './training-messages';

/** Beside the experiment's own training, whose model knows no rating of a new movie. */
export const CURVE_TRAININGS = KNOWN_RATINGS.length - 1;

/** All trainings are alike (seed, hyperparameters, early stopping by the validation movies, which
 *  stay unrated); their models are thrown away.
 *  @param model      of the experiment: the point with 0 known ratings
 *  @param context    of that training; its `onProgress` gets 0 to CURVE_TRAININGS
 *  @returns no rows where no new movie has 25 ratings, and where a training or measurement failed,
 *    in which case `failure` says why
 *  @throws AbortError on the context's signal */
export async function coldItemsCurve(
  algorithm: System,
  model: Model,
  split: PreparedSplit,
  hyperparameters: TrainingRequest['hyperparameters'],
  context: FitContext,
): Promise<{ readonly rows: readonly ColdStartRow[]; readonly failure: string | null }> {
  const { signal } = context;
  try {
    const plan = planNewItems(split);
    if (plan.truth.size === 0) return { rows: [], failure: null };
    const rows: ColdStartRow[] = [];
    for (const [turn, known] of KNOWN_RATINGS.entries()) {
      const onProgress = (fraction: number) => context.onProgress(turn - 1 + fraction);
      const train = () =>
        algorithm.fit(itemTrainingData(split, plan, known), hyperparameters, {
          ...context,
          onEpoch: () => undefined,
          onProgress,
        });
      rows.push(
        ...(await measureNewItems(known === 0 ? model : await train(), split, plan, known, { signal })),
      );
    }
    return { rows, failure: null };
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    return { rows: [], failure: `The curve of new movies could not be measured: ${reason}` };
  }
}
