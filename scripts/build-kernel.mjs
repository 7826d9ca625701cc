/** Compiles the kernels of src/numeric/assembly to dist/numeric/assembly, those that are not newer than their source already. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'src', 'numeric', 'assembly');
const targets = join(root, 'dist', 'numeric', 'assembly');
const options = ['--runtime', 'stub', '--enable', 'simd', '--use', 'abort=', '-O3', '--noAssert'];

/** @param {string} file */
const writtenAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

mkdirSync(targets, { recursive: true });
for (const name of readdirSync(sources).filter((file) => file.endsWith('.ts'))) {
  const source = join(sources, name);
  const target = join(targets, name.replace(/ts$/, 'wasm'));
  if (writtenAt(target) > Math.max(writtenAt(source), writtenAt(fileURLToPath(import.meta.url)))) continue;
  const asc = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js');
  // Under a name of its own first: a server that starts meanwhile must not read half a file.
  const unfinished = `${target}.${process.pid}`;
  execFileSync(process.execPath, [asc, source, '--outFile', unfinished, ...options], {
    cwd: root,
    stdio: 'inherit',
  });
  renameSync(unfinished, target);
}
