import { Random } from '../numeric/random';
import { bootstrapIntervals, quantile } from './bootstrap';

describe('bootstrapIntervals', () => {
  const random = new Random(11);
  const hits = Float32Array.from({ length: 4_000 }, () => (random.uniform() < 0.3 ? 1 : 0));

  it('matches the normal approximation where that holds: p +- 1.96 sqrt(p (1 - p) / n)', () => {
    const [{ low, high }] = bootstrapIntervals([hits], 1);
    const p = hits.reduce((a, b) => a + b) / hits.length;
    const error = 1.96 * Math.sqrt((p * (1 - p)) / hits.length);
    expect(low).toBeCloseTo(p - error, 2);
    expect(high).toBeCloseTo(p + error, 2);
    expect(Math.abs(high - low - 2 * error)).toBeLessThan(0.1 * error);
  });

  it('covers the truth about 95 times in 100', () => {
    let covered = 0;
    for (let trial = 0; trial < 200; trial++) {
      const sample = Float32Array.from({ length: 200 }, () => random.normal());
      const [{ low, high }] = bootstrapIntervals([sample], trial, 400);
      if (low <= 0 && 0 <= high) covered++;
    }
    expect(covered).toBeGreaterThan(178);
    expect(covered).toBeLessThanOrEqual(200);
  });

  it('repeats itself for a seed, and gives each column its own interval', () => {
    const shifted = hits.map((hit) => hit + 10);
    const [first, second] = bootstrapIntervals([hits, shifted], 3);
    expect(bootstrapIntervals([hits], 3)[0]).toEqual(first);
    expect(bootstrapIntervals([hits], 4)[0]).not.toEqual(first);
    expect(second.low).toBeCloseTo(first.low + 10, 10);
    expect(second.high).toBeCloseTo(first.high + 10, 10);
  });

  it('is a point for identical users and NaN for none', () => {
    expect(bootstrapIntervals([new Float32Array(50).fill(2)], 1)).toEqual([{ low: 2, high: 2 }]);
    expect(bootstrapIntervals([new Float32Array(0)], 1)).toEqual([{ low: Number.NaN, high: Number.NaN }]);
  });

  it('does 6,040 users and 20 metrics within 3 s of processor time', () => {
    const columns = Array.from({ length: 20 }, () =>
      Float32Array.from({ length: 6_040 }, () => random.uniform()),
    );
    const startedAt = process.cpuUsage();
    bootstrapIntervals(columns, 1);
    expect(process.cpuUsage(startedAt).user).toBeLessThan(3_000_000);
  });
});

it('quantile is linear between neighbours', () => {
  expect(quantile(Float64Array.of(1, 2, 3, 4, 5), 0.5)).toBe(3);
  expect(quantile(Float64Array.of(0, 10), 0.025)).toBeCloseTo(0.25, 12);
  expect(quantile(Float64Array.of(7), 0.975)).toBe(7);
});
