/** How much of a system's accuracy is left when its training data are poisoned or perturbed. */

import type { TrainingData } from '../../interactions/interaction-log';
import { historyBefore, type PreparedSplit, prepareSplit } from '../../interactions/splits';
import { type FitContext, type Model, type System } from '../../models/system';
import { Bitset } from '../../numeric/bitset';
import { evaluate } from '../evaluate';
import { EVALUATION_SEED, rankedHead, tieStream } from '../ranking';
import { scoredBatches } from '../scoring';
import type { MetricRow } from '../tally';
import { type DataPerturbation, perturb } from './perturbation';
import { type Poisoning, poison } from './poisoning';

export type Disturbance =
  | { readonly kind: 'POISONING'; readonly poisoning: Poisoning }
  | { readonly kind: 'PERTURBATION'; readonly perturbation: Omit<DataPerturbation, 'spared'> };

/** Each user's last two interactions are held out. */
const SPARED = 2;
/** Places of a list in which a pushed item counts as shown. */
export const SHOWN = 10;

export interface RobustnessRow {
  /** Null: the data as they are */
  readonly disturbance: Disturbance | null;
  /** On the real users' last interactions, sampled and full catalogue */
  readonly metrics: readonly MetricRow[];
  /** Share of the real users who do not have it and are shown a pushed item among the first SHOWN,
   *  averaged over the pushed items ("hit ratio" of the attack); NaN without targets */
  readonly pushed: number;
}

export interface RobustnessOptions {
  /** The system is retrained for each of them */
  readonly disturbances: readonly Disturbance[];
  /** Whose place in the lists is looked at, for the data as they are too */
  readonly targets: Int32Array;
  readonly context: Pick<FitContext, 'seed' | 'backend' | 'signal'>;
  readonly onRow?: (row: RobustnessRow) => void;
}

/** The same system, hyperparameters and seed, on the data as they are and on each disturbed form of
 *  them. What is held out is held out before the disturbance, which never touches it, and only real
 *  users are measured. Poison is in the training data alone; a perturbation is in the histories
 *  that are ranked after as well, since the false ratings are unknown. Every training takes all the
 *  epochs that are set: early stopping by clean validation items would leak which ratings are
 *  clean.
 *  @returns a row for the data as they are, then one for each disturbance */
export async function measureRobustness<Hyperparameters>(
  algorithm: System<'MOVIES', Hyperparameters>,
  hyperparameters: Hyperparameters,
  data: TrainingData,
  { disturbances, targets, context, onRow }: RobustnessOptions,
): Promise<RobustnessRow[]> {
  const rows: RobustnessRow[] = [];
  for (const disturbance of [null, ...disturbances]) {
    const split = disturbed(data, disturbance);
    const model = await algorithm.fit(split.trainingData, hyperparameters, {
      ...context,
      onEpoch() {},
      onProgress() {},
    });
    const { rows: metrics } = await evaluate(model, split, { splits: ['TEST'], signal: context.signal });
    const row = { disturbance, metrics, pushed: pushedShare(model, split, targets) };
    rows.push(row);
    onRow?.(row);
  }
  return rows;
}

/** @returns the split of the data whose training part, and for a perturbation whose histories, are
 *    disturbed */
export function disturbed(data: TrainingData, disturbance: Disturbance | null): PreparedSplit {
  if (disturbance?.kind === 'PERTURBATION')
    return prepareSplit(perturb(data, { ...disturbance.perturbation, spared: SPARED }));
  const split = prepareSplit(data);
  return disturbance === null
    ? split
    : { ...split, trainingData: poison(split.trainingData, disturbance.poisoning) };
}

/** See RobustnessRow.pushed. */
export function pushedShare(model: Model, split: PreparedSplit, targets: Int32Array): number {
  const { users } = split.parts.TEST;
  let [shown, asked] = [0, 0];
  for (const batch of scoredBatches(model, users, (user) => historyBefore(split, user, 'TEST'))) {
    for (const { key: user, query, scores } of batch) {
      const seen = Bitset.of(model.itemCount, query.items);
      const head = rankedHead(scores, SHOWN, tieStream(EVALUATION_SEED, split.full.users.ids[user]), seen);
      for (const target of targets) {
        if (seen.has(target)) continue;
        asked++;
        if (head.includes(target)) shown++;
      }
    }
  }
  return shown / asked;
}
