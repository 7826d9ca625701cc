/** `npm test`: installs and builds when needed, then runs Jest with whatever arguments follow. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { prepare, root } from './prepare.mjs';

await prepare();
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
// libtensorflow reads its log level from the environment of the process, before any of our code can set it.
const env = { TF_CPP_MIN_LOG_LEVEL: '2', ...process.env };
const { status } = spawnSync(process.execPath, [jest, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env,
});
process.exit(status ?? 1);
