// @ts-nocheck: AssemblyScript, compiled to WebAssembly by scripts/build-kernel.mjs (`asc`), not by tsc. Types: ./tsconfig.json.
/** Exact distance scan with 128-bit SIMD and a fused partial top-k: the twin of `numeric/scan.ts`, which a test holds it to.
 *  The caller lays out the memory; every address is in bytes and a multiple of 16. `width` is in floats, a multiple of 16:
 *  rows and query are padded with zeros, which changes no distance. */

/** Squared L2 distance of two padded rows. */
function squaredDistance(a: usize, b: usize, bytes: usize): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  for (let end = a + bytes; a < end; a += 64, b += 64) {
    const d0 = f32x4.sub(v128.load(a), v128.load(b));
    const d1 = f32x4.sub(v128.load(a, 16), v128.load(b, 16));
    const d2 = f32x4.sub(v128.load(a, 32), v128.load(b, 32));
    const d3 = f32x4.sub(v128.load(a, 48), v128.load(b, 48));
    sum0 = f32x4.add(sum0, f32x4.mul(d0, d0));
    sum1 = f32x4.add(sum1, f32x4.mul(d1, d1));
    sum2 = f32x4.add(sum2, f32x4.mul(d2, d2));
    sum3 = f32x4.add(sum3, f32x4.mul(d3, d3));
  }
  const sum = f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3));
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
}

/** The k nearest rows whose bit in `skip` is not set, nearest first; ties go to the lower row.
 *  @param skip         [ceil(count / 32)] words, or 0 for none
 *  @param outDistances [k] squared
 *  @param outRows      [k]
 *  @returns how many were found */
export function nearest(
  points: usize,
  count: i32,
  width: i32,
  query: usize,
  skip: usize,
  k: i32,
  outDistances: usize,
  outRows: usize,
): i32 {
  const bytes = (<usize>width) << 2;
  let found = 0;
  let worst: f32 = Infinity;
  for (let row = 0; row < count; row++, points += bytes) {
    if (skip !== 0 && (load<u32>(skip + ((<usize>(row >> 5)) << 2)) >> (row & 31)) & 1) continue;
    const distance = squaredDistance(points, query, bytes);
    if (!(distance < worst)) continue;
    // Insertion from the end: rows come in ascending order, so an equal distance stays in front.
    let at = found < k ? found++ : k - 1;
    while (at > 0) {
      const before = load<f32>(outDistances + ((<usize>(at - 1)) << 2));
      if (before <= distance) break;
      store<f32>(outDistances + ((<usize>at) << 2), before);
      store<i32>(outRows + ((<usize>at) << 2), load<i32>(outRows + ((<usize>(at - 1)) << 2)));
      at--;
    }
    store<f32>(outDistances + ((<usize>at) << 2), distance);
    store<i32>(outRows + ((<usize>at) << 2), row);
    if (found === k) worst = load<f32>(outDistances + ((<usize>(k - 1)) << 2));
  }
  return found;
}

/** How many of all rows are strictly nearer than `limit` (squared). */
export function countNearer(points: usize, count: i32, width: i32, query: usize, limit: f32): i32 {
  const bytes = (<usize>width) << 2;
  let nearer = 0;
  for (let row = 0; row < count; row++, points += bytes) {
    if (squaredDistance(points, query, bytes) < limit) nearer++;
  }
  return nearer;
}
