/** Partial top-k: the k best of n scores in O(n + m log k), m being how often the k-th best
 *  changes. Ties go to the lower index. */
import type { Bitset } from './bitset';

/** @param scores [n]; NaN is never selected
 *  @param k      number of results; fewer if there are fewer candidates
 *  @param skip   indices to skip
 *  @param order  'descending' (scores: highest first) or 'ascending' (distances: nearest first)
 *  @returns [min(k, candidates)] indices, best first */
export function topK(
  scores: Float32Array,
  k: number,
  skip: Bitset | null = null,
  order: 'ascending' | 'descending' = 'descending',
): Int32Array {
  if (!(Number.isInteger(k) && k >= 0))
    throw new RangeError(`k must be a whole number of 0 or more, not ${k}.`);
  const capacity = Math.min(k, scores.length);
  if (capacity === 0) return new Int32Array(0);
  const sign = order === 'descending' ? 1 : -1;
  const heap = new Heap(capacity);
  const words = skip?.words;
  let full = false;
  let floor = -Infinity;
  for (let i = 0; i < scores.length; i++) {
    const key = sign * scores[i];
    // Later indices lose ties, so a full heap only yields to what is strictly better.
    if (full ? !(key > floor) : Number.isNaN(key)) continue;
    if (words !== undefined && ((words[i >>> 5] >>> (i & 31)) & 1) === 1) continue;
    if (full) heap.replaceRoot(key, i);
    else heap.add(key, i);
    full = heap.size === capacity;
    if (full) floor = heap.keys[0];
  }
  const result = new Int32Array(heap.size);
  for (let rest = heap.size; rest > 0; rest--) result[rest - 1] = heap.takeRoot();
  return result;
}

/** The best so far, the worst of them at the root. */
class Heap {
  size = 0;
  readonly keys: Float32Array;
  private readonly indices: Int32Array;

  constructor(capacity: number) {
    this.keys = new Float32Array(capacity);
    this.indices = new Int32Array(capacity);
  }

  add(key: number, index: number): void {
    const { keys, indices } = this;
    let hole = this.size++;
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

  replaceRoot(key: number, index: number): void {
    const { keys, indices, size } = this;
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

  /** @returns the index at the root, which leaves the heap */
  takeRoot(): number {
    const root = this.indices[0];
    const last = --this.size;
    if (last > 0) this.replaceRoot(this.keys[last], this.indices[last]);
    return root;
  }
}

function isWorse(keyA: number, indexA: number, keyB: number, indexB: number): boolean {
  return keyA < keyB || (keyA === keyB && indexA > indexB);
}
