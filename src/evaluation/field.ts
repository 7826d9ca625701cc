/** The items that compete for one user's list, with their scores: made once, entered by one user
 *  after the other. */
import { Bitset } from '../numeric/bitset';
import { rankedHead, rankOf, tiePlace } from './ranking';

export class Field {
  private readonly outside: Bitset;
  /** Outside, or seen by the user who is in */
  private readonly skip: Bitset;
  private scores: Float32Array = new Float32Array(0);
  private stream = 0;

  /** @param candidates dense item indices; null: the whole catalogue */
  constructor(itemCount: number, candidates: Int32Array | null) {
    this.outside = new Bitset(itemCount);
    this.skip = new Bitset(itemCount);
    if (candidates === null) return;
    for (let item = 0; item < itemCount; item++) this.outside.add(item);
    for (const item of candidates) this.outside.delete(item);
  }

  /** @param scores [I]
   *  @param seen   the user's history: never competes
   *  @param stream of tieStream */
  enter(scores: Float32Array, seen: Int32Array, stream: number): void {
    this.skip.words.set(this.outside.words);
    for (const item of seen) this.skip.add(item);
    this.scores = scores;
    this.stream = stream;
  }

  /** @returns [min(k, candidates)] items, best first */
  head(k: number): Int32Array {
    return rankedHead(this.scores, k, this.stream, this.skip);
  }

  /** @returns the rank, from 1, of an item among all that compete */
  rankOf(item: number): number {
    return rankOf(this.scores, item, this.stream, this.skip);
  }

  /** @param items non-empty
   *  @returns the rank of the one of them that ranks first */
  rankOfFirst(items: Int32Array): number {
    return this.rankOf(items[firstOf(items, this.scores, this.stream)]);
  }

  /** The same among a few: `items` and `competitors`, whether seen or not.
   *  @returns the head, and the rank of the one of `items` that ranks first */
  among(
    items: Int32Array,
    competitors: Int32Array,
    k: number,
  ): { readonly head: Int32Array; readonly firstRank: number } {
    const field = new Int32Array(items.length + competitors.length);
    field.set(items);
    field.set(competitors, items.length);
    const scores = Float32Array.from(field, (item) => this.scores[item]);
    const positions = Int32Array.from(items.keys());
    const first = firstOf(positions, scores, this.stream);
    return {
      head: rankedHead(scores, k, this.stream).map((position) => field[position]),
      firstRank: rankOf(scores, first, this.stream),
    };
  }
}

/** @returns where in `items` the one stands that ranks before the others */
function firstOf(items: Int32Array, scores: Float32Array, stream: number): number {
  let best = 0;
  for (let n = 1; n < items.length; n++) {
    const [own, its] = [scores[items[n]], scores[items[best]]];
    if (own > its || (own === its && tiePlace(stream, items[n]) < tiePlace(stream, items[best]))) best = n;
  }
  return best;
}
