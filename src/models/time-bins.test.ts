import { binCount, binOf, binOfHistory, timeBinEdges } from './time-bins';

const { NaN: unknown } = Number;

it('cuts the calendar where equally many interactions lie between', () => {
  const edges = timeBinEdges(Float64Array.of(50, 10, unknown, 40, 20, 30, 60), 3);
  expect(edges).toEqual([30, 50]);
  expect(binCount(edges)).toBe(3);
  expect([-5, 10, 29, 30, 49, 50, 1e12].map((time) => binOf(time, edges))).toEqual([0, 0, 0, 1, 1, 2, 2]);
  expect(binOf(unknown, edges)).toBe(-1);
});

it('makes fewer bins where many share a time, and none where no time is known', () => {
  expect(timeBinEdges(Float64Array.of(7, 7, 7, 7), 4)).toEqual([]);
  expect(timeBinEdges(Float64Array.of(1, 7, 7, 7), 4)).toEqual([7]);
  expect(binOf(3, [])).toBe(0);
  const none = timeBinEdges(Float64Array.of(unknown), 4);
  expect([none, binCount(none), binOf(3, none)]).toEqual([null, 0, -1]);
});

it('asks for the time of the last interaction', () => {
  expect(binOfHistory(Float64Array.of(5, 15), [10])).toBe(1);
  expect(binOfHistory(Float64Array.of(15, unknown), [10])).toBe(-1);
  expect(binOfHistory(new Float64Array(0), [10])).toBe(-1);
});
