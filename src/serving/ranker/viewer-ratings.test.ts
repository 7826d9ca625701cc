import fc from 'fast-check';
import { countBelow } from './viewer-ratings';

describe('countBelow', () => {
  it('counts what is below a limit, whatever is equal to it', () => {
    expect(countBelow(Float32Array.of(1, 2, 2, 3), 2)).toBe(1);
    expect(countBelow(Float32Array.of(), 2)).toBe(0);
    const value = fc.integer({ min: 0, max: 20 });
    fc.assert(
      fc.property(fc.array(value), value, (values, limit) => {
        expect(countBelow(Float32Array.from(values).sort(), limit)).toBe(
          values.filter((it) => it < limit).length,
        );
      }),
    );
  });
});
