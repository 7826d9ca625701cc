/** Batches of the held-out objective: a random part of each history is known, and the rest is to be
 *  found, whatever its order; by choice a teacher's scores of the known part besides
 *  (`distillation`). For what is asked of a model when order says nothing: ratings held out at
 *  random, users never seen. */
import { historyOf } from '../../interactions/history';
import type { InteractionLog, TrainingData, UserHistory } from '../../interactions/interaction-log';
import type { Random } from '../../numeric/random';
import { type Model } from '../system';
import type { BatchSource, HeldOutBatch } from './batches';
import { leavesOut } from './dislikes';
import type { TwoTowerHyperparameters } from './hyperparameters';
import { RowIndex } from './row-index';
import { TagBatcher } from './tag-batches';
import { ratingLevel } from './user-tower';

/** Users × catalogue of one batch: 16 MB for each matrix. */
const MAX_CELLS = 4 * 1024 * 1024;

interface Parted {
  readonly user: number;
  readonly known: UserHistory;
  readonly sought: Int32Array;
}

export class HeldOutBatches implements BatchSource {
  private readonly log: InteractionLog;
  private readonly tags: TagBatcher;
  private readonly everything: Int32Array;

  /** @param teacher what `distillation` learns from; null: from the held-out ratings alone */
  constructor(
    data: TrainingData,
    private readonly settings: TwoTowerHyperparameters,
    private readonly teacher: Model | null,
  ) {
    this.log = data.interactions;
    this.tags = new TagBatcher(data.taggings, this.log.users.size);
    this.everything = Int32Array.from({ length: this.log.items.size }, (_, item) => item);
  }

  get expectedPerEpoch(): number {
    return Math.max(
      1,
      Math.ceil(
        Math.max(this.log.itemIndex.length / this.settings.batchSize, this.log.users.size / this.mostUsers),
      ),
    );
  }

  private get mostUsers(): number {
    return Math.max(1, Math.floor(MAX_CELLS / this.log.items.size));
  }

  *epoch(random: Random): Generator<HeldOutBatch> {
    const { offsets, users } = this.log;
    let chosen: Parted[] = [];
    let size = 0;
    for (const user of random.shuffle(Int32Array.from({ length: users.size }, (_, index) => index))) {
      const length = offsets[user + 1] - offsets[user];
      if (length < 2) continue;
      if (chosen.length > 0 && (size + length > this.settings.batchSize || chosen.length >= this.mostUsers)) {
        yield this.assemble(chosen, random);
        chosen = [];
        size = 0;
      }
      chosen.push(this.part(user, random));
      size += length;
    }
    if (chosen.length > 0) yield this.assemble(chosen, random);
  }

  /** At least one rating on either side; nothing to find where these are dislikes that are left
   *  out: such a part adds nothing to the loss. */
  private part(user: number, random: Random): Parted {
    const history = historyOf(this.log, user);
    const count = history.items.length;
    const isKnown = Uint8Array.from({ length: count }, () =>
      random.uniform() < this.settings.knownShare ? 1 : 0,
    );
    const total = isKnown.reduce((sum, one) => sum + one, 0);
    if (total === 0 || total === count) isKnown[random.integerBelow(count)] ^= 1;
    const known = (_: number, row: number) => isKnown[row] === 1;
    const { items, values, timestamps } = history;
    return {
      user,
      known: {
        ...history,
        items: items.filter(known),
        values: values.filter(known),
        timestamps: timestamps.filter(known),
      },
      sought: items.filter((_, row) => isKnown[row] === 0 && !leavesOut(this.settings, values[row])),
    };
  }

  private assemble(parts: readonly Parted[], random: Random): HeldOutBatch {
    const offsets = new Int32Array(parts.length + 1);
    parts.forEach(({ known }, s) => {
      offsets[s + 1] = offsets[s] + known.items.length;
    });
    const rows = new Int32Array(offsets[parts.length]);
    const levels = new Uint8Array(rows.length);
    parts.forEach(({ known }, s) => {
      rows.set(known.items, offsets[s]);
      levels.set(Uint8Array.from(known.values, ratingLevel), offsets[s]);
    });
    const users = Int32Array.from(parts, ({ user }) => user);
    const oneEach = Int32Array.from({ length: parts.length + 1 }, (_, s) => s);
    const taggings =
      this.settings.tagWeight > 0
        ? this.tags.assemble(users, oneEach, new RowIndex(this.everything), random)
        : null;
    return {
      objective: 'heldOut',
      items: this.everything,
      histories: { rows, levels, offsets },
      users,
      taggings,
      ...this.targets(parts),
    };
  }

  /** The shares of the loss add up to 1 for the ratings, and to `distillation` for the teacher. */
  private targets(parts: readonly Parted[]): Pick<HeldOutBatch, 'shares' | 'known'> {
    const { userBalance, distillation } = this.settings;
    const itemCount = this.everything.length;
    const known = new Float32Array(parts.length * itemCount);
    const shares = new Float32Array(known.length);
    const total = parts.reduce((sum, { sought }) => sum + sought.length ** (1 - userBalance), 0);
    parts.forEach(({ known: { items }, sought }, s) => {
      for (const item of items) known[s * itemCount + item] = 1;
      for (const item of sought) shares[s * itemCount + item] = sought.length ** -userBalance / total;
    });
    if (this.teacher !== null) {
      const scores = this.teacher.score(parts.map((part) => part.known));
      parts.forEach((_, s) => {
        const row = (values: Float32Array) => values.subarray(s * itemCount, (s + 1) * itemCount);
        addSoftmax(
          row(shares),
          row(scores),
          row(known),
          this.settings.teacherSharpness,
          distillation / parts.length,
        );
      });
    }
    return { shares, known };
  }
}

/** out += weight · softmax(sharpness · scores) over what is not known. All [I]. */
function addSoftmax(
  out: Float32Array,
  scores: Float32Array,
  known: Float32Array,
  sharpness: number,
  weight: number,
): void {
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) if (known[i] === 0 && scores[i] > highest) highest = scores[i];
  const powers = Float64Array.from(scores, (score, i) =>
    known[i] === 0 ? Math.exp(sharpness * (score - highest)) : 0,
  );
  const total = powers.reduce((sum, power) => sum + power, 0);
  if (total === 0) return;
  for (let i = 0; i < out.length; i++) out[i] += (weight * powers[i]) / total;
}
