import { contextOf } from '../../test/fixtures/fit-context';
import { dataOf } from '../../test/fixtures/training-data';
import { popularity } from './popularity';

const context = contextOf();

it('popularity scores by the number of interactions, for everyone the same', async () => {
  const data = dataOf([[2, 0], [2, 1], [2, 0], []], 4);
  const model = await popularity.fit(data, {}, context);
  const nobody = { items: new Int32Array(0), values: new Float32Array(0), timestamps: new Float64Array(0) };
  expect(Array.from(model.score([nobody, { ...nobody, items: Int32Array.of(2) }]))).toEqual([
    2, 1, 3, 0, 2, 1, 3, 0,
  ]);
  expect(model.space).toBeNull();
});
