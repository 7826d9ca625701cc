/** The SIMD loops against the plain ones, to the last bit, and the plain ones against their formulas where no gradient check does it
 *  (algorithms/two-tower/history-pools.test.ts has those). */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { loadKernel } from './load-kernel';
import { type PackedRows, PlainPackedRows } from './packed-rows';
import { packedRows, SimdPackedRows } from './packed-rows-simd';
import { Random } from './random';

const root = join(__dirname, '..', '..');
if (loadKernel('packed-rows') === null) execFileSync(process.execPath, [join(root, 'scripts', 'build-kernel.mjs')]);
const plain = new PlainPackedRows();
const simd = new SimdPackedRows(loadKernel('packed-rows')!);

interface Case {
  readonly random: Random;
  readonly d: number;
  readonly offsets: Int32Array;
  readonly n: number;
}

const cases = fc
  .record({ seed: fc.integer(), d: fc.integer({ min: 1, max: 21 }), lengths: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 6 }) })
  .map(({ seed, d, lengths }): Case => {
    const offsets = new Int32Array(lengths.length + 1);
    lengths.forEach((length, s) => {
      offsets[s + 1] = offsets[s] + length;
    });
    return { random: new Random(seed), d, offsets, n: offsets[lengths.length] };
  });

const numbers = (random: Random, size: number): Float32Array => Float32Array.from({ length: size }, () => random.normal());

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
    );
  });

  it.each([0, 0.4, 1])('pools and their gradient, power %d', (power) => {
    fc.assert(
      fc.property(cases, ({ random, d, offsets, n }) => {
        const input = { x: numbers(random, n * d), d, decays: Float32Array.of(1, 0.9, 0.4), offsets, power };
        const slope = numbers(random, 3 * n * d);
        expectSameBits((rows) => [rows.pools(input), rows.poolsGradient(input, plain.pools(input), slope)]);
      }),
    );
  });

  it('gate and its gradient', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 9 }), ({ random, d, offsets, n }, places) => {
        const input = { x: numbers(random, n * d), d, gates: numbers(random, places * d), offsets };
        const slope = numbers(random, n * d);
        expectSameBits((rows) => [rows.gate(input), rows.gateGradient(input, slope)]);
      }),
    );
  });

  it('the gradient of ratings beside each other', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 9 }), ({ random, d, offsets, n }, places) => {
        const slope = numbers(random, n * places * d);
        expectSameBits((rows) => rows.besideGradient(slope, { d, places, offsets }));
      }),
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
] as const)('dropout, %s', (_, rows) => {
  it('hides a share of the values and scales the others by what that takes away', () => {
    const size = 200_000;
    const mask = rows.dropout(new Float32Array(size), 0.25, new Random(4));
    const hidden = mask.filter((value) => value === 0).length;
    expect(Math.abs(hidden / size - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / size));
    expect(mask.every((value) => value === 0 || value === Math.fround(4 / 3))).toBe(true);
  });
});
