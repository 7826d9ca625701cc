/** How many rows two columns of a sparse 0/1 matrix share: XᵀX of Steck (2019), or X Xᵀ when the
 *  matrix is the other way round. */
import type { Csr } from '../../interactions/csr';
import type { Turns } from '../turns';

/** @param rows  column indices of each row ascending
 *  @param n     the number of columns
 *  @param diagonal added to it
 *  @returns [n, n], of which only the lower triangle is filled; O(sum over rows of length²) */
export async function coOccurrence(
  rows: Csr,
  n: number,
  diagonal: number,
  turns: Turns,
): Promise<Float32Array> {
  const counts = new Float32Array(n * n);
  const { offsets, indices } = rows;
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let a = offsets[row]; a < offsets[row + 1]; a++) {
      const base = indices[a] * n;
      for (let b = offsets[row]; b <= a; b++) counts[base + indices[b]]++;
    }
    if (turns.due()) await turns.take(0);
  }
  for (let column = 0; column < n; column++) counts[column * n + column] += diagonal;
  return counts;
}
