/** From scores to a ranking. Equal scores are ordered at random, by user and seed: a system that
 *  cannot tell items apart gets what chance gets, and neither the catalogue's order nor the
 *  held-out item's place in the candidate list can help it. */
import type { Bitset } from '../numeric/bitset';
import { splitmix64 } from '../numeric/random';
import { topK } from '../numeric/top-k';

// A local name: inside Jest every use of a global is a slow look-up, and this is an inner loop.
const { imul } = Math;

/** One for all experiments, whatever seed they trained with: else they would be measured against
 *  different candidates. */
export const EVALUATION_SEED = 1;

/** @returns 32 bits that stand for a seed and a user (external id): where the random order among
 *    equals starts */
export function tieStream(seed: number, userId: number): number {
  return Number(splitmix64((BigInt(seed) << 32n) ^ BigInt(userId))() & 0xffff_ffffn) | 0;
}

/** The order among equals: a bijection of 32 bits (murmur3's finalizer), so that two items never
 *  share a place.
 *  @param stream of tieStream
 *  @returns unsigned 32 bits; the lower ranks first */
export function tiePlace(stream: number, item: number): number {
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
  stream: number,
  skip: Bitset | null = null,
): Int32Array {
  const head = topK(scores, k, skip);
  if (head.length === 0) return head;
  const cut = scores[head[head.length - 1]];
  const better = head.filter((position) => scores[position] > cut);
  better.sort((a, b) => scores[b] - scores[a] || tiePlace(stream, a) - tiePlace(stream, b));
  head.set(better);
  head.set(firstEquals(scores, cut, head.length - better.length, stream, skip), better.length);
  return head;
}

/** Of the positions with exactly this score (at least `count`), the first in the random order: by
 *  insertion, for `count` is small and the equals may be the whole catalogue. */
function firstEquals(
  scores: Float32Array,
  score: number,
  count: number,
  stream: number,
  skip: Bitset | null,
): Int32Array {
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
  stream: number,
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
