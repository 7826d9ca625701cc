/** Ranking with a filter, against a brute-force answer. */
import fc from 'fast-check';
import { matchesFilter } from '../../../test/support/matches-filter';
import { Movie } from '../../catalog/movie.entity';
import { type CheckedFilter, EVERYTHING } from '../../catalog/movie-filter';
import type { MetricSpace } from '../../models/metric-space';
import { Random } from '../../numeric/random';
import { LiveModel, placeMovies } from '../models/live-model';
import { CatalogSnapshot } from '../states/catalog-snapshot';
import type { MovieHistory } from '../states/history-cache';
import { TagIndex } from '../states/tag-index';
import { createViewer, rankFor } from './ranking';

const GENRES = ['Horror', 'Comedy', 'Drama', 'War'];
const TAG_IDS = [1, 2, 3, 4];
const D = 5;
const NO_TAGS = new TagIndex(new Map());

function makeMovies(random: Random, count: number): Movie[] {
  return Array.from({ length: count }, (_, i) =>
    Object.assign(new Movie(), {
      id: 3 * i + 1,
      title: `Movie ${i}`,
      year: random.integerBelow(5) === 0 ? null : 1990 + random.integerBelow(20),
      genres: GENRES.filter(() => random.integerBelow(3) === 0),
    }),
  );
}

function makeSpace(random: Random, itemIds: Int32Array): MetricSpace {
  const itemPoints = Float32Array.from({ length: itemIds.length * D }, () => random.integerBelow(6));
  return {
    embeddingSize: D,
    itemIds,
    itemPoints,
    tagIds: new Int32Array(0),
    tagPoints: new Float32Array(0),
    userPoint: ({ items }) => itemPoints.slice(items[0] * D, (items[0] + 1) * D),
    tagQueryPoint: () => new Float32Array(D),
    coldItemPoint: ({ year }) => new Float32Array(D).fill((year ?? 0) % 7),
  };
}

function ratedOf(ids: readonly number[]): MovieHistory {
  return {
    movieIds: Int32Array.from(ids),
    stars: new Float32Array(ids.length).fill(4),
    timestamps: new Float64Array(ids.length),
    demographics: undefined,
  };
}

/** As after a start and some writes: some movies are indexed, some changed since. */
function makeTaggings(
  random: Random,
  movies: readonly Movie[],
): { readonly index: TagIndex; readonly tagsOf: (id: number) => readonly number[] } {
  const draw = () => TAG_IDS.filter(() => random.integerBelow(4) === 0);
  const loaded = new Map(movies.filter(() => random.integerBelow(2) === 0).map(({ id }) => [id, draw()]));
  const changed = new Map(movies.filter(() => random.integerBelow(3) === 0).map(({ id }) => [id, draw()]));
  return {
    index: new TagIndex(loaded).with(changed),
    tagsOf: (id) => changed.get(id) ?? loaded.get(id) ?? [],
  };
}

const filters: fc.Arbitrary<CheckedFilter> = fc.record({
  tagsAnyOf: fc.option(fc.subarray([...TAG_IDS, 99])),
  tagsNoneOf: fc.option(fc.subarray(TAG_IDS, { maxLength: 2 })),
  minRatings: fc.option(fc.integer({ min: 0, max: 4 })),
  seen: fc.option(fc.constantFrom('UNSEEN', 'SEEN', 'ANY')),
  nearTagIds: fc.constant(null),
  genresAnyOf: fc.option(fc.subarray([...GENRES, 'No such genre'])),
  genresNoneOf: fc.option(fc.subarray(GENRES)),
  yearFrom: fc.option(fc.integer({ min: 1985, max: 2012 })),
  yearTo: fc.option(fc.integer({ min: 1985, max: 2012 })),
  excludeIds: fc.option(fc.array(fc.integer({ min: 1, max: 130 }), { maxLength: 20 })),
});

