/** Which code this is: noted in dist/revision.json, and from there with every experiment. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} root @param {string[]} args */
function git(root, ...args) {
  try {
    return execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

/** `<commit>` or `<commit>-dirty`; the image build passes it in, since .git is not in the image.
 *  @param {string} root */
function revision(root) {
  if (process.env.NEARFIELD_REVISION) return process.env.NEARFIELD_REVISION;
  const commit = existsSync(join(root, '.git')) ? git(root, 'rev-parse', 'HEAD') : '';
  if (!commit) return null;
  return git(root, 'status', '--porcelain', '--', 'src', 'migrations', 'package-lock.json')
    ? `${commit}-dirty`
    : commit;
}

/** Writes the note when it is not what it should be: a commit may come after the build of what it holds.
 *  @param {string} root */
export function noteRevision(root) {
  const file = join(root, 'dist', 'revision.json');
  const text = `${JSON.stringify({ revision: revision(root) })}\n`;
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}
