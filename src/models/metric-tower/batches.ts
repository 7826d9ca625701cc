/** Training batches: stretches of histories in which every position predicts the next item, and the
 *  negatives they share. A position sees the interactions up to and including its own; its target
 *  is the one after. */

import { interactionCounts } from '../../interactions/csr';
import type { InteractionLog, TrainingData } from '../../interactions/interaction-log';
import type { Random } from '../../numeric/random';
import { leavesOut } from './dislikes';
import type { PackedHistories } from './history-values';
import type { TwoTowerHyperparameters } from './hyperparameters';
import { NegativeSampler } from './negative-sampler';
import { RowIndex } from './row-index';
import { type TagBatch, TagBatcher } from './tag-batches';
import { ratingLevel } from './user-tower';

/** Interactions from .. to (rows of the log): row t of from .. to − 1 is known, row t + 1 the
 *  target. */
interface Stretch {
  readonly user: number;
  readonly from: number;
  readonly to: number;
}

interface AnyBatch {
  /** [R] dense item indices, each once */
  readonly items: Int32Array;
  /** [N] positions, rows of `items` */
  readonly histories: PackedHistories;
  /** [S] dense user index of each history */
  readonly users: Int32Array;
  readonly taggings: TagBatch | null;
}

/** Every position of a history predicts the next item. */
export interface NextBatch extends AnyBatch {
  readonly objective: 'next';
  /** The first so many of the items are the shared negatives */
  readonly negatives: number;
  /** [N] rows of `items` */
  readonly targets: Int32Array;
  /** [N] */
  readonly weights: Float32Array;
  /** [N, negatives] 1 where the negative is the target or was seen before it */
  readonly mask: Float32Array;
  /** [negatives] */
  readonly logQ: Float32Array;
}

/** The end of each history predicts what was held out of it; the items are the whole catalogue. */
export interface HeldOutBatch extends AnyBatch {
  readonly objective: 'heldOut';
  /** [S, R] of the loss */
  readonly shares: Float32Array;
  /** [S, R] 1 for what is in the history */
  readonly known: Float32Array;
}

export type Batch = NextBatch | HeldOutBatch;

export interface BatchSource {
  epoch(random: Random): Generator<Batch>;
  /** How many batches an epoch has, for the learning rate's schedule; it may vary by a few. */
  readonly expectedPerEpoch: number;
}

export class Batches implements BatchSource {
  private readonly log: InteractionLog;
  private readonly sampler: NegativeSampler;
  private readonly tags: TagBatcher;
  /** [I] scratch: 1 + the row of the log at which the user at hand met the item */
  private readonly metAt: Int32Array;

  constructor(
    data: TrainingData,
    private readonly settings: TwoTowerHyperparameters,
  ) {
    this.log = data.interactions;
    this.sampler = new NegativeSampler(interactionCounts(this.log), settings.negativeExponent);
    this.tags = new TagBatcher(data.taggings, this.log.users.size);
    this.metAt = new Int32Array(this.log.items.size);
  }

  /** One pass over all interactions in random order. Histories longer than the window are cut anew,
   *  at random, in each pass. */
  *epoch(random: Random): Generator<NextBatch> {
    const stretches = this.cut(random);
    const order = random.shuffle(Int32Array.from(stretches.keys()));
    let chosen: Stretch[] = [];
    let size = 0;
    for (const index of order) {
      const stretch = stretches[index];
      const length = stretch.to - stretch.from;
      if (size > 0 && size + length > this.settings.batchSize) {
        yield this.assemble(chosen, random);
        chosen = [];
        size = 0;
      }
      chosen.push(stretch);
      size += length;
    }
    if (size > 0) yield this.assemble(chosen, random);
  }

  get expectedPerEpoch(): number {
    const { users, itemIndex } = this.log;
    return Math.max(1, Math.ceil((itemIndex.length - users.size) / this.settings.batchSize));
  }

  private cut(random: Random): Stretch[] {
    const { offsets, users } = this.log;
    const window = Math.min(this.settings.window, this.settings.batchSize);
    const stretches: Stretch[] = [];
    for (let user = 0; user < users.size; user++) {
      const last = offsets[user + 1] - 1;
      let from = offsets[user];
      let length = last - from > window ? 1 + random.integerBelow(window) : window;
      for (; from < last; from += length, length = window)
        stretches.push({ user, from, to: Math.min(last, from + length) });
    }
    return stretches;
  }

  private assemble(stretches: readonly Stretch[], random: Random): NextBatch {
    const { itemIndex, value, offsets } = this.log;
    const drawn = this.sampler.draw(Math.min(this.settings.negatives, this.log.items.size * 4), random);
    const index = new RowIndex(drawn.items);
    const n = stretches.reduce((size, { from, to }) => size + to - from, 0);
    const rows = new Int32Array(n);
    const targets = new Int32Array(n);
    const levels = new Uint8Array(n);
    const weights = new Float32Array(n);
    const starts = new Int32Array(stretches.length + 1);
    const mask = new Float32Array(n * drawn.items.length);
    let at = 0;
    stretches.forEach(({ user, from, to }, s) => {
      this.maskSeen(mask.subarray(at * drawn.items.length), drawn.items, { user, from, to });
      const weight = (offsets[user + 1] - offsets[user]) ** -this.settings.userBalance;
      for (let row = from; row < to; row++, at++) {
        rows[at] = index.rowOf(itemIndex[row]);
        levels[at] = ratingLevel(value[row]);
        targets[at] = index.rowOf(itemIndex[row + 1]);
        weights[at] = leavesOut(this.settings, value[row + 1]) ? 0 : weight;
      }
      starts[s + 1] = at;
    });
    const users = Int32Array.from(stretches, ({ user }) => user);
    const taggings = this.settings.tagWeight > 0 ? this.tags.assemble(users, starts, index, random) : null;
    const histories = { rows, levels, offsets: starts };
    return {
      objective: 'next',
      items: index.values(),
      negatives: drawn.items.length,
      histories,
      users,
      targets,
      weights,
      mask,
      logQ: drawn.logQ,
      taggings,
    };
  }

  /** What a user has seen is never recommended, so it need not be pushed away: neither it nor the
   *  target is a negative. */
  private maskSeen(mask: Float32Array, negatives: Int32Array, { user, from, to }: Stretch): void {
    const { itemIndex, offsets } = this.log;
    for (let row = offsets[user]; row <= to; row++) this.metAt[itemIndex[row]] = row + 1;
    for (let j = 0; j < negatives.length; j++) {
      const met = this.metAt[negatives[j]] - 1;
      if (met < 0) continue;
      for (let row = Math.max(from, met - 1); row < to; row++) mask[(row - from) * negatives.length + j] = 1;
    }
    for (let row = offsets[user]; row <= to; row++) this.metAt[itemIndex[row]] = 0;
  }
}
