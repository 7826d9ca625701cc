/** Compiles src/ to dist/, the pages' TypeScript to dist/web/ and the kernels to WebAssembly, copies the SQL beside it, and
 *  notes the revision it was built from. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noteRevision } from './revision.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

try {
  for (const project of [root, join(root, 'web')])
    execFileSync(process.execPath, [tsc, '-p', project], { cwd: root, stdio: 'inherit' });
} catch {
  process.exit(1); // tsc has said what is wrong
}
execFileSync(process.execPath, [join(root, 'scripts', 'build-kernel.mjs')], {
  cwd: root,
  stdio: 'inherit',
});
cpSync(join(root, 'src'), join(root, 'dist'), {
  recursive: true,
  filter: (source) => !/\.[a-z]+$/.test(source) || source.endsWith('.sql'),
});
// tsc leaves the output of a source that was moved or deleted, and an import of it would still work.
for (const file of readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })) {
  const source = join(root, file.startsWith('web') ? '' : 'src', file.replace(/\.js(\.map)?$/, '.ts'));
  if (/\.js(\.map)?$/.test(file) && !existsSync(source)) rmSync(join(root, 'dist', file));
}
noteRevision(root);
writeFileSync(join(root, 'dist', '.built'), ''); // the last step: its time says which sources are in dist/
