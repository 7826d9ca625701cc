import { contextOf } from '../../test/fixtures/fit-context';
import { dataOf } from '../../test/fixtures/training-data';
import { historyOf } from '../interactions/history';
import { Random } from '../numeric/random';
import { type ItemKnnHyperparameters, itemKnn } from './item-knn';

const context = contextOf();
const settings = (given: Partial<ItemKnnHyperparameters> = {}) =>
  itemKnn.hyperparameters.parse({ shrinkage: 0, ...given });
const USERS = 30;
const ITEMS = 20;
const random = new Random(8);
const histories = Array.from({ length: USERS }, () =>
  Array.from(random.sampleWithoutReplacement(ITEMS, 2 + random.integerBelow(9))),
);
const data = dataOf(histories, ITEMS);

/** The definition, item pair by item pair. */
function similarity(
  i: number,
  j: number,
  { weighting, shrinkage, bm25K1: k1, bm25B: b }: ItemKnnHyperparameters,
): number {
  const popularity = (item: number) => histories.filter((own) => own.includes(item)).length;
  const mean = histories.flat().length / ITEMS;
  const weight = (own: number[], item: number): number => {
    if (!own.includes(item)) return 0;
    const idf = Math.log(ITEMS / (1 + own.length));
    if (weighting === 'COSINE') return 1;
    return weighting === 'TFIDF'
      ? idf
      : (idf * (k1 + 1)) / (1 + k1 * (1 - b + (b * popularity(item)) / mean));
  };
  const product = (a: number, c: number) =>
    histories.reduce((sum, own) => sum + weight(own, a) * weight(own, c), 0);
  const shared = histories.filter((own) => own.includes(i) && own.includes(j)).length;
  const norm = weighting === 'BM25' ? 1 : Math.sqrt(product(i, i) * product(j, j));
  return shared === 0 || i === j ? 0 : (product(i, j) / norm) * (shared / (shared + shrinkage));
}

describe('item-kNN', () => {
  it('worked by hand: cosine of {1, 2} and {1, 2, 3} is 2 / sqrt(2 * 3)', async () => {
    // Item 0 has the users 1, 2; item 1 the users 1, 2, 3; item 2 the user 3.
    const model = await itemKnn.fit(
      dataOf(
        [
          [0, 1],
          [0, 1],
          [1, 2],
        ],
        3,
      ),
      settings({ weighting: 'COSINE' }),
      context,
    );
    const one = { items: Int32Array.of(0), values: new Float32Array(1), timestamps: new Float64Array(1) };
    const scores = model.score([one]);
    expect(scores[0]).toBe(0);
    expect(scores[1]).toBeCloseTo(2 / Math.sqrt(6), 6);
    expect(scores[2]).toBe(0);
  });

  it.each<Partial<ItemKnnHyperparameters>>([
    { weighting: 'COSINE' },
    { weighting: 'TFIDF' },
    { weighting: 'BM25' },
    { weighting: 'BM25', bm25K1: 2, bm25B: 0.3, neighbours: 4 },
    { weighting: 'COSINE', shrinkage: 5, neighbours: 3 },
    { weighting: 'TFIDF', shrinkage: 2, neighbours: 1 },
  ])('agrees with the definition, %j', async (given) => {
    const hyperparameters = settings(given);
    const model = await itemKnn.fit(data, hyperparameters, context);
    const expected = (user: number) => {
      const scores = new Float64Array(ITEMS);
      for (const j of histories[user]) {
        const nearest = Array.from({ length: ITEMS }, (_, i) => ({
          i,
          value: similarity(i, j, hyperparameters),
        }))
          .filter(({ value }) => value > 0)
          .sort((a, b) => b.value - a.value || a.i - b.i)
          .slice(0, hyperparameters.neighbours);
        for (const { i, value } of nearest) scores[i] += value;
      }
      return scores;
    };
    for (let user = 0; user < USERS; user++) {
      const got = model.score([historyOf(data.interactions, user)]);
      expected(user).forEach((score, item) => {
        expect(got[item]).toBeCloseTo(score, 4);
      });
    }
  });

  it('leaves an item without company alone', async () => {
    const model = await itemKnn.fit(dataOf([[0], [1, 2]], 4), settings({ weighting: 'COSINE' }), context);
    const loner = {
      items: Int32Array.of(0, 3),
      values: new Float32Array(2),
      timestamps: new Float64Array(2),
    };
    expect(Array.from(model.score([loner]))).toEqual([0, 0, 0, 0]);
  });
});
