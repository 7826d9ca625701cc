/** Exact distance scan, k = 10: WebAssembly SIMD beside its plain twin and beside a sort of all
 *  distances, same run, same points.
 *  node bench/scan.mjs
 *  Writes bench/results/scan.md. */
import { loadKernel } from '#dist/numeric/kernel.js';
import { Random } from '#dist/numeric/random.js';
import { PlainScan } from '#dist/numeric/scan.js';
import { SimdScan } from '#dist/numeric/scan-simd.js';
import { topK } from '#dist/numeric/top-k.js';
import { MACHINE, writeReport } from './support/report.mjs';

const kernel = loadKernel('scan');
if (kernel === null) throw new Error('Run `npm run build` first: the compiled scan is missing.');

const K = 10;
const BUDGET_MS = 1_000;
const random = new Random(1);
/** @param {number} length */
const gaussian = (length) => Float32Array.from({ length }, () => random.normal());

/** The plainest form: all distances, then the partial top-k.
 *  @param {Float32Array} points [n, size] @param {number} size
 *  @returns {(query: Float32Array) => unknown} */
function twoPasses(points, size) {
  const distances = new Float32Array(points.length / size);
  return (query) => {
    for (let row = 0; row < distances.length; row++) {
      let sum = 0;
      for (let j = 0; j < size; j++) {
        const difference = points[row * size + j] - query[j];
        sum += difference * difference;
      }
      distances[row] = sum;
    }
    return topK(distances, K, null, 'ascending');
  };
}

/** Median microseconds of a call over many queries.
 *  @param {(query: Float32Array) => unknown} call @param {Float32Array[]} queries */
function median(call, queries) {
  for (let i = 0; i < 200; i++) call(queries[i % queries.length]);
  const times = [];
  for (let i = 0, end = performance.now() + BUDGET_MS; performance.now() < end; i++) {
    const start = performance.now();
    call(queries[i % queries.length]);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[times.length >> 1] * 1_000;
}

const rows = [];
for (const [count, size] of [
  [3_706, 64],
  [9_742, 64],
  [9_742, 128],
  [62_423, 64],
  [200_000, 64],
]) {
  const points = gaussian(count * size);
  const queries = Array.from({ length: 50 }, () => gaussian(size));
  const plain = new PlainScan(points, size);
  const simd = new SimdScan(kernel, points, size);
  const naive = median(twoPasses(points, size), queries);
  const plainTime = median((query) => plain.nearest(query, K), queries);
  const simdTime = median((query) => simd.nearest(query, K), queries);
  rows.push(
    `| ${count.toLocaleString('en')} × ${size} | ${naive.toFixed(0)} | ${plainTime.toFixed(0)} | ${simdTime.toFixed(0)} | ${(plainTime / simdTime).toFixed(1)} |`,
  );
  console.log(rows.at(-1));
}
const report = `# Distance scan with top-${K}, µs a query (median)

\`node bench/scan.mjs\`, ${MACHINE}.

| points | two passes, plain | plain scan | SIMD scan | plain ÷ SIMD |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
writeReport('scan', report);
