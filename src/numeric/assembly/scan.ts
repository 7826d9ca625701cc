// @ts-nocheck: AssemblyScript, compiled to WebAssembly by scripts/build-kernel.mjs (`asc`), not by tsc. Types: ./tsconfig.json.
/** Exact distance scan with 128-bit SIMD and a fused partial top-k: the twin of `PlainScan`, which
 *  a test holds it to.
 *
 *  Filter and refine: of |q - x|² = |q|² + |x|² - 2 q·x the product is first taken of 16-bit
 *  integers, four rows at a time; only rows whose distance may be below the k-th best, for all that
 *  rounding can have done, are measured in single precision. What is answered is what measuring
 *  every row would answer.
 *
 *  The caller (`scan-simd.ts`) lays out the memory and `configure`s it once; addresses are in bytes
 *  and multiples of 16. `width` is in numbers, a multiple of 16: rows and query are padded with
 *  zeros, which changes no distance. */

let count: i32 = 0;
let width: usize = 0;
/** [count, width] f32 */
let points: usize = 0;
/** [width] f32 */
let query: usize = 0;
/** [count to a multiple of 4, width] i16 */
let roundedPoints: usize = 0;
/** [width] i16 */
let roundedQuery: usize = 0;
/** [count to a multiple of 4] f32, |x|² */
let norms: usize = 0;
/** [ceil(count / 32)] u32 */
let skip: usize = 0;
/** [count] i32, the rows that `nearestAmong` is asked about */
let among: usize = 0;
/** [k] f32, squared; [k] i32 */
let outDistances: usize = 0;
let outRows: usize = 0;

export function configure(
  rows: i32,
  rowWidth: usize,
  pointsAt: usize,
  queryAt: usize,
  roundedPointsAt: usize,
  roundedQueryAt: usize,
  normsAt: usize,
  skipAt: usize,
  amongAt: usize,
  outDistancesAt: usize,
  outRowsAt: usize,
): void {
  count = rows;
  width = rowWidth;
  points = pointsAt;
  query = queryAt;
  roundedPoints = roundedPointsAt;
  roundedQuery = roundedQueryAt;
  norms = normsAt;
  skip = skipAt;
  among = amongAt;
  outDistances = outDistancesAt;
  outRows = outRowsAt;
}

/** Squared L2 distance of a row and the query. */
function squaredDistance(row: i32): f32 {
  let a = points + <usize>row * (width << 2);
  let b = query;
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  for (const end = a + (width << 2); a < end; a += 64, b += 64) {
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
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 1) +
    (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))
  );
}

/** Integer products of the query with four rows from `at` on, as floats, one a lane. */
function roundedProducts(at: usize): v128 {
  const stride = width << 1;
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  let q = roundedQuery;
  for (const end = at + stride; at < end; at += 32, q += 32) {
    const q0 = v128.load(q);
    const q1 = v128.load(q, 16);
    a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load(at), q0));
    b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load(at + stride), q0));
    c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load(at + 2 * stride), q0));
    d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load(at + 3 * stride), q0));
    a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load(at, 16), q1));
    b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load(at + stride, 16), q1));
    c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load(at + 2 * stride, 16), q1));
    d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load(at + 3 * stride, 16), q1));
  }
  // [4 sums of a row] × 4 rows → [a, b, c, d]
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 1, 4, 5), v128.shuffle<i32>(a, b, 2, 3, 6, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 1, 4, 5), v128.shuffle<i32>(c, d, 2, 3, 6, 7));
  return f32x4.convert_i32x4_s(
    i32x4.add(v128.shuffle<i32>(ab, cd, 0, 2, 4, 6), v128.shuffle<i32>(ab, cd, 1, 3, 5, 7)),
  );
}

/** The k nearest rows, nearest first; ties go to the lower row.
 *  @param skips  whether rows whose bit is set in `skip` are skipped
 *  @param scale  value of a unit of the integer product in 2 q·x
 *  @param margin what to add to a squared distance so that |x|² - 2 q·x of a row that is nearer is
 *    never above it: the most that rounding can have done, minus |q|²
 *  @returns how many were found */
export function nearest(k: i32, skips: bool, scale: f32, margin: f32): i32 {
  let found = 0;
  let worst: f32 = Infinity;
  let limit = f32x4.splat(Infinity);
  const scales = f32x4.splat(scale);
  const stride = width << 3;
  let at = roundedPoints;
  for (let first = 0; first < count; first += 4, at += stride) {
    // If few rows are requested, most words of 32 rows are skipped as a whole.
    if (skips && (first & 31) === 0 && load<u32>(skip + ((<usize>(first >> 5)) << 2)) === 0xffff_ffff) {
      first += 28;
      at += 7 * stride;
      continue;
    }
    let left = skips ? ~(load<u32>(skip + ((<usize>(first >> 5)) << 2)) >> (first & 31)) & 15 : 15;
    if (left === 0) continue;
    const lower = f32x4.sub(
      v128.load(norms + ((<usize>first) << 2)),
      f32x4.mul(scales, roundedProducts(at)),
    );
    // "Not above", so that NaN is measured too, and fails there.
    left &= ~i32x4.bitmask(f32x4.gt(lower, limit));
    for (; left !== 0; left &= left - 1) {
      const row = first + ctz(left);
      if (row >= count) break;
      const distance = squaredDistance(row);
      if (!(distance < worst)) continue;
      if (found < k) found++;
      insert(found, distance, row);
      if (found === k) {
        worst = load<f32>(outDistances + ((<usize>(k - 1)) << 2));
        limit = f32x4.splat(worst + margin);
      }
    }
  }
  return found;
}

/** The k nearest of the first `size` rows in `among`, which ascend: each is measured, since there
 *  are few. @returns how many were found */
export function nearestAmong(size: i32, k: i32): i32 {
  let found = 0;
  let worst: f32 = Infinity;
  for (let at = among, end = among + ((<usize>size) << 2); at < end; at += 4) {
    const row = load<i32>(at);
    const distance = squaredDistance(row);
    if (!(distance < worst)) continue;
    if (found < k) found++;
    insert(found, distance, row);
    if (found === k) worst = load<f32>(outDistances + ((<usize>(k - 1)) << 2));
  }
  return found;
}

/** Insertion from the end of the first `found` places: rows come in ascending order, so the earlier
 *  of equal distances stays first. */
function insert(found: i32, distance: f32, row: i32): void {
  let to = outDistances + ((<usize>(found - 1)) << 2);
  let rowTo = outRows + ((<usize>(found - 1)) << 2);
  while (to > outDistances) {
    const before = load<f32>(to - 4);
    if (before <= distance) break;
    store<f32>(to, before);
    store<i32>(rowTo, load<i32>(rowTo - 4));
    to -= 4;
    rowTo -= 4;
  }
  store<f32>(to, distance);
  store<i32>(rowTo, row);
}

/** How many of all rows are strictly nearer than `limit` (squared). */
export function countNearer(limit: f32): i32 {
  let nearer = 0;
  for (let row = 0; row < count; row++) {
    if (squaredDistance(row) < limit) nearer++;
  }
  return nearer;
}
