/** The recipe "Add an algorithm" of CONTRIBUTING.md, followed on a copy of the sources: what it
 *  says is enough to train the new system through the API. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../src/database/database';
import { makeDataDir } from './support/databases';
import { ENTITIES } from './support/entities';
import { startProduct } from './support/product';
import { seedTinyCatalog } from './support/tiny-catalog';

const ROOT = join(__dirname, '..');
const COPIED = [
  'bin',
  'dist',
  'migrations',
  'schema',
  'scripts',
  'src',
  'package.json',
  'tsconfig.json',
  'web',
];

/** Step 1 of the recipe. */
const TOY = `/** The newest movies, the same for every user. */
import { z } from 'zod';
import { arrayOf, assertFit, assertKind } from './checks';
import { defineSystem, type Model } from './system';

export const toy = defineSystem({
  name: 'TOY',
  label: 'Newest',
  description: 'The newest movies, the same for every user.',
  task: 'MOVIES',
  engine: false,
  seedless: true,
  servable: false,
  hyperparameters: z.strictObject({
    weight: z.number().min(0).default(1).describe('The score of a year.'),
  }),
  async fit(data, { weight }, context) {
    assertFit(data);
    const model = modelOf(Float32Array.from(data.itemFeatures.year, (year) => weight * year));
    context.onEpoch({ epoch: 1, epochs: 1, loss: 0, seconds: 0 });
    context.onProgress(1);
    return model;
  },
  load(artifact) {
    assertKind(artifact, 'TOY');
    return modelOf(arrayOf(artifact, 'scores', 'float32', 1).data);
  },
});

function modelOf(scores: Float32Array): Model {
  const itemCount = scores.length;
  return {
    name: 'TOY',
    itemCount,
    space: null,
    score: (histories) => {
      const rows = new Float32Array(histories.length * itemCount);
      histories.forEach((_, b) => {
        rows.set(scores, b * itemCount);
      });
      return rows;
    },
    save: () => ({
      kind: 'TOY',
      format: 1,
      settings: {},
      arrays: { scores: { data: scores, shape: [itemCount] } },
    }),
  };
}
`;

const TRAIN = `mutation { trainModel(input: { algorithm: TOY, hyperparameters: { weight: 2 }, wait: true }) {
  experiment { algorithm status error hyperparameters recallAt20 model { servable } }
} }`;

function run(folder: string, ...command: string[]): void {
  try {
    execFileSync(process.execPath, command, { cwd: folder, stdio: 'pipe' });
  } catch (error) {
    throw new Error(String((error as { stdout?: Buffer }).stdout), { cause: error });
  }
}

it('adds a system that the schema has and the API trains', async () => {
  const dataDir = makeDataDir();
  const folder = join(dataDir, 'copy');
  mkdirSync(folder);
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));

  // Steps 1 and 2.
  writeFileSync(join(folder, 'src/models/toy.ts'), TOY);
  const list = join(folder, 'src/models/systems.ts');
  const listed = readFileSync(list, 'utf8')
    .replace('import type { System,', "import { toy } from './toy';\nimport type { System,")
    .replace('  ease,\n', '  ease,\n  toy,\n');
  writeFileSync(list, listed);
  run(folder, 'node_modules/typescript/bin/tsc', '-p', '.');
  // The schema of step 4.
  run(folder, 'scripts/emit-schema.mjs');
  expect(readFileSync(join(folder, 'schema/schema.graphql'), 'utf8')).toMatch(
    /The newest movies, the same for every user\. [^"]*"""\s+TOY\n/,
  );

  const database = await openDatabase({ dataDir, role: 'owner', poolSize: 4, entities: ENTITIES });
  await seedTinyCatalog(database);
  await database.close();
  const product = await startProduct({ NEARFIELD_DATA_DIR: dataDir }, join(folder, 'bin/nearfield.mjs'));
  try {
    const { data, errors } = await product.asAdmin(TRAIN);
    expect(errors).toBeUndefined();
    expect(data?.trainModel).toEqual({
      experiment: {
        algorithm: 'TOY',
        status: 'SUCCEEDED',
        error: null,
        hyperparameters: { weight: 2 },
        recallAt20: expect.any(Number),
        model: { servable: false },
      },
    });
  } finally {
    await product.stop('SIGTERM');
  }
}, 240_000);
