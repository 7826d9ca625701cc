/** Both scans against a sort of all distances, and against each other. */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { Bitset } from './bitset';
import { loadKernel } from './kernel';
import { Random } from './random';
import { type DistanceScan, MAX_NEIGHBOURS, PlainScan } from './scan';
import { SimdScan } from './scan-simd';

const root = join(__dirname, '..', '..');
execFileSync(process.execPath, [join(root, 'scripts', 'build-kernel.mjs')]); // skips what is newer than its source
const kernel = loadKernel('scan')!;

const scans: readonly [string, (points: Float32Array, size: number) => DistanceScan][] = [
  ['plain', (points, size) => new PlainScan(points, size)],
  ['SIMD', (points, size) => new SimdScan(kernel, points, size)],
];

function randomPoints(seed: number, count: number, size: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count * size }, () => random.normal());
}

function sorted(
  points: Float32Array,
  size: number,
  query: Float32Array,
  skip: Bitset | null,
): { row: number; distance: number }[] {
  const all = Array.from({ length: points.length / size }, (_, row) => {
    let sum = 0;
    for (let j = 0; j < size; j++) sum += (points[row * size + j] - query[j]) ** 2;
    return { row, distance: Math.sqrt(sum) };
  });
  return all.filter(({ row }) => !skip?.has(row)).sort((a, b) => a.distance - b.distance || a.row - b.row);
}

describe.each(scans)('%s scan', (_, create) => {
  it('finds what sorting all distances finds', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 150 }),
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 4 }),
        (seed, count, size, k, keptOfFour) => {
          const points = randomPoints(seed, count, size);
          const query = randomPoints(seed + 1, 1, size);
          const random = new Random(seed, 2);
          const skip = new Bitset(count);
          for (let row = 0; row < count; row++) if (random.integerBelow(4) >= keptOfFour) skip.add(row);
          const expected = sorted(points, size, query, skip).slice(0, k);
          const found = create(points, size).nearest(query, k, skip);
          expect(found.rows).toHaveLength(expected.length);
          expected.forEach(({ distance }, i) => {
            expect(Math.abs(found.distances[i] - distance)).toBeLessThanOrEqual(1e-5 * (1 + distance));
            expect(skip.has(found.rows[i])).toBe(false);
          });
          expect(new Set(found.rows).size).toBe(found.rows.length);
          const among = Array.from({ length: count }, (_, row) => row).filter((row) => !skip.has(row));
          const measured = create(points, size).nearestAmong(query, k, among);
          expect(measured.rows).toEqual(found.rows);
          expect(measured.distances).toEqual(found.distances);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('ranks a lattice, whose distances are exact, as the sort does, ties by row', () => {
    const random = new Random(7);
    const points = Float32Array.from({ length: 300 * 3 }, () => random.integerBelow(4));
    const query = Float32Array.of(1, 2, 1);
    const expected = sorted(points, 3, query, null);
    const found = create(points, 3).nearest(query, 100);
    expect(Array.from(found.rows)).toEqual(expected.slice(0, 100).map(({ row }) => row));
    expect(Array.from(found.distances)).toEqual(expected.slice(0, 100).map(({ distance }) => distance));
    const limit = Math.sqrt(3);
    expect(create(points, 3).countNearer(query, 1.5)).toBe(
      expected.filter(({ distance }) => distance < 1.5).length,
    );
    expect(create(points, 3).countNearer(query, limit * 2)).toBe(
      expected.filter(({ distance }) => distance < limit * 2).length,
    );
  });

  it('leaves out points that are not numbers', () => {
    const points = Float32Array.of(Number.NaN, 0, 3, 4, 0, 1);
    expect(Array.from(create(points, 2).nearest(Float32Array.of(0, 0), 3).rows)).toEqual([2, 1]);
    expect(create(points, 2).nearest(Float32Array.of(Number.NaN, 0), 3).rows).toHaveLength(0);
  });

  it('forgets the skip set and the query of the call before', () => {
    const scan = create(Float32Array.of(0, 1, 2, 3), 1);
    expect(Array.from(scan.nearest(Float32Array.of(0), 2, Bitset.of(4, [0, 1])).rows)).toEqual([2, 3]);
    expect(Array.from(scan.nearest(Float32Array.of(3), 2).rows)).toEqual([3, 2]);
  });

  it('refuses what does not fit', () => {
    const scan = create(new Float32Array(8), 2);
    expect(() => scan.nearest(new Float32Array(3), 1)).toThrow(RangeError);
    expect(() => scan.nearest(new Float32Array(2), MAX_NEIGHBOURS + 1)).toThrow(RangeError);
    expect(() => scan.nearest(new Float32Array(2), 1, new Bitset(5))).toThrow(RangeError);
    for (const among of [[2, 1], [1, 1], [4], [-1], [0.5]]) {
      expect(() => scan.nearestAmong(new Float32Array(2), 1, among)).toThrow(RangeError);
    }
    expect(() => create(new Float32Array(7), 2)).toThrow(RangeError);
  });
});

it('both scans agree over many queries at the size that is served', () => {
  const points = randomPoints(3, 2_000, 64);
  const plain = new PlainScan(points, 64);
  const simd = new SimdScan(kernel, points, 64);
  for (let seed = 10; seed < 40; seed++) {
    const query = randomPoints(seed, 1, 64);
    const a = plain.nearest(query, 100);
    const b = simd.nearest(query, 100);
    for (let i = 0; i < 100; i++) {
      const tolerance = 1e-5 * a.distances[i];
      expect(Math.abs(a.distances[i] - b.distances[i])).toBeLessThanOrEqual(tolerance);
      // Same ranking, except among neighbours that single precision cannot tell apart.
      if (a.rows[i] !== b.rows[i])
        expect(
          Math.abs(a.distances[Array.from(a.rows).indexOf(b.rows[i])] - a.distances[i]),
        ).toBeLessThanOrEqual(tolerance);
    }
  }
});

it.each([
  ['far from the origin, close to each other', 1, 500],
  ['tiny', 1e-6, 0],
  ['huge', 1e8, 0],
  ['with one row that dwarfs the rest', 1, 0],
])('the integer filter loses no neighbour when points are %s', (name, scale, offset) => {
  const points = randomPoints(5, 1_000, 20).map((value) => value * scale + offset);
  if (name.startsWith('with one row')) points.fill(3_000, 400, 420);
  // Copies: the k-th best and the next are equally far, and the filter must not take that for
  // farther.
  points.copyWithin(500 * 20, 0, 200 * 20);
  const plain = new PlainScan(points, 20);
  const simd = new SimdScan(kernel, points, 20);
  for (let seed = 0; seed < 40; seed++) {
    const query =
      seed % 2 === 0
        ? points.slice(seed * 20, (seed + 1) * 20)
        : randomPoints(seed, 1, 20).map((value) => value * scale + offset);
    const expected = plain.nearest(query, 9);
    const found = simd.nearest(query, 9);
    expected.distances.forEach((distance, i) => {
      expect(Math.abs(found.distances[i] - distance)).toBeLessThanOrEqual(1e-5 * distance);
    });
    if (seed % 2 === 0) expect(Array.from(found.rows.slice(0, 2))).toEqual([seed, 500 + seed]);
  }
});
