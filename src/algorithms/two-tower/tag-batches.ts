/** The taggings that go with a batch: those of its users, asked in three ways: by user and movie, by movie alone, by user alone. */
import type { TagLog } from '../../interactions/interaction-log';
import type { Random } from '../../numeric/random';
import type { RowIndex } from './row-index';

/** A user with many tags brings so many of them, drawn anew each time. */
const TAGS_PER_HISTORY = 64;
/** Taggings by people who rated nothing, a batch. */
const ORPHANS_PER_BATCH = 16;
const NEGATIVES = 512;

export interface TagBatch {
  /** [M] dense tag index of the right answer */
  readonly tags: Int32Array;
  /** [M] position in the batch at which the user's point stands */
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

export class TagBatcher {
  /** [U + 1] rows of the log by user; the last list holds those of nobody in it */
  private readonly rowsOf: readonly number[][];
  /** Right answers by question: the tags of a user on a movie, of a movie, of a user */
  private readonly answers = new Map<string, Set<number>>();

  constructor(
    private readonly log: TagLog,
    private readonly userCount: number,
  ) {
    const rowsOf: number[][] = Array.from({ length: userCount + 1 }, () => []);
    log.userIndex.forEach((user, row) => {
      rowsOf[user < 0 ? userCount : user].push(row);
      for (const key of this.keys(row)) this.answers.set(key, (this.answers.get(key) ?? new Set()).add(log.tagIndex[row]));
    });
    this.rowsOf = rowsOf;
  }

  /** @param users   [S] of the batch's histories
   *  @param offsets [S + 1] of the batch's histories; the user's point is the one at the end
   *  @param items   takes up the tagged movies
   *  @returns null when none of these users put a tag on anything */
  assemble(users: Int32Array, offsets: Int32Array, items: RowIndex, random: Random): TagBatch | null {
    const rows: number[] = [];
    const positions: number[] = [];
    users.forEach((user, s) => {
      for (const row of sample(this.rowsOf[user], TAGS_PER_HISTORY, random)) {
        rows.push(row);
        positions.push(offsets[s + 1] - 1);
      }
    });
    const known = rows.length;
    rows.push(...sample(this.rowsOf[this.userCount], ORPHANS_PER_BATCH, random));
    if (rows.length === 0) return null;
    // Half of the questions name user and movie, a quarter each the movie or the user alone.
    const questions = rows.map((_, n) => (n >= known ? 'item' : (['both', 'both', 'item', 'user'] as const)[random.integerBelow(4)]));
    const tagCount = this.log.tags.size;
    const negatives = random.sampleWithoutReplacement(tagCount, Math.min(NEGATIVES, tagCount));
    const mask = new Float32Array(rows.length * negatives.length);
    rows.forEach((row, n) => {
      const [both, item, user] = this.keys(row);
      const right = this.answers.get({ both, item, user }[questions[n]]);
      for (let j = 0; j < negatives.length; j++) if (right?.has(negatives[j])) mask[n * negatives.length + j] = 1;
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
