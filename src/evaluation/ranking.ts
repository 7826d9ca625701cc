/** From scores to a ranking. Equal scores are ordered at random, by user and seed: a system that
 *  cannot tell items apart gets what chance gets, and neither the catalogue's order nor the
 *  held-out item's place in the candidate list can help it. */
import { Bitset } from '../numeric/bitset';
import { splitmix64 } from '../numeric/random';
import { topK } from '../numeric/top-k';

// A local name: inside Jest every use of a global is a slow look-up, and this is an inner loop.
const { imul } = Math;

/** One for all experiments, whatever seed they trained with: else they would be measured against
 *  different candidates. */
export const EVALUATION_SEED = 1;

/** @returns a 32-bit hash of a seed and a user (external id): the start of the random order among
 *    ties */
export function tieStream(seed: number, userId: number): number {
  return Number(splitmix64((BigInt(seed) << 32n) ^ BigInt(userId))() & 0xffff_ffffn) | 0;
}

/** A stream of `tieStream`; null: by index. */
export type Ties = number | null;

/** The order among equals: a bijection of 32 bits (murmur3's finalizer), so that two items never
 *  share a place.
 *  @returns unsigned 32 bits; the lower ranks first */
export function tiePlace(stream: Ties, item: number): number {
  if (stream === null) return item;
  let h = stream ^ imul(item + 1, 0x9e3779b1);
  h = imul(h ^ (h >>> 16), 0x85ebca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The k best of the scores, highest first.
 *  @param skip left out
 *  @returns [min(k, candidates)] positions in `scores` */
export function rankedHead(
  scores: Float32Array,
  k: number,
  stream: Ties,
  skip: Bitset | null = null,
): Int32Array {
  const head = topK(scores, k, skip);
  if (head.length === 0) return head;
  const cut = scores[head[head.length - 1]];
  const better = head.filter((position) => scores[position] > cut);
  better.sort((a, b) => scores[b] - scores[a] || tiePlace(stream, a) - tiePlace(stream, b));
  head.set(better);
  const equals = { score: cut, count: head.length - better.length, stream, skip };
  head.set(firstEquals(scores, equals), better.length);
  return head;
}

interface Equals {
  readonly score: number;
  readonly count: number;
  readonly stream: Ties;
  readonly skip: Bitset | null;
}

/** Of the positions with exactly this score (at least `count`), the first in the random order: by
 *  insertion, for `count` is small and the equals may be the whole catalogue. */
function firstEquals(scores: Float32Array, { score, count, stream, skip }: Equals): Int32Array {
  const positions = new Int32Array(count);
  const places = new Float64Array(count).fill(2 ** 32);
  for (let position = 0; position < scores.length; position++) {
    if (scores[position] !== score || skip?.has(position)) continue;
    const place = tiePlace(stream, position);
    let at = count - 1;
    if (!(place < places[at])) continue;
    for (; at > 0 && place < places[at - 1]; at--) {
      places[at] = places[at - 1];
      positions[at] = positions[at - 1];
    }
    places[at] = place;
    positions[at] = position;
  }
  return positions;
}

/** @returns the rank, from 1, that `position` has in the whole ranking */
export function rankOf(
  scores: Float32Array,
  position: number,
  stream: Ties,
  skip: Bitset | null = null,
): number {
  const score = scores[position];
  const place = tiePlace(stream, position);
  let rank = 1;
  for (let other = 0; other < scores.length; other++) {
    if (scores[other] < score || other === position || skip?.has(other)) continue;
    if (scores[other] > score || tiePlace(stream, other) < place) rank++;
  }
  return rank;
}

/** The items that compete for one user's list, with their scores: made once, loaded for one user
 *  after the other. */
export class Candidates {
  /** What is no candidate */
  private readonly outside: Bitset;
  /** Outside, or seen by the user who is loaded */
  private readonly skip: Bitset;
  private scores: Float32Array = new Float32Array(0);
  private stream: Ties = 0;

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
  load(scores: Float32Array, seen: Int32Array, stream: Ties): void {
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
    const all = new Int32Array(items.length + competitors.length);
    all.set(items);
    all.set(competitors, items.length);
    const scores = Float32Array.from(all, (item) => this.scores[item]);
    const positions = Int32Array.from(items.keys());
    const first = firstOf(positions, scores, this.stream);
    return {
      head: rankedHead(scores, k, this.stream).map((position) => all[position]),
      firstRank: rankOf(scores, first, this.stream),
    };
  }
}

/** @returns the position in `items` of the one that ranks before the others */
function firstOf(items: Int32Array, scores: Float32Array, stream: Ties): number {
  let best = 0;
  for (let n = 1; n < items.length; n++) {
    const [score, highest] = [scores[items[n]], scores[items[best]]];
    if (
      score > highest ||
      (score === highest && tiePlace(stream, items[n]) < tiePlace(stream, items[best]))
    )
      best = n;
  }
  return best;
}
