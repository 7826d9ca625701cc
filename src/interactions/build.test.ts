import fc from 'fast-check';
import { Random } from '../numeric/random';
import {
  buildInteractionLog,
  buildItemFeatures,
  buildTagLog,
  type InteractionRows,
  InvalidRowsError,
} from './build';
import { interactionCounts, usersByItem } from './csr';
import { historyOf } from './history';
import { Vocabulary } from './vocabulary';

interface Row {
  userId: number;
  itemId: number;
  value: number;
  timestamp: number;
  ordinal: number;
}
const columns = (rows: readonly Row[]): InteractionRows => ({
  userId: rows.map((row) => row.userId),
  itemId: rows.map((row) => row.itemId),
  value: rows.map((row) => row.value),
  timestamp: rows.map((row) => row.timestamp),
  ordinal: rows.map((row) => row.ordinal),
});
const row = (userId: number, itemId: number, timestamp = 0, ordinal = 0, value = 3): Row => ({
  userId,
  itemId,
  timestamp,
  ordinal,
  value,
});
const shuffled = <T>(list: readonly T[], seed: number): T[] => {
  const order = new Random(seed).shuffle(list.map((_, at) => at));
  return order.map((at) => list[at]);
};

describe('buildInteractionLog', () => {
  it('sorts by user, time (unknown first), then ordinal, and translates ids to dense indices', () => {
    const log = buildInteractionLog(
      columns([
        row(9, 30, 50),
        row(2, 20, 10, 2),
        row(2, 30, 10, 1),
        row(2, 10, 5),
        row(2, 40, Number.NaN, 0, 0),
        row(9, 10, 40, 0, 4.5),
      ]),
    );
    expect(Array.from(log.users.ids)).toEqual([2, 9]);
    expect(Array.from(log.items.ids)).toEqual([10, 20, 30, 40]);
    expect(Array.from(log.offsets)).toEqual([0, 4, 6]);
    expect(Array.from(log.itemIndex, (item) => log.items.ids[item])).toEqual([40, 10, 30, 20, 10, 30]);
    expect(Array.from(log.value)).toEqual([0, 3, 3, 3, 4.5, 3]);
    expect(Array.from(log.timestamp)).toEqual([Number.NaN, 5, 10, 10, 40, 50]);
  });

  it('does not depend on the order of the rows', () => {
    const rows = fc.uniqueArray(
      fc.record({
        userId: fc.nat(4),
        itemId: fc.nat(9),
        value: fc.integer({ min: 1, max: 10 }).map((half) => half / 2),
        timestamp: fc.oneof(fc.nat(3), fc.constant(Number.NaN)),
        ordinal: fc.nat(2),
      }),
      { selector: ({ userId, itemId }) => userId * 10 + itemId },
    );
    fc.assert(
      fc.property(rows, fc.nat(), (list, seed) => {
        expect(buildInteractionLog(columns(shuffled(list, seed)))).toEqual(
          buildInteractionLog(columns(list)),
        );
      }),
    );
  });

  it('gives an index to everyone in the catalog, with or without rows', () => {
    const log = buildInteractionLog(columns([row(5, 7)]), {
      userIds: [8, 5, 1],
      itemIds: Int32Array.of(9, 7),
    });
    expect(Array.from(log.users.ids)).toEqual([1, 5, 8]);
    expect(Array.from(log.offsets)).toEqual([0, 0, 1, 1]);
    expect(Array.from(log.items.ids)).toEqual([7, 9]);
  });

  it.each<[string, Row[], RegExp]>([
    ['a fractional id', [row(1, 1), row(1.5, 2)], /userId, row 1: 1.5/],
    ['an id beyond 32 bits', [row(1, 2 ** 31)], /itemId, row 0/],
    ['NaN stars', [row(1, 1, 0, 0, Number.NaN)], /value, row 0: NaN/],
    ['six stars', [row(1, 1, 0, 0, 6)], /value, row 0: 6/],
    ['negative stars', [row(1, 1, 0, 0, -1)], /value, row 0: -1/],
    ['an infinite time', [row(1, 1, Infinity)], /timestamp, row 0: Infinity/],
    ['a repeated rating', [row(1, 1), row(1, 2), row(1, 1, 9)], /User 1 has two rows for item 1/],
  ])('refuses %s, naming column and row', (_, rows, message) => {
    expect(() => buildInteractionLog(columns(rows))).toThrow(InvalidRowsError);
    expect(() => buildInteractionLog(columns(rows))).toThrow(message);
  });

  it('refuses columns of different length and items outside the catalog', () => {
    expect(() => buildInteractionLog({ ...columns([row(1, 1)]), value: [1, 2] })).toThrow(
      /Column value has 2 rows, but userId has 1/,
    );
    expect(() => buildInteractionLog(columns([row(1, 3)]), { itemIds: [1, 2] })).toThrow(
      /itemId, row 0: 3 is not in the catalog/,
    );
  });
});

