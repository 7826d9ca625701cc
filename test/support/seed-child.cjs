/** Seeds in a process of its own, and is killed, as by power or by an operator, when it reaches a stage. argv: JSON of the options. */
require('reflect-metadata');
const { openDatabase } = require('#dist/database/database.js');
const { seed } = require('#dist/datasets/seed.js');
const { databaseUrl, dataDir, source, killAt, killCount } = JSON.parse(process.argv[2]);

let seen = 0;
async function main() {
  const database = await openDatabase({ databaseUrl, dataDir, poolSize: 2, entities: [], role: 'owner' });
  await seed(database, source, {
    downloadDir: dataDir,
    onProgress: ({ stage }) => {
      if (stage === killAt && ++seen === killCount) process.kill(process.pid, 'SIGKILL');
    },
  });
  await database.close();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
