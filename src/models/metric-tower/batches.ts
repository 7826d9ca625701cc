/** Training batches of both objectives, with the taggings and the negatives that they share.
 *
 *  next: every position of a stretch of a history predicts the next item. A position sees the
 *  interactions up to and including its own; its target is the one after.
 *
 *  heldOut: a random part of each history is known, and the rest is predicted in any order,
 *  optionally with a teacher's scores of the known part (`distillation`). Suited to protocols
 *  without order: ratings held out at random, unseen users. */
import { interactionCounts } from '../../interactions/csr';
import { historyOf } from '../../interactions/history';
import type { InteractionLog, TagLog, TrainingData, UserHistory } from '../../interactions/interaction-log';
import type { Random } from '../../numeric/random';
import { RowIndex } from '../../tensor/row-adam';
import type { Model } from '../system';
import { ratingLevel } from './forward';
import { leavesOut, type TwoTowerHyperparameters } from './hyperparameters';
import type { PackedHistories } from './operations';

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
  /** Number of leading items that are the shared negatives */
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

/** Interactions from .. to (rows of the log): row t of from .. to − 1 is known, row t + 1 the
 *  target. */
interface Stretch {
  readonly user: number;
  readonly from: number;
  readonly to: number;
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

  /** One pass over all interactions in random order. Histories longer than the window are cut again
   *  at random in each pass. */
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
      for (let row = Math.max(from, met - 1); row < to; row++)
        mask[(row - from) * negatives.length + j] = 1;
    }
    for (let row = offsets[user]; row <= to; row++) this.metAt[itemIndex[row]] = 0;
  }
}

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
      if (
        chosen.length > 0 &&
        (size + length > this.settings.batchSize || chosen.length >= this.mostUsers)
      ) {
        yield this.assemble(chosen, random);
        chosen = [];
        size = 0;
      }
      chosen.push(this.part(user, random));
      size += length;
    }
    if (chosen.length > 0) yield this.assemble(chosen, random);
  }

  /** At least one rating on either side; if these are excluded dislikes, the part adds nothing to
   *  the loss. */
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
        const options = { sharpness: this.settings.teacherSharpness, weight: distillation / parts.length };
        addSoftmax(row(shares), row(scores), row(known), options);
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
  { sharpness, weight }: { sharpness: number; weight: number },
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

/** Maximum number of tags per user, drawn again each time. */
const TAGS_PER_HISTORY = 64;
/** Questions by movie alone, a batch; they need no history, so they are drawn from all taggings. */
const BY_ITEM = 128;
const NEGATIVES = 512;

/** The taggings that go with a batch. Those of its users are asked by user and movie or by user
 *  alone; others, of anybody, by movie alone. */
export interface TagBatch {
  /** [M] dense tag index of the right answer */
  readonly tags: Int32Array;
  /** [M] position of the user's point in the batch */
  readonly positions: Int32Array;
  /** [M] row of the batch's items */
  readonly items: Int32Array;
  /** [M] 1 where the user is part of the question */
  readonly withUser: Float32Array;
  /** [M] 1 where the movie is part of the question */
  readonly withItem: Float32Array;
  /** [K] distinct dense tag indices */
  readonly negatives: Int32Array;
  /** [M, K] 1 where the negative is a right answer too */
  readonly mask: Float32Array;
}

class TagBatcher {
  /** [U] rows of the log by user */
  private readonly rowsOf: readonly number[][];
  /** Right answers by question: the tags of a user on a movie, of a movie, of a user */
  private readonly answers = new Map<string, Set<number>>();

  constructor(
    private readonly log: TagLog,
    userCount: number,
  ) {
    const rowsOf: number[][] = Array.from({ length: userCount }, () => []);
    log.userIndex.forEach((user, row) => {
      if (user >= 0) rowsOf[user].push(row);
      for (const key of this.keys(row))
        this.answers.set(key, (this.answers.get(key) ?? new Set()).add(log.tagIndex[row]));
    });
    this.rowsOf = rowsOf;
  }

