/** Compares schema/schema.graphql with the last release's and fails on a change that breaks clients. Two files may be given instead. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

/** @param {string} name */
const inSchema = (name) => fileURLToPath(new URL(`../schema/${name}`, import.meta.url));
const [released = inSchema('released.graphql'), current = inSchema('schema.graphql')] =
  process.argv.slice(2);
/** @param {string} path */
const read = (path) => buildSchema(readFileSync(path, 'utf8'));

const changes = await diff(read(released), read(current));
const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
for (const { message, path } of breaking) console.error(`BREAKING ${path ?? ''}: ${message}`);
console.log(`${changes.length} changes since the release, ${breaking.length} of them breaking.`);
if (breaking.length > 0) {
  console.error(
    'Clients of the release would fail. Deprecate instead: docs/clients.md, "What may change".',
  );
  process.exitCode = 1;
}