it('answers as filtering, measuring and sorting everything would: by distance, then by row; popular without a point', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 10 }),
      fc.boolean(),
      filters,
      (seed, count, k, ratedCount, withModel, filter) => {
        const random = new Random(seed);
        const movies = makeMovies(random, count);
        const ratingCounts = new Map(movies.map(({ id }) => [id, random.integerBelow(4)]));
        const { index: taggings, tagsOf } = makeTaggings(random, movies);
        const catalog = new CatalogSnapshot({ movies, tags: [], ratingCounts, taggings });
        // The space knows some of the movies, in another order, and one that the catalog has not.
        const known = random.shuffle(movies.map(({ id }) => id)).slice(0, Math.ceil(count / 2));
        const space = makeSpace(random, Int32Array.from([999, ...known]));
        const model = withModel
          ? new LiveModel(1, catalog, placeMovies(space, movies, new Map(), null))
          : null;
        const rated = ratedOf(random.shuffle(movies.map(({ id }) => id)).slice(0, ratedCount));
        const point = model?.userPoint(rated) ?? null;
        const answer = rankFor(createViewer({ catalog, model }, rated, point), { k, filter }, 'PERSONAL');

        const placeOf = (movie: Movie, row: number): number => {
          if (model === null || point === null) return -(ratingCounts.get(movie.id) ?? 0);
          const at = space.itemIds.indexOf(movie.id);
          const place =
            at < 0
              ? space.coldItemPoint({ ...movie, tagIds: [] })
              : space.itemPoints.subarray(at * D, (at + 1) * D);
          expect(Array.from(model.pointOf(row))).toEqual(Array.from(place));
          return Math.sqrt(place.reduce((sum, x, j) => sum + (x - point[j]) ** 2, 0));
        };
        const expected = movies
          .map((movie, row) => ({ movie, row, place: placeOf(movie, row) }))
          .filter(({ movie }) => {
            const { id } = movie;
            const facts = {
              tagIds: tagsOf(id),
              ratings: ratingCounts.get(id) ?? 0,
              seen: rated.movieIds.includes(id),
            };
            return matchesFilter({ ...movie, ...facts }, filter);
          })
          .sort((a, b) => a.place - b.place || a.row - b.row)
          .slice(0, k);
        expect(Array.from(answer.rows)).toEqual(expected.map(({ row }) => row));
        expect(answer.source).toBe(point === null ? 'POPULAR' : 'PERSONAL');
        expect(Array.from(answer.distances)).toEqual(
          expected.map(({ place }) => (point === null ? 0 : place)),
        );
      },
    ),
    { numRuns: 300 },
  );
});

it('a filter that asks for nothing leaves out nothing', () => {
  const catalog = new CatalogSnapshot({
    movies: makeMovies(new Random(1), 9),
    tags: [],
    ratingCounts: new Map(),
    taggings: NO_TAGS,
  });
  expect(catalog.excludedBy(EVERYTHING)).toBeNull();
  expect(catalog.excludedBy(null)).toBeNull();
  expect(catalog.excludedBy({ ...EVERYTHING, genresAnyOf: [] })?.members()).toHaveLength(9);
});

it('a changed movie keeps its row, a new one comes last', () => {
  const movies = makeMovies(new Random(2), 3);
  const catalog = new CatalogSnapshot({
    movies,
    tags: [],
    ratingCounts: new Map([[movies[2].id, 5]]),
    taggings: NO_TAGS,
  });
  const renamed = Object.assign(new Movie(), { ...movies[1], title: 'Renamed' });
  const added = Object.assign(new Movie(), { ...movies[1], id: 77 });
  const next = catalog.with({ movies: [renamed, added] });
  expect(next.movies.map(({ title }) => title)).toEqual(['Movie 0', 'Renamed', 'Movie 2', 'Movie 1']);
  expect(next.rowOf(77)).toBe(3);
  expect(next.popularityRank(2)).toBe(0);
  expect(catalog.size).toBe(3);
  expect(next.with({ movies: [Object.assign(new Movie(), renamed)] }).movies).toBe(next.movies);
});