  /** @param users   [S] of the batch's histories
   *  @param offsets [S + 1] of the batch's histories; the user's point is the last one
   *  @param items   takes up the tagged movies
   *  @returns null without taggings */
  assemble(users: Int32Array, offsets: Int32Array, items: RowIndex, random: Random): TagBatch | null {
    const rows: number[] = [];
    const positions: number[] = [];
    users.forEach((user, s) => {
      for (const row of sample(this.rowsOf[user], TAGS_PER_HISTORY, random)) {
        rows.push(row);
        positions.push(offsets[s + 1] - 1);
      }
    });
    const ofUsers = rows.length;
    const total = this.log.tagIndex.length;
    rows.push(...random.sampleWithoutReplacement(total, Math.min(BY_ITEM, total)));
    if (rows.length === 0) return null;
    const questions = rows.map((_, n) =>
      n >= ofUsers ? 'item' : random.integerBelow(3) > 0 ? 'both' : 'user',
    );
    const tagCount = this.log.tags.size;
    const negatives = random.sampleWithoutReplacement(tagCount, Math.min(NEGATIVES, tagCount));
    const mask = new Float32Array(rows.length * negatives.length);
    rows.forEach((row, n) => {
      const [both, item, user] = this.keys(row);
      const right = this.answers.get({ both, item, user }[questions[n]]);
      for (let j = 0; j < negatives.length; j++)
        if (right?.has(negatives[j])) mask[n * negatives.length + j] = 1;
    });
    return {
      tags: Int32Array.from(rows, (row) => this.log.tagIndex[row]),
      positions: Int32Array.from(rows, (_, n) => positions[n] ?? 0),
      items: Int32Array.from(rows, (row) => items.rowOf(this.log.itemIndex[row])),
      withUser: Float32Array.from(questions, (question) => (question === 'item' ? 0 : 1)),
      withItem: Float32Array.from(questions, (question) => (question === 'user' ? 0 : 1)),
      negatives,
      mask,
    };
  }

  private keys(row: number): readonly [string, string, string] {
    const user = this.log.userIndex[row];
    const item = this.log.itemIndex[row];
    return [`${user},${item}`, `,${item}`, `${user},`];
  }
}

function sample(rows: readonly number[], most: number, random: Random): readonly number[] {
  if (rows.length <= most) return rows;
  return Array.from(random.sampleWithoutReplacement(rows.length, most), (at) => rows[at]);
}

/** Draws items in proportion to a power of popularity, with their probabilities (for the softmax's
 *  log-Q correction). */
export class NegativeSampler {
  /** [I] running sum of the weights */
  private readonly cumulative: Float64Array;

  /** @param counts [I] interactions of each item; an item without one counts as one, so that
   *    features alone get pushed too
   *  @param exponent 0 uniform, 1 popularity */
  constructor(counts: ArrayLike<number>, exponent: number) {
    let total = 0;
    this.cumulative = Float64Array.from(counts, (count) => {
      total += Math.max(1, count) ** exponent;
      return total;
    });
  }

  /** `draws` draws with replacement, repeated items dropped.
   *  @returns `items` [k ≤ draws] distinct, and `logQ` [k], the log of the probability of being
   *    among them: log(1 − (1 − q)^draws) */
  draw(draws: number, random: Random): { items: Int32Array; logQ: Float32Array } {
    const drawn = new Set<number>();
    for (let n = 0; n < draws; n++) drawn.add(this.find(random.uniform()));
    const items = Int32Array.from(drawn);
    return {
      items,
      logQ: Float32Array.from(items, (item) =>
        Math.log(-Math.expm1(draws * Math.log1p(-this.probability(item)))),
      ),
    };
  }

  private probability(item: number): number {
    const { cumulative } = this;
    const weight = cumulative[item] - (item > 0 ? cumulative[item - 1] : 0);
    return Math.min(weight / cumulative[cumulative.length - 1], 1 - 1e-12);
  }

  private find(uniform: number): number {
    const { cumulative } = this;
    const wanted = uniform * cumulative[cumulative.length - 1];
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cumulative[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
