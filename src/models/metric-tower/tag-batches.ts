/** The taggings that go with a batch. Those of its users are asked by user and movie or by user
 *  alone; others, of anybody, by movie alone. */
import type { TagLog } from '../../interactions/interaction-log';
import type { Random } from '../../numeric/random';
import type { RowIndex } from './row-index';

/** A user with many tags brings so many of them, drawn anew each time. */
const TAGS_PER_HISTORY = 64;
/** Questions by movie alone, a batch; they need no history, so they are drawn from all taggings. */
const BY_ITEM = 128;
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
   *  @param offsets [S + 1] of the batch's histories; the user's point is the one at the end
   *  @param items   takes up the tagged movies
   *  @returns null when nobody put a tag on anything */
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
