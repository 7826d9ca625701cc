/** From scores to a ranking. Equal scores are ordered at random, by user and seed: a system that cannot tell items apart gets what
 *  chance gets, and neither the catalogue's order nor the held-out item's place in the candidate list can help it. */
import type { Bitset } from '../numeric/bitset';
import { splitmix64 } from '../numeric/random';
import { topK } from '../numeric/top-k';

// A local name: inside Jest every use of a global is a slow look-up, and this is an inner loop.
const { imul } = Math;

/** One for all experiments, whatever seed they trained with: else they would be measured against different candidates. */
export const EVALUATION_SEED = 1;

/** @returns 32 bits that stand for a seed and a user (external id): where the random order among equals starts */
export function tieStream(seed: number, userId: number): number {
  return Number(splitmix64((BigInt(seed) << 32n) ^ BigInt(userId))() & 0xffff_ffffn) | 0;
}

/** The order among equals: a bijection of 32 bits (murmur3's finalizer), so that two items never share a place.
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
export function rankedHead(scores: Float32Array, k: number, stream: number, skip: Bitset | null = null): Int32Array {
  const head = topK(scores, k, skip);
  if (head.length === 0) return head;
  const cut = scores[head[head.length - 1]];
  const members: { position: number; place: number }[] = [];
  for (const position of head) if (scores[position] > cut) members.push({ position, place: tiePlace(stream, position) });
  for (let position = 0; position < scores.length; position++) {
    if (scores[position] === cut && !skip?.has(position)) members.push({ position, place: tiePlace(stream, position) });
  }
  members.sort((a, b) => scores[b.position] - scores[a.position] || a.place - b.place);
  return Int32Array.from(members.slice(0, k), ({ position }) => position);
}

/** @returns the rank, from 1, that `position` has in the whole ranking */
export function rankOf(scores: Float32Array, position: number, stream: number, skip: Bitset | null = null): number {
  const score = scores[position];
  const place = tiePlace(stream, position);
  let rank = 1;
  for (let other = 0; other < scores.length; other++) {
    if (scores[other] < score || other === position || skip?.has(other)) continue;
    if (scores[other] > score || tiePlace(stream, other) < place) rank++;
  }
  return rank;
}
