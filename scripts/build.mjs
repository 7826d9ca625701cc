/** Compiles src/ to dist/ and the distance scan to WebAssembly, copies the SQL beside it, and notes the revision it was built from. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

function git(...args) {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

/** `<commit>` or `<commit>-dirty`; the image build passes it in, since .git is not in the image. */
function revision() {
  const commit = process.env.NEARFIELD_REVISION || (existsSync(join(root, '.git')) ? git('rev-parse', 'HEAD') : '');
  if (!commit) return null;
  return !process.env.NEARFIELD_REVISION && git('status', '--porcelain', '--', 'src', 'migrations', 'package-lock.json')
    ? `${commit}-dirty`
    : commit;
}

try {
  execFileSync(process.execPath, [tsc, '-p', root], { cwd: root, stdio: 'inherit' });
} catch {
  process.exit(1); // tsc has said what is wrong
}
execFileSync(process.execPath, [join(root, 'scripts', 'build-kernel.mjs')], { cwd: root, stdio: 'inherit' });
cpSync(join(root, 'src'), join(root, 'dist'), {
  recursive: true,
  filter: (source) => !/\.[a-z]+$/.test(source) || source.endsWith('.sql'),
});
mkdirSync(join(root, 'dist'), { recursive: true });
writeFileSync(join(root, 'dist', 'revision.json'), `${JSON.stringify({ revision: revision() })}\n`);
