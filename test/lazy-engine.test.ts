/** TensorFlow.js (105 ms, 30 MB) is loaded by whoever trains, not by whoever knows the systems. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

const modulesOf = (folder: string): string[] =>
  readdirSync(join(ROOT, 'src', folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /(?<!\.test|\.d)\.ts$/.test(file))
    .map((file) => join(folder, file));

it.each([
  ['the server', ['main.ts']],
  ['the command line', modulesOf('cli')],
  ['every system', modulesOf('models')],
  ['the tensor operations', modulesOf('tensor')],
])('importing %s does not load TensorFlow.js', (_, files) => {
  const compiled = files.map((file) => join(ROOT, 'dist', file.replace(/ts$/, 'js')));
  const program = `
    require('reflect-metadata');
    for (const file of ${JSON.stringify(compiled)}) require(file);
    process.stdout.write(Object.keys(require.cache).filter((file) => file.includes('@tensorflow')).join('\\n'));`;
  expect(compiled.length).toBeGreaterThan(0);
  expect(execFileSync(process.execPath, ['-e', program], { cwd: ROOT, encoding: 'utf8' })).toBe('');
});
