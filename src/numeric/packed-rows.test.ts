/** The SIMD loops against the plain ones, to the last bit, and the plain ones against their
 *  formulas where no gradient check does it (models/metric-tower/operations.test.ts has
 *  those). */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { loadKernel } from './kernel';
import { type PackedRows, PlainPackedRows } from './packed-rows';
import { packedRows, SimdPackedRows } from './packed-rows-simd';
import { Random } from './random';

const root = join(__dirname, '..', '..');
execFileSync(process.execPath, [join(root, 'scripts', 'build-kernel.mjs')]); // skips what is newer than its source
const plain = new PlainPackedRows();
const simd = new SimdPackedRows(loadKernel('packed-rows')!);

interface Case {
  readonly random: Random;
  readonly d: number;
  readonly offsets: Int32Array;
  readonly n: number;
}

const cases = fc
  .record({
    seed: fc.integer(),
    d: fc.integer({ min: 1, max: 21 }),
    lengths: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 6 }),
  })
  .map(({ seed, d, lengths }): Case => {
    const offsets = new Int32Array(lengths.length + 1);
    lengths.forEach((length, s) => {
      offsets[s + 1] = offsets[s] + length;
    });
    return { random: new Random(seed), d, offsets, n: offsets[lengths.length] };
  });

/** Ones and, in half of the arrays, 2⁵⁴, of either sign: a sum loses the ones until the others
 *  cancel, so another order shows. */
function numbers(random: Random, size: number): Float32Array {
  const large = random.integerBelow(2) === 0 ? 1 : 2 ** 54;
  return Float32Array.from(
    { length: size },
    () => (random.integerBelow(2) === 0 ? 1 : large) * (random.integerBelow(2) === 0 ? 1 : -1),
  );
}

/** As many as it takes to find one product that is added too early. */
const RUNS = { numRuns: 1_000 };

/** Zeros of either sign are told apart. */
function expectSameBits(of: (rows: PackedRows) => unknown): void {
  expect(of(simd)).toEqual(of(plain));
}

describe('loops over packed histories: SIMD and plain agree to the last bit', () => {
  it('is SIMD that training uses where the kernel is built', () => {
    expect(packedRows()).toBeInstanceOf(SimdPackedRows);
  });

  it.each([false, true])('weigh and its gradient, dropout %s', (masked) => {
    fc.assert(
      fc.property(cases, ({ random, d, n }) => {
        const input = {
          points: numbers(random, 5 * d),
          d,
          rows: Int32Array.from({ length: n }, () => random.integerBelow(5)),
          levels: Uint8Array.from({ length: n }, () => random.integerBelow(3)),
          weights: numbers(random, 3),
          mask: masked ? plain.dropout(new Float32Array(n * d), 0.3, random) : undefined,
        };
        const slope = numbers(random, n * d);
        expectSameBits((rows) => [rows.weigh(input), rows.weighGradient(input, slope)]);
      }),
      RUNS,
    );
  });

  it.each([0, 0.4, 1])('pools and their gradient, power %d', (power) => {
    fc.assert(
      fc.property(cases, ({ random, d, offsets, n }) => {
        const input = {
          x: numbers(random, n * d),
          d,
          decays: Float32Array.of(1, 0.9, 0.4),
          offsets,
          power,
        };
        const slope = numbers(random, 3 * n * d);
        expectSameBits((rows) => [rows.pools(input), rows.poolsGradient(input, plain.pools(input), slope)]);
      }),
      RUNS,
    );
  });

  it('gate and its gradient', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 9 }), ({ random, d, offsets, n }, places) => {
        const input = { x: numbers(random, n * d), d, gates: numbers(random, places * d), offsets };
        const slope = numbers(random, n * d);
        expectSameBits((rows) => [rows.gate(input), rows.gateGradient(input, slope)]);
      }),
      RUNS,
    );
  });

  it('the gradient of ratings beside each other', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 9 }), ({ random, d, offsets, n }, places) => {
        const slope = numbers(random, n * places * d);
        expectSameBits((rows) => rows.besideGradient({ d, places, offsets }, slope));
      }),
      RUNS,
    );
  });

  it.each([0, 1, 2, 7, 32_768, 70_001])('dropout of %d values, and what is drawn after it', (size) => {
    expectSameBits((rows) => {
      const random = new Random(size, 9);
      return [rows.dropout(new Float32Array(size), 0.2, random), random.uint32()];
    });
  });
});

describe.each([
  ['plain', plain],
  ['SIMD', simd],
] as const)('%s', (_, rows) => {
  it('refuses rows, levels and histories that are not there', () => {
    const points = { points: new Float32Array(4), d: 2, weights: Float32Array.of(1) };
    expect(() => rows.weigh({ ...points, rows: Int32Array.of(2), levels: Uint8Array.of(0) })).toThrow(
      new RangeError('row 2 is out of range [0, 2)'),
    );
    expect(() => rows.weigh({ ...points, rows: Int32Array.of(-1), levels: Uint8Array.of(0) })).toThrow(
      RangeError,
    );
    const level = { ...points, rows: Int32Array.of(1), levels: Uint8Array.of(1) };
    expect(() => rows.weighGradient(level, new Float32Array(2))).toThrow(
      new RangeError('level 1 is out of range [0, 1)'),
    );
    const x = new Float32Array(6);
    for (const offsets of [
      Int32Array.of(0, 2),
      Int32Array.of(1, 3),
      Int32Array.of(0, 4),
      Int32Array.of(0, 2, 1, 3),
    ]) {
      expect(() => rows.gate({ x, d: 2, gates: x, offsets })).toThrow(
        new RangeError('The histories must cover 3 rows in order.'),
      );
      expect(() => rows.pools({ x, d: 2, decays: Float32Array.of(1), offsets, power: 1 })).toThrow(
        RangeError,
      );
      expect(() => rows.besideGradient({ d: 1, places: 2, offsets }, x)).toThrow(RangeError);
    }
  });

  it('hides a share of the values and scales the others by what that takes away', () => {
    const size = 200_000;
    const mask = rows.dropout(new Float32Array(size), 0.25, new Random(4));
    const hidden = mask.filter((value) => value === 0).length;
    expect(Math.abs(hidden / size - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / size));
    expect(mask.every((value) => value === 0 || value === Math.fround(4 / 3))).toBe(true);
  });
});
