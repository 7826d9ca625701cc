import { AGE_GROUPS, groupsOf } from '../../interactions/demographic-prior';
import { Random } from '../../numeric/random';
import { type Artifact, CorruptArtifactError, decodeArtifact, encodeArtifact } from '../artifact';
import { EmptyHistoryError } from '../metric-space';
import {
  encodeFeatures,
  featureCount,
  RATING_LEVELS,
  rowsOfGroups,
  userPoint,
  YEAR_KNOTS,
} from './forward';
import { readTowerSpace, type TowerSpace, TWO_TOWER_KIND } from './space';

const d = 4;
const items = 6;
const hidden = 3;
const genreNames = ['Comedy', 'Horror'];
const random = new Random(2);
const normal = (...shape: number[]) => ({
  data: Float32Array.from({ length: shape.reduce((product, side) => product * side, 1) }, () =>
    random.normal(),
  ),
  shape,
});

const artifact: Artifact = {
  kind: TWO_TOWER_KIND,
  format: 1,
  settings: {
    embeddingSize: d,
    hiddenSize: hidden,
    userHiddenSize: 0,
    window: 3,
    placeGates: 0,
    transitions: 0,
    historyPoints: 'shared',
    growth: 0,
    genreNames,
    demographicKeys: ['age:25', 'gender:F'],
  },
  arrays: {
    itemIds: { data: Int32Array.of(10, 20, 30, 40, 50, 60), shape: [items] },
    itemPoints: normal(items, d),
    tagIds: { data: Int32Array.of(7, 8), shape: [2] },
    tagPoints: normal(2, d),
    decays: { data: Float32Array.of(1, 0.5), shape: [2] },
    gates: normal(2, d),
    historyOffsets: normal(0, d),
    placeGates: normal(0, d),
    transitions: normal(0, d),
    levelWeights: normal(RATING_LEVELS),
    userBias: normal(d),
    demographicPoints: normal(2, d),
    userHiddenWeights: normal(0, 0),
    userHiddenBias: normal(0),
    userOutputWeights: normal(0, d),
    hiddenWeights: normal(featureCount(2) + d, hidden),
    hiddenBias: normal(hidden),
    outputWeights: normal(hidden, d),
    outputBias: normal(d),
    tagGate: { data: Float32Array.of(0.5, 0.25, 1, 0), shape: [d] },
  },
};
/** The same with history points of their own, gates for the two newest places and a matrix for the
 *  newest. */
const placedArtifact: Artifact = {
  ...artifact,
  settings: { ...artifact.settings, placeGates: 2, transitions: 1, historyPoints: 'own' },
  arrays: {
    ...artifact.arrays,
    historyOffsets: normal(items, d),
    placeGates: normal(2, d),
    transitions: normal(d, d),
  },
};
/** And with a perceptron besides. */
const bentArtifact: Artifact = {
  ...placedArtifact,
  settings: { ...placedArtifact.settings, userHiddenSize: hidden },
  arrays: {
    ...placedArtifact.arrays,
    userHiddenWeights: normal(3 * d, hidden),
    userHiddenBias: { data: Float32Array.of(9, 9, -9), shape: [hidden] }, // two units that are on, one that is off
    userOutputWeights: normal(hidden, d),
  },
};
const history = (...list: [item: number, stars: number][]) => ({
  items: Int32Array.from(list, ([item]) => item),
  values: Float32Array.from(list, ([, stars]) => stars),
  timestamps: new Float64Array(list.length).fill(Number.NaN),
});
const close = (actual: Float32Array, expected: ArrayLike<number>) =>
  actual.forEach((value, k) => {
    expect(value).toBeCloseTo(expected[k], 5);
  });

