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
          expect(bits.members()).toEqual([...model].sort((a, b) => a - b));
        },
      ),
    );
  });

  it('joins a set of the same size, and knows what is in neither', () => {
    const evens = Bitset.of(70, [0, 2, 68]);
    const others = Bitset.of(70, [2, 31, 69]);
    expect(evens.union(others)).toBe(evens);
    expect(evens.members()).toEqual([0, 2, 31, 68, 69]);
    expect(evens.complement().members()).toEqual(
      Array.from({ length: 70 }, (_, i) => i).filter((i) => !evens.has(i)),
    );
    expect(Bitset.of(64, [5]).complement().members()).toHaveLength(63);
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
