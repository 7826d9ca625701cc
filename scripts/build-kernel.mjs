/** Compiles src/numeric/assembly/scan.ts to dist/numeric/assembly/scan.wasm, unless it is newer than its source already. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src', 'numeric', 'assembly', 'scan.ts');
const target = join(root, 'dist', 'numeric', 'assembly', 'scan.wasm');

const writtenAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (writtenAt(target) <= Math.max(writtenAt(source), writtenAt(fileURLToPath(import.meta.url)))) {
  const asc = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js');
  mkdirSync(dirname(target), { recursive: true });
  // Under a name of its own first: a server that starts meanwhile must not read half a file.
  const unfinished = `${target}.${process.pid}`;
  const options = ['--runtime', 'stub', '--enable', 'simd', '--use', 'abort=', '-O3', '--noAssert'];
  execFileSync(process.execPath, [asc, source, '--outFile', unfinished, ...options], { cwd: root, stdio: 'inherit' });
  renameSync(unfinished, target);
}
