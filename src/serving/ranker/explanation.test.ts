/** Explanations against what they are by definition, whatever was explained to the same viewer
 *  before. */
import fc from 'fast-check';
import { HandMadeSpace } from '../../../test/support/hand-made-space';
import { Movie } from '../../catalog/movie.entity';
import { EVERYTHING } from '../../catalog/movie-filter';
import { Random } from '../../numeric/random';
import { LiveModel, placeMovies } from '../models/live-model';
import { CatalogSnapshot } from '../states/catalog-snapshot';
import { TagIndex } from '../states/tag-index';
import { countBelow, explain } from './explanation';
import { createViewer, type RankedMovies, rankFor, type Viewer } from './ranking';

const MOVIES = 120;
const RATED = 90;
const random = new Random(8);
const coordinates = (count: number) => Float32Array.from({ length: 2 * count }, () => random.normal());
const movies = Array.from({ length: MOVIES }, (_, row) =>
  Object.assign(new Movie(), { id: row + 1, title: `Movie ${row}`, year: 2000, genres: [] }),
);
const tags = [7, 8, 9, 10, 11, 12].map((id) => ({ id, name: `tag ${id}`, key: `tag ${id}` }));
const tagPoints = coordinates(tags.length);
const itemPoints = coordinates(MOVIES);
const space = new HandMadeSpace(
  Int32Array.from(movies, ({ id }) => id),
  itemPoints,
  Int32Array.from(tags, ({ id }) => id),
  tagPoints,
  1,
);
const catalog = new CatalogSnapshot({
  movies,
  tags,
  ratingCounts: new Map(),
  taggings: new TagIndex(new Map()),
});
const model = new LiveModel(1, catalog, placeMovies(space, movies, new Map(), null));
const state = { catalog, model };

function viewerOf(count: number): Viewer {
  const rated = {
    movieIds: Int32Array.from({ length: count }, (_, at) => at + 1),
    stars: Float32Array.from({ length: count }, (_, at) => 1 + (at % 5)),
    timestamps: new Float64Array(count),
    demographics: undefined,
  };
  return createViewer(state, rated, count > 0 ? model.userPoint(rated) : null);
}

const away = (x: number, y: number, [a, b]: Float32Array | readonly number[]) => Math.hypot(x - a, y - b);

function check(answer: RankedMovies, ratedCount: number): void {
  const { point } = answer.viewer;
  const reasons = explain(answer);
  answer.rows.forEach((row, at) => {
    const [x, y] = itemPoints.subarray(2 * row);
    const nearest = Array.from({ length: ratedCount }, (_, rated) => ({
      rated,
      distance: away(x, y, itemPoints.subarray(2 * rated)),
    }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, 3);
    const { nearestRated, nearTags } = reasons[at];
    expect(nearestRated.map(({ movie }) => movie.id)).toEqual(nearest.map(({ rated }) => rated + 1));
    nearestRated.forEach(({ stars, distance, contribution }, i) => {
      const { rated } = nearest[i];
      const others = [0, 1].map(
        (k) => (ratedCount * point![k] - itemPoints[2 * rated + k]) / (ratedCount - 1),
      );
      expect(stars).toBe(1 + (rated % 5));
      expect(distance).toBeCloseTo(nearest[i].distance, 5);
      expect(contribution).toBeCloseTo(away(x, y, others) - away(x, y, point!), 5);
    });
    const middle = point === null ? [x, y] : [(x + point[0]) / 2, (y + point[1]) / 2];
    const near = tags.map(({ id }, tag) => ({
      id,
      distance: away(middle[0], middle[1], tagPoints.subarray(2 * tag)),
    }));
    near.sort((a, b) => a.distance - b.distance);
    expect(nearTags.map(({ tag }) => tag.id)).toEqual(near.slice(0, 5).map(({ id }) => id));
    nearTags.forEach(({ distance }, i) => {
      expect(distance).toBeCloseTo(near[i].distance, 5);
    });
  });
}

it('is the same for a film in whatever list it stands, and after more films than are kept', () => {
  const viewer = viewerOf(40);
  for (const k of [3, 10, 4, 30, 80, 12]) check(rankFor(viewer, { k }, 'PERSONAL'), 40);
  const other = rankFor(
    viewer,
    { k: 9, filter: { ...EVERYTHING, excludeIds: [100, 101, 110] } },
    'PERSONAL',
  );
  check(other, 40);
});

it('speaks of many ratings, more than are kept', () => {
  const viewer = viewerOf(RATED);
  for (const k of [30, 5, 30]) check(rankFor(viewer, { k }, 'PERSONAL'), RATED);
});

it('of a list that tags steer is measured from there, where the viewer has no point of their own', () => {
  const viewer = viewerOf(0);
  check(rankFor(viewer, { k: MOVIES }, 'PERSONAL'), 0);
  const steered = rankFor(viewer, { k: 5, filter: { ...EVERYTHING, nearTagIds: [9] } }, 'PERSONAL');
  expect(steered.viewer.point).not.toBeNull();
  check(steered, 0);
  check(rankFor(viewer, { k: 6 }, 'PERSONAL'), 0);
});

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
