/** The list of systems is complete, and what each says of itself holds. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contextOf } from '../../test/fixtures/fit-context';
import { dataOf } from '../../test/fixtures/training-data';
import { encodeArtifact } from './artifact';
import { MOVIE_SYSTEMS, SYSTEM_NAMES, SYSTEMS, systemNamed } from './systems';

const data = dataOf(
  Array.from({ length: 12 }, (_, user) => Array.from({ length: 6 }, (_, at) => (user * 5 + at * 3) % 20)),
  20,
);

it('lists every system that is defined in this folder', () => {
  const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  const defined = files
    .filter((file) => readFileSync(join(__dirname, file), 'utf8').includes('defineSystem({'))
    .flatMap((file) => Object.values(require(`./${file.slice(0, -'.ts'.length)}`) as object))
    .filter((value) => typeof value === 'object' && value !== null && 'hyperparameters' in value);
  expect(new Set(SYSTEMS)).toEqual(new Set(defined));
  expect(defined.length).toBeGreaterThanOrEqual(18);
});

it('names each system once, in tables too', () => {
  expect(new Set(SYSTEM_NAMES).size).toBe(SYSTEMS.length);
  expect(new Set(SYSTEMS.map(({ label }) => label)).size).toBe(SYSTEMS.length);
});

it.each(SYSTEM_NAMES)('%s describes itself and its hyperparameters, which all have defaults', (name) => {
  const { description, hyperparameters, ...system } = systemNamed(name);
  expect(system.name).toBe(name);
  expect(description).toMatch(/^[A-Z].{20,}\.$/);
  expect(hyperparameters.safeParse({ noSuchThing: 1 }).success).toBe(false);
  const { shape } = hyperparameters as unknown as { shape: Record<string, { description?: string }> };
  expect(Object.keys(shape).sort()).toEqual(Object.keys(hyperparameters.parse({}) as object).sort());
  for (const field of Object.values(shape)) expect(field.description).toMatch(/.{10,}/);
});

it.each(MOVIE_SYSTEMS.filter(({ seedless }) => seedless))(
  '$name is the same for every seed',
  async (system) => {
    const trained = async (seed: number) => {
      const context = contextOf({ seed, backend: 'cpu' });
      const model = await system.fit(data, system.hyperparameters.parse({}), context);
      return Buffer.from(encodeArtifact(model.save())).toString('base64');
    };
    expect(await trained(1)).toBe(await trained(99));
  },
);