describe('buildTagLog', () => {
  const log = buildInteractionLog(columns([row(1, 10), row(2, 20)]));

  it('orders rows in time, keeps taggers without a rating as -1', () => {
    const tags = {
      userId: [2, 7, 1],
      itemId: [20, 10, 10],
      tagId: [5, 5, 3],
      timestamp: [30, 20, 10],
      ordinal: [0, 0, 0],
    };
    const tagLog = buildTagLog(tags, log);
    expect(Array.from(tagLog.tags.ids)).toEqual([3, 5]);
    expect(Array.from(tagLog.userIndex)).toEqual([0, -1, 1]);
    expect(Array.from(tagLog.itemIndex)).toEqual([0, 0, 1]);
    expect(Array.from(tagLog.tagIndex)).toEqual([0, 1, 1]);
    expect(Array.from(buildTagLog(tags, log, [9, 3, 5]).tags.ids)).toEqual([3, 5, 9]);
  });

  it('refuses an item outside the catalog', () => {
    const tags = { userId: [1], itemId: [99], tagId: [5], timestamp: [30], ordinal: [0] };
    expect(() => buildTagLog(tags, log)).toThrow(/itemId, row 0: 99/);
  });
});

describe('buildItemFeatures', () => {
  const items = new Vocabulary(Int32Array.of(10, 20, 30));

  it('lists genres by name, years, and nothing for an item without a row', () => {
    const features = buildItemFeatures(items, {
      itemId: [30, 10],
      genres: [['War', 'Comedy', 'War'], ['Drama']],
      year: [1999, null],
    });
    expect(features.genreNames).toEqual(['Comedy', 'Drama', 'War']);
    expect(Array.from(features.genreOffsets)).toEqual([0, 1, 1, 3]);
    expect(Array.from(features.genreIndex)).toEqual([1, 0, 2]);
    expect(Array.from(features.year)).toEqual([0, 0, 1999]);
  });

  it('refuses an item twice and an impossible year', () => {
    expect(() => buildItemFeatures(items, { itemId: [10, 10], genres: [[], []], year: [1, 1] })).toThrow(
      /itemId, row 1: duplicate item 10/,
    );
    expect(() => buildItemFeatures(items, { itemId: [10], genres: [[]], year: [1999.5] })).toThrow(
      /year, row 0/,
    );
  });
});

describe('views of a log', () => {
  const log = buildInteractionLog(columns([row(1, 10, 1), row(1, 20, 2), row(1, 30, 3), row(2, 20, 1)]));

  it('historyOf gives the oldest interactions, without copying', () => {
    const history = historyOf(log, 0, 2);
    expect(Array.from(history.items)).toEqual([0, 1]);
    expect(history.items.buffer).toBe(log.itemIndex.buffer);
    expect(history.userIndex).toBe(0);
    expect(Array.from(historyOf(log, 1).items)).toEqual([1]);
    expect(() => historyOf(log, 2)).toThrow(RangeError);
    expect(() => historyOf(log, 1, 2)).toThrow(RangeError);
  });

  it('usersByItem is the transpose', () => {
    const { offsets, indices } = usersByItem(log);
    expect(Array.from(offsets)).toEqual([0, 1, 3, 4]);
    expect(Array.from(indices)).toEqual([0, 0, 1, 0]);
    expect(Array.from(interactionCounts(log))).toEqual([1, 2, 1]);
  });
});