describe('the space of the towers', () => {
  const space: TowerSpace = readTowerSpace(decodeArtifact(encodeArtifact(artifact)));
  const array = (name: string) => artifact.arrays[name].data as Float32Array;

  it('with more items, rates them where they lie, and leaves everything else as it was', () => {
    const placed = readTowerSpace(decodeArtifact(encodeArtifact(placedArtifact)));
    // The very point that item 2 has as part of a history.
    const offsets = placedArtifact.arrays.historyOffsets.data;
    const twin = placed.itemPoints.slice(2 * d, 3 * d).map((value, k) => value + offsets[2 * d + k]);
    const more = placed.withItems(Int32Array.of(70), twin);
    expect(more.itemIds).toEqual(Int32Array.of(10, 20, 30, 40, 50, 60, 70));
    expect(more.userPoint(history([1, 4], [items, 3]))).toEqual(placed.userPoint(history([1, 4], [2, 3])));
    expect(more.userPoint(history([0, 4], [5, 3]))).toEqual(placed.userPoint(history([0, 4], [5, 3])));
    expect(more.leaveOneOut(history([1, 4], [items, 3])).without([1])[0]).toEqual(
      placed.userPoint(history([1, 4])),
    );
  });

  it('puts a user where the formula says', () => {
    const [w, g, v] = [array('levelWeights'), array('gates'), array('itemPoints')];
    const demographics = { gender: 'F', age: 25, occupation: 'astronaut' };
    const point = space.userPoint({ ...history([1, 4.5], [4, 0]), demographics });
    const expected = Array.from({ length: d }, (_, k) => {
      const [older, newer] = [w[9] * v[1 * d + k], w[0] * v[4 * d + k]];
      const people = array('demographicPoints')[k] + array('demographicPoints')[d + k];
      return (
        array('userBias')[k] +
        people +
        (g[k] * (older + newer)) / 2 +
        (g[d + k] * (0.5 * older + newer)) / 1.5
      );
    });
    close(point, expected);
  });

  it('adds what the newest ratings have for their places', () => {
    const placed = readTowerSpace(decodeArtifact(encodeArtifact(placedArtifact)));
    const given = (name: string) => placedArtifact.arrays[name].data as Float32Array;
    const [w, v, o, gate, matrix] = [
      'levelWeights',
      'itemPoints',
      'historyOffsets',
      'placeGates',
      'transitions',
    ].map(given);
    const long = history([0, 2], [1, 4.5], [4, 0]);
    const h = (item: number, k: number) => v[item * d + k] + o[item * d + k];
    const pools = (k: number) => {
      const [oldest, older, newer] = [w[4] * h(0, k), w[9] * h(1, k), w[0] * h(4, k)];
      const g = given('gates');
      return (
        (g[k] * (oldest + older + newer)) / 3 + (g[d + k] * (0.25 * oldest + 0.5 * older + newer)) / 1.75
      );
    };
    const expected = Array.from({ length: d }, (_, k) => {
      let moved = 0;
      for (let i = 0; i < d; i++) moved += w[0] * h(4, i) * matrix[i * d + k];
      return (
        given('userBias')[k] + pools(k) + gate[k] * w[0] * h(4, k) + gate[d + k] * w[9] * h(1, k) + moved
      );
    });
    close(placed.userPoint(long), expected);
  });

  it('counts only the ratings in its window', () => {
    const long = [
      [0, 5],
      [1, 1],
      [2, 3],
      [3, 0],
      [4, 4.5],
    ] as [number, number][];
    close(space.userPoint(history(...long)), space.userPoint(history(...long.slice(2))));
    expect(Array.from(space.leaveOneOut(history(...long)).items)).toEqual([2, 3, 4]);
  });

  it('adds what its perceptron makes of the pools and of the newest places', () => {
    const bent = readTowerSpace(decodeArtifact(encodeArtifact(bentArtifact)));
    const linear = readTowerSpace(placedArtifact);
    const [w, v, o, into, b, out] = [
      'levelWeights',
      'itemPoints',
      'historyOffsets',
      'userHiddenWeights',
      'userHiddenBias',
      'userOutputWeights',
    ].map((name) => bentArtifact.arrays[name].data);
    const x = (item: number, level: number) =>
      Array.from({ length: d }, (_, k) => w[level] * (v[item * d + k] + o[item * d + k]));
    const [older, newer] = [x(1, 9), x(4, 0)];
    const features = [
      ...newer.map((value, k) => (older[k] + value) / 2),
      ...newer.map((value, k) => (0.5 * older[k] + value) / 1.5),
      ...newer,
    ];
    const units = Array.from(b, (bias, n) =>
      Math.max(
        0,
        features.reduce((sum, value, i) => sum + value * into[i * hidden + n], bias),
      ),
    );
    expect(units.some((unit) => unit > 0)).toBe(true);
    const short = history([1, 4.5], [4, 0]);
    close(
      bent.userPoint(short),
      Array.from(linear.userPoint(short), (value, k) =>
        units.reduce((sum, unit, n) => sum + unit * out[n * d + k], value),
      ),
    );
  });

  it.each([artifact, bentArtifact, placedArtifact])(
    'says where a user would be had they never rated something',
    (given) => {
      const tower = readTowerSpace(given);
      const { without } = tower.leaveOneOut(history([1, 2], [2, 3], [3, 0], [4, 4.5]));
      close(without([1])[0], tower.userPoint(history([1, 2], [2, 3], [4, 4.5])));
      close(
        tower.leaveOneOut(history([2, 3])).without([0])[0],
        userPoint(tower.userTower, tower.itemPoints, history()),
      );
    },
  );

  it('refuses to place someone without a history', () => {
    expect(() => space.userPoint(history())).toThrow(EmptyHistoryError);
    expect(() => space.leaveOneOut(history())).toThrow(EmptyHistoryError);
  });

  it('asks for tags from a user, an item, or the mix of both', () => {
    const userPoint = Float32Array.of(1, 1, 1, 1);
    const itemPoint = Float32Array.of(3, 5, 7, 9);
    close(space.tagQueryPoint({ userPoint }), userPoint);
    close(space.tagQueryPoint({ itemPoint }), itemPoint);
    close(space.tagQueryPoint({ userPoint, itemPoint }), [2, 4, 1, 9]);
    expect(() => space.tagQueryPoint({})).toThrow(RangeError);
  });

  it('places a new film by its genres, year and tags, and ignores what it does not know', () => {
    const known = { genres: ['Horror'], year: 1973, tagIds: [8] };
    const point = space.coldItemPoint(known);
    close(
      space.coldItemPoint({ genres: ['Horror', 'Opera', 'Horror'], year: 1973, tagIds: [8, 99] }),
      point,
    );
    const x = new Float64Array(featureCount(2) + d);
    const knot = 2 + YEAR_KNOTS.indexOf(1970);
    x.set([0, 1]);
    x.set([0.4, 0.6], knot);
    x.set(array('tagPoints').subarray(d), featureCount(2));
    const units = Array.from(array('hiddenBias'), (bias, h) =>
      Math.max(
        0,
        x.reduce((sum, value, row) => sum + value * array('hiddenWeights')[row * hidden + h], bias),
      ),
    );
    close(
      point,
      Array.from(array('outputBias'), (bias, k) =>
        units.reduce((sum, unit, h) => sum + unit * array('outputWeights')[h * d + k], bias),
      ),
    );
    for (const different of [{ genres: [] }, { year: null }, { year: 1950 }, { tagIds: [] }]) {
      expect(space.coldItemPoint({ ...known, ...different })).not.toEqual(point);
    }
  });

  it.each(Object.keys(bentArtifact.arrays))(
    'refuses an artifact whose %s is missing, misshapen or not finite',
    (name) => {
      const { [name]: array, ...others } = bentArtifact.arrays;
      const broken = [
        others,
        { ...others, [name]: { data: new Float32Array(1), shape: [1, 1, 1] } },
        {
          ...others,
          [name]: { data: Float32Array.from(array.data, () => Number.NaN), shape: array.shape },
        },
      ];
      for (const arrays of broken)
        expect(() => readTowerSpace({ ...bentArtifact, arrays } as Artifact)).toThrow(CorruptArtifactError);
    },
  );

  it('refuses an artifact of another kind, or without its settings', () => {
    expect(() => readTowerSpace({ ...artifact, kind: 'POPULARITY' })).toThrow(CorruptArtifactError);
    expect(() => readTowerSpace({ ...artifact, settings: {} })).toThrow(CorruptArtifactError);
  });
});

