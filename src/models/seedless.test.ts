/** Systems that are said to have no randomness give the same model whatever the seed. */

import { contextOf } from '../../test/fixtures/fit-context';
import { dataOf } from '../../test/fixtures/training-data';
import { encodeArtifact } from './artifact';
import { MOVIE_SYSTEMS } from './systems';

const data = dataOf(
  Array.from({ length: 12 }, (_, user) => Array.from({ length: 6 }, (_, at) => (user * 5 + at * 3) % 20)),
  20,
);

it.each(MOVIE_SYSTEMS.filter(({ seedless }) => seedless))(
  '$name is the same for every seed',
  async (algorithm) => {
    const trained = async (seed: number) => {
      const model = await algorithm.fit(
        data,
        algorithm.hyperparameters.parse({}),
        contextOf({ seed, backend: 'cpu' }),
      );
      return Buffer.from(encodeArtifact(model.save())).toString('base64');
    };
    expect(await trained(1)).toBe(await trained(99));
  },
);
