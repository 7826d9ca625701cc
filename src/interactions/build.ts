/** Columns as they come from the catalog → the sorted, dense form. The result depends on the rows,
 *  never on their order. */
import { AppError } from '../errors';
import type { InteractionLog, ItemFeatures, TagLog } from './interaction-log';
import { Vocabulary } from './vocabulary';

/** A column of numbers, typed or not. */
export type Column = ArrayLike<number>;

/** Ratings, unsorted; all columns have one length. */
export interface InteractionRows {
  readonly userId: Column;
  readonly itemId: Column;
  /** stars 0.5 to 5; 0 where unknown */
  readonly value: Column;
  /** seconds since 1970; NaN where unknown */
  readonly timestamp: Column;
  /** order among rows of one user with one timestamp */
  readonly ordinal: Column;
}

/** Taggings, unsorted; all columns have one length. */
export interface TagRows {
  readonly userId: Column;
  readonly itemId: Column;
  readonly tagId: Column;
  readonly timestamp: Column;
  readonly ordinal: Column;
}

export interface ItemFeatureRows {
  readonly itemId: Column;
  readonly genres: readonly (readonly string[])[];
  readonly year: readonly (number | null)[];
}

/** A row cannot be used; the message names column, row (from 0) and value. */
export class InvalidRowsError extends AppError {
  readonly code = 'DATA_UNFIT';
}

/** @param rows    ratings, in any order
 *  @param catalog ids that get an index even without a row; without it the vocabularies hold what
 *    the rows name
 *  @returns users and items in ascending order of id; rows by user, time (unknown first), ordinal,
 *    item
 *  @throws InvalidRowsError on columns of different length, an id that is no 32-bit integer, an
 *    impossible value or time, an item outside the catalog, two rows of one user and item */
export function buildInteractionLog(
  rows: InteractionRows,
  catalog: { readonly userIds?: Column; readonly itemIds?: Column } = {},
): InteractionLog {
  const count = checkLengths({ ...rows });
  for (const column of ['userId', 'itemId', 'ordinal'] as const) checkIntegers(column, rows[column]);
  checkRange('value', rows.value, (value) => value >= 0 && value <= 5);
  checkTimes(rows.timestamp);
  const users = vocabularyOf('userId', catalog.userIds ?? rows.userId);
  const items = vocabularyOf('itemId', catalog.itemIds ?? rows.itemId);
  const userOf = indicesOf('userId', rows.userId, users);
  const itemOf = indicesOf('itemId', rows.itemId, items);

  const offsets = new Int32Array(users.size + 1);
  for (const user of userOf) offsets[user + 1]++;
  for (let user = 0; user < users.size; user++) offsets[user + 1] += offsets[user];
  const order = new Int32Array(count);
  const next = offsets.slice(0, users.size);
  for (let row = 0; row < count; row++) order[next[userOf[row]]++] = row;
  const { timestamp, ordinal } = rows;
  const earlier = (a: number, b: number) =>
    compareTimes(timestamp[a], timestamp[b]) || ordinal[a] - ordinal[b] || itemOf[a] - itemOf[b];
  for (let user = 0; user < users.size; user++)
    order.subarray(offsets[user], offsets[user + 1]).sort(earlier);

  const log: InteractionLog = {
    users,
    items,
    offsets,
    itemIndex: Int32Array.from(order, (row) => itemOf[row]),
    value: Float32Array.from(order, (row) => rows.value[row]),
    timestamp: Float64Array.from(order, (row) => timestamp[row]),
  };
  checkNoRepeats(log);
  return log;
}

/** @param log gives the user and item indices; a tagging on an item outside it is refused, one by a
 *    user outside it has index -1
 *  @returns tags in ascending order of id (all of `tagIds` when given); rows by time, ordinal,
 *    user, item, tag
 *  @throws InvalidRowsError as buildInteractionLog */
export function buildTagLog(
  rows: TagRows,
  log: Pick<InteractionLog, 'users' | 'items'>,
  tagIds?: Column,
): TagLog {
  const count = checkLengths({ ...rows });
  for (const column of ['userId', 'itemId', 'tagId', 'ordinal'] as const)
    checkIntegers(column, rows[column]);
  checkTimes(rows.timestamp);
  const tags = vocabularyOf('tagId', tagIds ?? rows.tagId);
  const itemOf = indicesOf('itemId', rows.itemId, log.items);
  const tagOf = indicesOf('tagId', rows.tagId, tags);
  const { userId, timestamp, ordinal } = rows;
  const order = Int32Array.from({ length: count }, (_, row) => row).sort(
    (a, b) =>
      compareTimes(timestamp[a], timestamp[b]) ||
      ordinal[a] - ordinal[b] ||
      userId[a] - userId[b] ||
      itemOf[a] - itemOf[b] ||
      tagOf[a] - tagOf[b],
  );
  return {
    tags,
    userIndex: Int32Array.from(order, (row) => log.users.indexOf(userId[row]) ?? -1),
    itemIndex: Int32Array.from(order, (row) => itemOf[row]),
    tagIndex: Int32Array.from(order, (row) => tagOf[row]),
    timestamp: Float64Array.from(order, (row) => timestamp[row]),
  };
}