describe('feature vectors', () => {
  it.each([1850, 1920, 1923, 1925, 2024, 2025, 2300])(
    'spread the year %d over its knots with weights that add up to 1',
    (year) => {
      const { columns, weights } = encodeFeatures([], year, 0);
      expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 10);
      const mean = columns.reduce((sum, column, n) => sum + weights[n] * YEAR_KNOTS[column], 0);
      expect(mean).toBeCloseTo(Math.max(1920, Math.min(2025, year)), 10);
    },
  );

  it('name what is known of a person, and nothing else', () => {
    expect(groupsOf({ gender: 'F', age: null, occupation: 'artist' })).toEqual([
      'gender:F',
      'occupation:artist',
    ]);
    expect(groupsOf(undefined)).toEqual([]);
  });

  it('know an age by its group, as the demographic prior does', () => {
    const person = (age: number) => ({ gender: 'F', age, occupation: null });
    const groups = new Map(
      ['gender:F', ...AGE_GROUPS.map((from) => `age:${from}`)].map((key, row) => [key, row]),
    );
    const rowOfAge = (age: number) => rowsOfGroups(groups, person(age))[1];
    expect(rowOfAge(27)).toBe(groups.get('age:25'));
    expect(rowOfAge(17)).toBe(groups.get('age:1'));
    for (const from of AGE_GROUPS) expect(rowOfAge(from)).toBe(groups.get(`age:${from}`));
  });
});
