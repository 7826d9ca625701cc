/** The training loop of CML: a pair, its sampled impostors, a step on three points; now and then a
 *  step against covariance. */
import type { InteractionLog } from '../../interactions/interaction-log';
import type { Random } from '../../numeric/random';
import { ImpostorSearch, rankWeight, squaredDistance } from '../impostors';
import type { PairSampler } from '../pair-sampler';
import type { Turns } from '../turns';
import type { UnitBallTable } from '../unit-ball';
import { covarianceGradient } from './covariance';
import { differentiate, tripletGradient } from './triplet';

/** Pairs between two looks at the clock, and between two steps against covariance. */
const STRIDE = 8_192;
/** The covariance is taken over the users and items of so many of these pairs: enough for its d²
 *  numbers at little cost. */
const COVARIANCE_PAIRS = 128;

export interface CmlLosses {
  readonly margin: number;
  readonly negatives: number;
  readonly covarianceWeight: number;
}

export interface CmlEpoch {
  readonly log: InteractionLog;
  readonly sampler: PairSampler;
  readonly losses: CmlLosses;
  /** 0 for the first */
  readonly epoch: number;
  readonly epochs: number;
}

/** As many pairs as there are interactions.
 *  @returns the mean of L over the pairs (without the covariance) */
export async function trainCmlEpoch(
  users: UnitBallTable,
  items: UnitBallTable,
  plan: CmlEpoch,
  random: Random,
  turns: Turns,
): Promise<number> {
  const { log, sampler, losses, epoch, epochs } = plan;
  const step = new CmlStep(users, items, sampler, losses);
  const pairs = log.itemIndex.length;
  let loss = 0;
  for (let from = 0; from < pairs; from += STRIDE) {
    const until = Math.min(pairs, from + STRIDE);
    for (let pair = from; pair < until; pair++) {
      const row = sampler.row(random);
      loss += step.take(sampler.userOf(row), log.itemIndex[row], random);
    }
    if (losses.covarianceWeight > 0) {
      const rows = Int32Array.from({ length: COVARIANCE_PAIRS }, () => sampler.row(random));
      const usersOf = rows.map((row) => sampler.userOf(row));
      const itemsOf = rows.map((row) => log.itemIndex[row]);
      decorrelate([users, usersOf], [items, itemsOf], losses.covarianceWeight);
    }
    if (turns.due()) await turns.take((epoch + from / pairs) / epochs);
  }
  return loss / pairs;
}

class CmlStep {
  private readonly gradient;
  private readonly impostors;

  constructor(
    private readonly users: UnitBallTable,
    private readonly items: UnitBallTable,
    sampler: PairSampler,
    private readonly losses: CmlLosses,
  ) {
    this.gradient = tripletGradient(users.d);
    this.impostors = new ImpostorSearch(items.rows, items.d, sampler);
  }

  /** @returns L before the step */
  take(user: number, positive: number, random: Random): number {
    const { users, items, gradient, impostors, losses } = this;
    const d = users.d;
    const [u, p] = [user * d, positive * d];
    const reach = losses.margin + squaredDistance(users.rows, u, items.rows, p, d);
    impostors.search(users.rows, u, { reach, user, draws: losses.negatives }, random);
    if (impostors.nearest < 0) return 0;
    const weight = rankWeight(impostors.count, losses.negatives, items.rows.length / d);
    differentiate(
      { user: [users.rows, u], positive: [items.rows, p], negative: [items.rows, impostors.nearest * d] },
      weight,
      gradient,
    );
    users.descend(user, gradient.user);
    items.descend(positive, gradient.positive);
    items.descend(impostors.nearest, gradient.negative);
    return weight * (reach - impostors.distance);
  }
}

type Chosen = readonly [UnitBallTable, Int32Array];

/** A step against the covariance of the chosen users and items together. */
function decorrelate(users: Chosen, items: Chosen, weight: number): void {
  const d = users[0].d;
  const points = new Float64Array((users[1].length + items[1].length) * d);
  const gradient = new Float64Array(points.length);
  let at = 0;
  for (const [{ rows }, chosen] of [users, items]) {
    for (const row of chosen) {
      points.set(rows.subarray(row * d, (row + 1) * d), at);
      at += d;
    }
  }
  covarianceGradient(points, d, gradient);
  for (let n = 0; n < gradient.length; n++) gradient[n] *= weight;
  at = 0;
  for (const [table, chosen] of [users, items]) {
    for (const row of chosen) {
      table.descend(row, gradient.subarray(at, at + d));
      at += d;
    }
  }
}
