#!/usr/bin/env node
/** The command line. Run `npm start` once before, or `npm run build`: it works on dist/. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const compiled = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
if (!existsSync(compiled)) {
  console.error('Nearfield is not built yet: run `npm start`, or `npm ci && npm run build`.');
  process.exit(1);
}
createRequire(import.meta.url)(compiled).main(process.argv);
