/** Runs tests on another Node, with Jest's arguments behind it: `node scripts/other-node.mjs 24 --selectProjects unit`.
 *  The binary is that of npm's `node` package, whose install script we do without by asking for its platform package. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { prepare, root } from './prepare.mjs';

const [major, ...jestArguments] = process.argv.slice(2);
if (!/^\d+$/.test(major ?? '')) {
  console.error('usage: node scripts/other-node.mjs MAJOR [Jest arguments]');
  process.exit(2);
}

const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const folder = join(root, '.cache', `node-${major}`);
const binary = join(
  folder,
  'node_modules',
  name,
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

await prepare();
if (!existsSync(binary)) {
  mkdirSync(folder, { recursive: true });
  execFileSync(
    'npm',
    [
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `${name}@${major}`,
    ],
    {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    },
  );
}
console.log(`Node ${execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim()}`);
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const { status } = spawnSync(binary, [jest, ...jestArguments], {
  cwd: root,
  stdio: 'inherit',
  // Whatever the tests start is to run on this Node too.
  env: { ...process.env, PATH: `${dirname(binary)}${delimiter}${process.env.PATH}` },
});
process.exit(status ?? 1);