/** @param rows one row an item, any order; an item of the vocabulary without a row has no genres
 *    and no year
 *  @returns genre names in alphabetical order (code points)
 *  @throws InvalidRowsError on an item outside the vocabulary or given twice, a year that is no
 *    16-bit integer */
export function buildItemFeatures(items: Vocabulary, rows: ItemFeatureRows): ItemFeatures {
  checkLengths({ ...rows });
  checkIntegers('itemId', rows.itemId);
  const itemOf = indicesOf('itemId', rows.itemId, items);
  const rowOf = new Int32Array(items.size).fill(-1);
  itemOf.forEach((item, row) => {
    if (rowOf[item] !== -1)
      throw new InvalidRowsError(`itemId, row ${row}: duplicate item ${rows.itemId[row]}.`);
    rowOf[item] = row;
  });
  const year = Int16Array.from(rowOf, (row) => (row === -1 ? 0 : checkedYear(rows.year[row], row)));
  const genreNames = [...new Set(rows.genres.flat())].sort((a, b) => (a < b ? -1 : 1));
  const indexOf = new Map(genreNames.map((name, index) => [name, index]));
  const genreOffsets = new Int32Array(items.size + 1);
  const genreIndex: number[] = [];
  for (let item = 0; item < items.size; item++) {
    const genres = rowOf[item] === -1 ? [] : rows.genres[rowOf[item]];
    genreIndex.push(...[...new Set(genres)].map((name) => indexOf.get(name)!).sort((a, b) => a - b));
    genreOffsets[item + 1] = genreIndex.length;
  }
  return { genreNames, genreOffsets, genreIndex: Int32Array.from(genreIndex), year };
}

function checkedYear(year: number | null, row: number): number {
  const known = year ?? 0;
  if (!Number.isInteger(known) || Math.abs(known) > 32_767)
    throw new InvalidRowsError(`year, row ${row}: ${year} is not a year.`);
  return known;
}

function checkLengths(columns: Readonly<Record<string, ArrayLike<unknown>>>): number {
  const lengths = Object.entries(columns).map(([name, column]) => [name, column.length] as const);
  const count = lengths[0][1];
  const other = lengths.find(([, length]) => length !== count);
  if (other)
    throw new InvalidRowsError(
      `Column ${other[0]} has ${other[1]} rows, but ${lengths[0][0]} has ${count}.`,
    );
  return count;
}

function checkIntegers(name: string, column: Column): void {
  checkRange(name, column, (value) => (value | 0) === value);
}

function checkTimes(column: Column): void {
  checkRange('timestamp', column, (time) => Number.isFinite(time) || Number.isNaN(time));
}

function checkRange(name: string, column: Column, allowed: (value: number) => boolean): void {
  for (let row = 0; row < column.length; row++) {
    if (!allowed(column[row]))
      throw new InvalidRowsError(`${name}, row ${row}: ${column[row]} is not allowed.`);
  }
}

function vocabularyOf(name: string, ids: Column): Vocabulary {
  checkIntegers(name, ids);
  const distinct = Int32Array.from(new Set(Array.from(ids)));
  return new Vocabulary(distinct.sort());
}

function indicesOf(name: string, ids: Column, vocabulary: Vocabulary): Int32Array {
  const indices = new Int32Array(ids.length);
  for (let row = 0; row < ids.length; row++) {
    const index = vocabulary.indexOf(ids[row]);
    if (index === undefined)
      throw new InvalidRowsError(`${name}, row ${row}: ${ids[row]} is not in the catalog.`);
    indices[row] = index;
  }
  return indices;
}

/** Unknown times (NaN) count as the earliest. */
function compareTimes(a: number, b: number): number {
  if (a === b) return 0;
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  return Number.isNaN(b) ? 1 : a - b;
}

function checkNoRepeats(log: InteractionLog): void {
  const lastUser = new Int32Array(log.items.size).fill(-1);
  for (let user = 0; user < log.users.size; user++) {
    for (let row = log.offsets[user]; row < log.offsets[user + 1]; row++) {
      const item = log.itemIndex[row];
      if (lastUser[item] === user) {
        throw new InvalidRowsError(
          `User ${log.users.ids[user]} has two rows for item ${log.items.ids[item]}.`,
        );
      }
      lastUser[item] = user;
    }
  }
}
