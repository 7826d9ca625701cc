/** A process that trains and never ends, to be killed: `node train-for-ever.cjs '{"databaseUrl": …, "dataDir": …}'`; with `"space": …` it
 *  searches. */
require('reflect-metadata');
const { join } = require('node:path');
const compiled = (path) => require(join(__dirname, '..', '..', 'dist', path));
const { openDatabase } = compiled('database/database.js');
const { experimentEntities } = compiled('experiments/entities.js');
const { ExperimentService } = compiled('experiments/experiment-service.js');
const { ModelStore } = compiled('experiments/model-store.js');
const { ExperimentRunner } = compiled('experiments/runner.js');
const { SearchService } = compiled('experiments/search/search-service.js');

async function main() {
  const { space, ...place } = JSON.parse(process.argv[2]);
  const database = await openDatabase({ ...place, role: 'owner', poolSize: 4, entities: experimentEntities });
  const log = { info: () => undefined, warn: () => undefined };
  const threadFile = join(__dirname, 'training-threads', 'patient.cjs');
  const runner = new ExperimentRunner(database, new ModelStore(database), {
    backend: 'cpu',
    log,
    leaseMs: 2_000,
    threadFile,
  });
  await runner.start();
  const service = new ExperimentService(database, { runner });
  if (space) await new SearchService(database, service).start({ algorithm: 'ITEM_KNN' }, { space });
  const { id } = space ? { id: 1 } : await service.start({ algorithm: 'POPULARITY' });
  for (;;) {
    const { stage } = await service.get(id);
    process.stdout.write(`${stage}\n`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
