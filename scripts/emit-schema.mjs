/** Writes schema/schema.graphql from the compiled resolvers. `--check` writes nothing and fails when the file differs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
require('reflect-metadata');
const { buildNearfieldSchema, printNearfieldSchema } = require('../dist/graphql/schema.js');
const { RESOLVERS } = require('../dist/graphql/resolvers.js');

const path = fileURLToPath(new URL('../schema/schema.graphql', import.meta.url));
const text = printNearfieldSchema(buildNearfieldSchema(RESOLVERS));
if (!process.argv.includes('--check')) {
  writeFileSync(path, text);
  console.log('schema/schema.graphql is written.');
} else if (readFileSync(path, 'utf8') !== text) {
  console.error('schema/schema.graphql is not what the code says. Run: npm run schema');
  process.exit(1);
}
