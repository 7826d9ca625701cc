/** Writes schema/schema.graphql and schema/access.md from the compiled resolvers. `--check` writes nothing and fails when one differs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
require('reflect-metadata');
const { buildNearfieldSchema, printAccessTable, printNearfieldSchema } = require('#dist/graphql/schema.js');
const { RESOLVERS } = require('#dist/compose.js');

const schema = buildNearfieldSchema(RESOLVERS);
const files = {
  'schema/schema.graphql': printNearfieldSchema(schema),
  'schema/access.md': printAccessTable(schema),
};
for (const [name, text] of Object.entries(files)) {
  const path = fileURLToPath(new URL(`../${name}`, import.meta.url));
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
    console.log(`${name} is written.`);
  } else if (readFileSync(path, 'utf8') !== text) {
    console.error(`${name} is not what the code says. Run: npm run schema`);
    process.exitCode = 1;
  }
}
