/** Writes web/generated/operations.ts: the example operations with the types of their variables and answers. `--check` writes nothing and fails
 *  when the file differs. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';

const root = fileURLToPath(new URL('..', import.meta.url));
const operations = join(root, 'schema', 'operations');
const target = join(root, 'web', 'generated', 'operations.ts');

const documents = readdirSync(operations)
  .filter((name) => name.endsWith('.graphql'))
  .sort()
  .map((name) => {
    const rawSDL = readFileSync(join(operations, name), 'utf8').replace(/^#.*\n/, '');
    return { location: name, rawSDL, document: parse(rawSDL) };
  });

const code = await codegen({
  filename: target,
  schema: parse(readFileSync(join(root, 'schema', 'schema.graphql'), 'utf8')),
  documents,
  plugins: [{ operations: {} }, { documents: {} }],
  pluginMap: { operations: typescriptOperations, documents: typedDocumentNode },
  config: {
    documentMode: 'string', // the query's text is all that a client sends: no graphql-js in the browser
    skipTypename: true,
    useTypeImports: true,
    defaultScalarType: 'unknown',
    scalars: { ID: 'string', DateTime: 'string' },
  },
});
const text = `/** The operations of schema/operations, typed. Emitted by \`npm run codegen\`; do not edit. */\n${code}`;

if (!process.argv.includes('--check')) {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
  console.log(`web/generated/operations.ts has ${documents.length} operations.`);
} else if (readFileSync(target, 'utf8') !== text) {
  console.error('web/generated/operations.ts is not what schema/ says. Run: npm run codegen');
  process.exit(1);
}
