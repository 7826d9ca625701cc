/** A process that trains and never ends, to be killed: `node train-for-ever.cjs '{"databaseUrl": …, "dataDir": …}'`; with `"space": …` it
 *  searches. */
require('reflect-metadata');
const { join } = require('node:path');
const { openDatabase } = require('#dist/database/database.js');
const { experimentEntities } = require('#dist/experiments/entities.js');
const { ExperimentService } = require('#dist/experiments/experiment-service.js');
const { ModelStore } = require('#dist/experiments/model-store.js');
const { ExperimentRunner } = require('#dist/experiments/runner.js');
const { SearchService } = require('#dist/experiments/search/search-service.js');

async function main() {
  const { space, ...place } = JSON.parse(process.argv[2]);
  const database = await openDatabase({
    ...place,
    role: 'owner',
    poolSize: 4,
    entities: experimentEntities,
  });
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
    const experiment = await service.get(id);
    process.stdout.write(`${experiment?.stage}\n`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
