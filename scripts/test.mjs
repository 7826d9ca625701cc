/** `npm test`: installs and builds when needed, then runs Jest with whatever arguments follow. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { prepare, root } from './prepare.mjs';

prepare();
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const { status } = spawnSync(process.execPath, [jest, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
