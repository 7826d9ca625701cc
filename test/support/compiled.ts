/** Worker threads run dist/: a test of today's source must not meet yesterday's thread. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

function newest(folder: string, ending: RegExp): number {
  let latest = 0;
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (ending.test(entry) && !entry.endsWith('.test.ts'))
      latest = Math.max(latest, statSync(join(folder, entry)).mtimeMs);
  }
  return latest;
}

const newestSource = () =>
  Math.max(newest(join(ROOT, 'src'), /\.(ts|sql)$/), newest(join(ROOT, 'web'), /\.ts$/));

/** Builds when dist/ is missing or older than src/ or web/.
 *  @throws Error when the build fails and has left no embedded database to test with */
export function ensureCompiled(): void {
  const thread = join(ROOT, 'dist', 'database', 'embedded-thread.js');
  const stamp = join(ROOT, 'dist', '.built');
  if (existsSync(thread) && existsSync(stamp) && statSync(stamp).mtimeMs >= newestSource()) return;
  try {
    execFileSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs')], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  } catch {
    // tsc has said what is wrong, and emits all the same: the tests say the rest.
    if (!existsSync(thread)) throw new Error('The build failed; run `npm run build`.');
  }
}
