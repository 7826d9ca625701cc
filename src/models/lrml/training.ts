/** The training loop of LRML: points move pair by pair, the memory, which all pairs share, by the
 *  sum over a few of them. */
import type { InteractionLog } from '../../interactions/interaction-log';
import type { Random } from '../../numeric/random';
import { ImpostorSearch, type Numbers, squaredDistance } from '../impostors';
import type { PairSampler } from '../pair-sampler';
import type { Turns } from '../turns';
import type { AdaGradTable, UnitBallTable } from '../unit-ball';
import { differentiatePair, lrmlGradient } from './pair-gradient';
import { Relation } from './relation';

/** Pairs between two looks at the clock. */
const STRIDE = 2_048;
/** Pairs to a step of keys and memories: a step of them costs as much as a pair does. */
const MEMORY_BATCH = 64;

export interface LrmlTables {
  readonly users: UnitBallTable;
  readonly items: UnitBallTable;
  /** [N, d] */
  readonly keys: AdaGradTable;
  /** [N, d] */
  readonly memories: UnitBallTable;
}

export interface LrmlEpoch {
  readonly log: InteractionLog;
  readonly sampler: PairSampler;
  readonly margin: number;
  readonly negatives: number;
  /** 0 for the first */
  readonly epoch: number;
  readonly epochs: number;
}

/** As many pairs as there are interactions.
 *  @returns the mean of L */
export async function trainLrmlEpoch(
  tables: LrmlTables,
  plan: LrmlEpoch,
  random: Random,
  turns: Turns,
): Promise<number> {
  const { log, sampler, epoch, epochs } = plan;
  const step = new LrmlStep(tables, plan);
  const pairs = log.itemIndex.length;
  let loss = 0;
  for (let from = 0; from < pairs; from += STRIDE) {
    const until = Math.min(pairs, from + STRIDE);
    for (let pair = from; pair < until; pair++) {
      const row = sampler.row(random);
      loss += step.take(sampler.userOf(row), log.itemIndex[row], random);
    }
    if (turns.due()) await turns.take((epoch + from / pairs) / epochs);
  }
  step.moveMemory();
  return loss / pairs;
}

class LrmlStep {
  private readonly d: number;
  private readonly relation: Relation;
  private readonly impostors: ImpostorSearch;
  private readonly gradient;
  private readonly shared: { readonly keys: Float64Array; readonly memories: Float64Array };
  private readonly query: Float32Array;
  private pending = 0;

  constructor(
    private readonly tables: LrmlTables,
    private readonly plan: LrmlEpoch,
  ) {
    const { items, keys, memories } = tables;
    this.d = items.d;
    this.relation = new Relation(keys.rows, memories.rows, items.d);
    this.impostors = new ImpostorSearch(items.rows, items.d, plan.sampler);
    this.gradient = lrmlGradient(items.d);
    this.shared = { keys: new Float64Array(keys.rows.length), memories: new Float64Array(keys.rows.length) };
    this.query = new Float32Array(items.d);
  }

  /** @returns L before the step */
  take(user: number, positive: number, random: Random): number {
    const { tables, plan, d, relation, impostors, gradient, query } = this;
    const { users, items } = tables;
    const [u, p] = [user * d, positive * d];
    relation.attend(users.rows, u, items.rows, p);
    translate(users.rows, u, relation, query);
    const reach = plan.margin + squaredDistance(query, 0, items.rows, p, d);
    impostors.search(query, 0, { reach, user, draws: plan.negatives }, random);
    const { nearest } = impostors;
    if (nearest < 0) return 0;
    differentiatePair(
      { user: [users.rows, u], positive: [items.rows, p], negative: [items.rows, nearest * d] },
      relation,
      gradient,
    );
    relation.accumulate(gradient.relation, this.shared);
    users.descend(user, gradient.user);
    items.descend(positive, gradient.positive);
    items.descend(nearest, gradient.negative);
    if (++this.pending === MEMORY_BATCH) this.moveMemory();
    return reach - impostors.distance;
  }

  moveMemory(): void {
    const { tables, shared, d, relation } = this;
    for (let slot = 0; slot < relation.slots; slot++) {
      tables.keys.descend(slot, shared.keys.subarray(slot * d, (slot + 1) * d));
      tables.memories.descend(slot, shared.memories.subarray(slot * d, (slot + 1) * d));
    }
    shared.keys.fill(0);
    shared.memories.fill(0);
    this.pending = 0;
  }
}

/** query = p + r. */
export function translate(user: Numbers, u: number, relation: Relation, query: Float32Array): void {
  for (let k = 0; k < query.length; k++) query[k] = user[u + k] + relation.vector[k];
}
