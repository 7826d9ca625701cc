/** Training batches: the items before some moment of a history, the items that came next, and items
 *  that never came. */
import { interactionCounts } from '../../interactions/csr';
import type { InteractionLog } from '../../interactions/interaction-log';
import type { Random } from '../../numeric/random';

interface WindowSettings {
  /** Windows a batch (S). */
  readonly batchSize: number;
  /** Items of a history that are looked at (n). */
  readonly window: number;
  /** Items that came next, a window. */
  readonly positives: number;
  /** Items that never came, for each that did. */
  readonly negatives: number;
}

export interface WindowBatch {
  readonly windows: number;
  /** [S, n] dense item indices, the latest at the end; item 0 where the history is shorter */
  readonly history: Int32Array;
  /** [S, n] 1 where there is an item */
  readonly mask: Float32Array;
  /** n of this batch: its longest history */
  readonly length: number;
  /** [S, T] dense item indices; item 0 where there are fewer */
  readonly targets: Int32Array;
  /** [S, T] 1 for what came next */
  readonly labels: Float32Array;
  /** [S, T] 1 where there is a target */
  readonly weights: Float32Array;
}

/** Rows from .. to − 1 of the log are predicted from the rows before them. */
interface Window {
  readonly user: number;
  readonly from: number;
  readonly to: number;
}

export class Windows {
  /** Items with interactions: the others are not known to be disliked */
  private readonly candidates: Int32Array;
  /** [I] 1 + the user at hand where that user has the item */
  private readonly owner: Int32Array;

  constructor(
    private readonly log: InteractionLog,
    private readonly settings: WindowSettings,
  ) {
    const counts = interactionCounts(log);
    this.candidates = Int32Array.from(counts.keys()).filter((item) => counts[item] > 0);
    this.owner = new Int32Array(log.items.size);
  }

  /** Approximate number of batches per epoch, for the learning rate schedule; the random cuts make
   *  it vary slightly. */
  get expectedPerEpoch(): number {
    const { users, itemIndex } = this.log;
    const { positives, batchSize } = this.settings;
    return Math.max(1, Math.ceil((itemIndex.length - users.size) / positives / batchSize));
  }

  /** Every interaction but the first of each user is predicted once; histories are cut again at
   *  random in each pass. */
  *epoch(random: Random): Generator<WindowBatch> {
    const windows = this.cut(random);
    const order = random.shuffle(Int32Array.from(windows.keys()));
    for (let at = 0; at < order.length; at += this.settings.batchSize) {
      yield this.assemble(
        Array.from(order.subarray(at, at + this.settings.batchSize), (index) => windows[index]),
        random,
      );
    }
  }

  private cut(random: Random): Window[] {
    const { offsets, users } = this.log;
    const { positives } = this.settings;
    const windows: Window[] = [];
    for (let user = 0; user < users.size; user++) {
      const end = offsets[user + 1];
      let length = 1 + random.integerBelow(positives);
      for (let from = offsets[user] + 1; from < end; from += length, length = positives) {
        windows.push({ user, from, to: Math.min(end, from + length) });
      }
    }
    return windows;
  }

  private assemble(windows: readonly Window[], random: Random): WindowBatch {
    const { itemIndex, offsets } = this.log;
    const { window, positives, negatives } = this.settings;
    const length = windows.reduce(
      (longest, { user, from }) => Math.max(longest, Math.min(window, from - offsets[user])),
      1,
    );
    const t = positives * (1 + negatives);
    const batch = {
      windows: windows.length,
      length,
      history: new Int32Array(windows.length * length),
      mask: new Float32Array(windows.length * length),
      targets: new Int32Array(windows.length * t),
      labels: new Float32Array(windows.length * t),
      weights: new Float32Array(windows.length * t),
    };
    windows.forEach(({ user, from, to }, s) => {
      const known = itemIndex.subarray(Math.max(offsets[user], from - length), from);
      batch.history.set(known, (s + 1) * length - known.length);
      batch.mask.fill(1, (s + 1) * length - known.length, (s + 1) * length);
      const next = itemIndex.subarray(from, to);
      batch.targets.set(next, s * t);
      batch.labels.fill(1, s * t, s * t + next.length);
      batch.weights.fill(1, s * t, s * t + next.length);
      const never = this.negatives(user, next.length * negatives, random);
      batch.targets.set(never, s * t + positives);
      batch.weights.fill(1, s * t + positives, s * t + positives + never.length);
    });
    return batch;
  }

  /** @returns items that the user has at no time, uniform; none for a user of everything */
  private negatives(user: number, count: number, random: Random): Int32Array {
    const { candidates, owner } = this;
    const own = this.log.itemIndex.subarray(this.log.offsets[user], this.log.offsets[user + 1]);
    if (own.length >= candidates.length) return new Int32Array(0);
    for (const item of own) owner[item] = user + 1;
    return Int32Array.from({ length: count }, () => {
      for (;;) {
        const item = candidates[random.integerBelow(candidates.length)];
        if (owner[item] !== user + 1) return item;
      }
    });
  }
}
