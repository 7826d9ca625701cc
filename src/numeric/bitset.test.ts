import fc from 'fast-check';
import { Bitset } from './bitset';

describe('Bitset', () => {
  it('behaves as a Set of integers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.tuple(fc.boolean(), fc.nat(99))),
        (size, steps) => {
          const bits = new Bitset(size);
          const model = new Set<number>();
          for (const [add, raw] of steps) {
            const i = raw % size;
            if (add) {
              bits.add(i);
              model.add(i);
            } else {
              bits.delete(i);
              model.delete(i);
            }
          }
          expect(Array.from({ length: size }, (_, i) => bits.has(i))).toEqual(
            Array.from({ length: size }, (_, i) => model.has(i)),
          );
          expect(bits.count()).toBe(model.size);
          expect(bits.members()).toEqual([...model].sort((a, b) => a - b));
          bits.clear();
          expect(bits.count()).toBe(0);
        },
      ),
    );
  });

  it('refuses what is outside, instead of setting another bit of the last word', () => {
    const bits = new Bitset(33);
    expect(() => bits.add(33)).toThrow(RangeError);
    expect(() => bits.add(-1)).toThrow(RangeError);
    expect(() => bits.add(0.5)).toThrow(RangeError);
    expect(bits.has(33)).toBe(false);
    expect(bits.has(-1)).toBe(false);
  });
});
