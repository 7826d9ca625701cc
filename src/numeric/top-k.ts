/** Partial top-k: the k best of n scores in O(n + m log k), m being how often the k-th best
 *  changes. Ties go to the lower index. */
import type { Bitset } from './bitset';

/** @param scores [n]; NaN is never selected
 *  @param k      how many; fewer come back when fewer are there
 *  @param skip   indices left out
 *  @param order  'descending' (scores: highest first) or 'ascending' (distances: nearest first)
 *  @returns [min(k, candidates)] indices, best first */
export function topK(
  scores: Float32Array,
  k: number,
  skip: Bitset | null = null,
  order: 'ascending' | 'descending' = 'descending',
): Int32Array {
  if (!(Number.isInteger(k) && k >= 0)) throw new RangeError(`k is a whole number of 0 or more, not ${k}.`);
  const capacity = Math.min(k, scores.length);
  if (capacity === 0) return new Int32Array(0);
  const sign = order === 'descending' ? 1 : -1;
  // A heap of the best so far whose root is the worst of them.
  const keys = new Float32Array(capacity);
  const indices = new Int32Array(capacity);
  const words = skip?.words;
  let size = 0;
  let floor = -Infinity;
  for (let i = 0; i < scores.length; i++) {
    const key = sign * scores[i];
    // Later indices lose ties, so a full heap only yields to what is strictly better.
    if (size === capacity ? !(key > floor) : Number.isNaN(key)) continue;
    if (words !== undefined && ((words[i >>> 5] >>> (i & 31)) & 1) === 1) continue;
    if (size < capacity) {
      siftUp(keys, indices, size++, key, i);
    } else {
      siftDown(keys, indices, size, key, i);
    }
    if (size === capacity) floor = keys[0];
  }
  const result = new Int32Array(size);
  for (let rest = size; rest > 0; rest--) {
    result[rest - 1] = indices[0];
    siftDown(keys, indices, rest - 1, keys[rest - 1], indices[rest - 1]);
  }
  return result;
}

function siftUp(keys: Float32Array, indices: Int32Array, at: number, key: number, index: number): void {
  let hole = at;
  while (hole > 0) {
    const parent = (hole - 1) >>> 1;
    if (!isWorse(key, index, keys[parent], indices[parent])) break;
    keys[hole] = keys[parent];
    indices[hole] = indices[parent];
    hole = parent;
  }
  keys[hole] = key;
  indices[hole] = index;
}

/** Puts (key, index) in the root's place among the first `size` entries. */
function siftDown(keys: Float32Array, indices: Int32Array, size: number, key: number, index: number): void {
  if (size === 0) return;
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= size) break;
    if (child + 1 < size && isWorse(keys[child + 1], indices[child + 1], keys[child], indices[child]))
      child++;
    if (!isWorse(keys[child], indices[child], key, index)) break;
    keys[hole] = keys[child];
    indices[hole] = indices[child];
    hole = child;
  }
  keys[hole] = key;
  indices[hole] = index;
}

function isWorse(keyA: number, indexA: number, keyB: number, indexB: number): boolean {
  return keyA < keyB || (keyA === keyB && indexA > indexB);
}
