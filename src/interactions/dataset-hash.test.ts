import { Random } from '../numeric/random';
import { buildInteractionLog, buildItemFeatures, buildTagLog } from './build';
import { datasetHash } from './dataset-hash';
import type { TrainingData } from './interaction-log';
import { Vocabulary } from './vocabulary';

const ratings = [
  [1, 10, 4, 100, 0],
  [1, 20, 3, 100, 1],
  [1, 30, 5, 200, 0],
  [2, 10, 2, 50, 0],
  [2, 30, 1, Number.NaN, 0],
];
const tags = [
  [1, 10, 7, 300, 0],
  [2, 10, 8, 310, 0],
  [9, 30, 7, 320, 0],
];
const movies: { id: number; genres: string[]; year: number | null }[] = [
  { id: 10, genres: ['War', 'Drama'], year: 1990 },
  { id: 20, genres: [], year: null },
  { id: 30, genres: ['War'], year: 2001 },
];

function build(change: {
  ratings?: number[][];
  tags?: number[][];
  movies?: typeof movies;
  demographics?: TrainingData['demographics'];
}): TrainingData {
  const column = (rows: number[][], at: number) => rows.map((row) => row[at]);
  const rows = change.ratings ?? ratings;
  const interactions = buildInteractionLog(
    {
      userId: column(rows, 0),
      itemId: column(rows, 1),
      value: column(rows, 2),
      timestamp: column(rows, 3),
      ordinal: column(rows, 4),
    },
    { itemIds: [10, 20, 30, 40] },
  );
  const list = change.movies ?? movies;
  const itemFeatures = buildItemFeatures(interactions.items, {
    itemId: list.map((movie) => movie.id),
    genres: list.map((movie) => movie.genres),
    year: list.map((movie) => movie.year),
  });
  const t = change.tags ?? tags;
  const taggings = buildTagLog(
    {
      userId: column(t, 0),
      itemId: column(t, 1),
      tagId: column(t, 2),
      timestamp: column(t, 3),
      ordinal: column(t, 4),
    },
    interactions,
  );
  return { interactions, itemFeatures, taggings, demographics: change.demographics ?? null };
}

const replaced = (rows: number[][], at: number, column: number, value: number) =>
  rows.map((row, index) => (index === at ? row.with(column, value) : row));
const person = { gender: 'F', age: 25, occupation: null };

describe('datasetHash', () => {
  const original = datasetHash(build({}));

  it('is a SHA-256 that does not depend on the order in which rows arrived', () => {
    expect(original).toMatch(/^[0-9a-f]{64}$/);
    for (let seed = 0; seed < 10; seed++) {
      const mix = <T>(rows: T[]) => new Random(seed).shuffle(rows.map((_, at) => at)).map((at) => rows[at]);
      expect(datasetHash(build({ ratings: mix(ratings), tags: mix(tags), movies: mix(movies) }))).toBe(
        original,
      );
    }
  });

  it('does not depend on the numbers that the database gave to the tags', () => {
    expect(datasetHash(build({ tags: tags.map((row) => row.with(2, row[2] === 7 ? 99 : 3)) }))).toBe(
      original,
    );
  });

  it('does not depend on the order of the vocabularies', () => {
    const data = build({});
    const { interactions, itemFeatures, taggings } = data;
    // Items turned round: dense index i becomes 3 - i.
    const turned: TrainingData = {
      ...data,
      interactions: {
        ...interactions,
        items: new Vocabulary(interactions.items.ids.toReversed()),
        itemIndex: interactions.itemIndex.map((item) => 3 - item),
      },
      itemFeatures: {
        genreNames: ['War', 'Drama'],
        genreOffsets: Int32Array.of(0, 0, 1, 1, 3),
        genreIndex: Int32Array.of(0, 0, 1),
        year: itemFeatures.year.toReversed(),
      },
      taggings: { ...taggings, itemIndex: taggings.itemIndex.map((item) => 3 - item) },
    };
    expect(datasetHash(turned)).toBe(original);
  });

  it.each<[string, Parameters<typeof build>[0]]>([
    ['a value', { ratings: replaced(ratings, 0, 2, 4.5) }],
    ['a time', { ratings: replaced(ratings, 2, 3, 201) }],
    ['the order within one time', { ratings: replaced(replaced(ratings, 0, 4, 1), 1, 4, 0) }],
    ['an item', { ratings: replaced(ratings, 3, 1, 20) }],
    ['a user', { ratings: replaced(ratings, 3, 0, 3) }],
    ['a rating less', { ratings: ratings.slice(1) }],
    ['a tag', { tags: replaced(tags, 2, 2, 8) }],
    ['a tagged item', { tags: replaced(tags, 1, 1, 20) }],
    ['a tagger', { tags: replaced(tags, 1, 0, 1) }],
    ['a tagging less', { tags: tags.slice(1) }],
    [
      'a genre',
      { movies: movies.map((movie) => (movie.id === 30 ? { ...movie, genres: ['Drama'] } : movie)) },
    ],
    ['a year', { movies: movies.map((movie) => (movie.id === 10 ? { ...movie, year: 1991 } : movie)) }],
    ['demographics', { demographics: [person, person] }],
  ])('changes with %s', (_, change) => {
    expect(datasetHash(build(change))).not.toBe(original);
  });
});
