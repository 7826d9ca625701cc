/** One process at a time per data folder: two PGlites on one folder lose acknowledged rows, and
 *  nothing in PGlite prevents it.
 *
 *  A lock is a file `postgres.lock.N`, created with O_EXCL; the process that created the highest N
 *  that is neither released nor left by a dead process holds the folder. Numbers only grow, so a
 *  stale lock is never removed before its successor exists: a slow process that judged an old one
 *  stale creates a number that is no longer the highest, sees that, and steps back. Two processes
 *  never both believe they hold it. (npm's proper-lockfile judges by the age of a file only: after
 *  kill -9 the next start waits 10 s, and an owner whose event loop stalls that long loses its lock
 *  while it lives. See docs/adr/0002-embedded-postgres.md.) */
import { randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataDirectoryInUseError } from './failures';

interface LockContent {
  readonly pid: number;
  /** Distinguishes a process from a later one with the same pid. Null where the system does not
   *  tell. */
  readonly startedAt: string | null;
  /** Machine and pid namespace: pids of another one mean nothing here. */
  readonly realm: string;
  readonly token: string;
  readonly released?: boolean;
}

const NAME = /^postgres\.lock\.(\d+)$/;
const HEARTBEAT_MS = 1_000;
/** A lock of another container is judged by its heartbeat, since its pid can't be looked up. */
const SILENT_MS = 10_000;
/** A lock file without content is being written, unless it stays so. */
const WRITING_MS = 1_000;

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** Field 22 of /proc/PID/stat, counted after the command's name, which may hold spaces and
 *  parentheses. */
function processStart(pid: number): string | null {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function realm(): string {
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? '';
  const namespace = attempt(() => readlinkSync('/proc/self/ns/pid')) ?? '';
  return [hostname(), boot, namespace].join(' ');
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function highest(dataDir: string): number {
  return Math.max(0, ...readdirSync(dataDir).map((name) => Number(NAME.exec(name)?.[1] ?? 0)));
}

const lockPath = (dataDir: string, number: number) => join(dataDir, `postgres.lock.${number}`);

/** 'free' if lock N has no holder, 'unclear' if only time can tell, else the holder. */
function judge(dataDir: string, number: number): 'free' | 'unclear' | LockContent {
  const path = lockPath(dataDir, number);
  const age = attempt(() => Date.now() - statSync(path).mtimeMs);
  if (age === null) return 'unclear'; // its successor's maker has just removed it
  const content = attempt(() => JSON.parse(readFileSync(path, 'utf8')) as LockContent);
  if (content === null) return age > WRITING_MS ? 'free' : 'unclear';
  if (content.released) return 'free';
  if (content.realm !== realm()) {
    if (age > SILENT_MS) return 'free';
    return age > 2 * HEARTBEAT_MS ? 'unclear' : content;
  }
  if (!processExists(content.pid)) return 'free';
  const started = processStart(content.pid);
  return started !== null && content.startedAt !== null && started !== content.startedAt ? 'free' : content;
}

/** @returns the process that holds the folder, with the token it wrote, or null */
export function folderHolder(dataDir: string): { pid: number; token: string } | null {
  if (attempt(() => statSync(dataDir)) === null) return null;
  const number = highest(dataDir);
  const state = number === 0 ? 'free' : judge(dataDir, number);
  return typeof state === 'string' ? null : state;
}

export class FolderLock {
  private readonly heartbeat: NodeJS.Timeout;

  private constructor(
    private readonly dataDir: string,
    private readonly number: number,
    private readonly content: LockContent,
  ) {
    this.heartbeat = setInterval(
      () => attempt(() => utimesSync(this.path, new Date(), new Date())),
      HEARTBEAT_MS,
    ).unref();
  }

  get token(): string {
    return this.content.token;
  }

  private get path(): string {
    return lockPath(this.dataDir, this.number);
  }

  /** @throws DataDirectoryInUseError when a living process holds the folder */
  static async acquire(dataDir: string, onProgress?: (message: string) => void): Promise<FolderLock> {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const content: LockContent = {
      pid: process.pid,
      startedAt: processStart(process.pid),
      realm: realm(),
      token: randomUUID(),
    };
    const deadline = Date.now() + SILENT_MS + 5_000;
    for (let said = false; ; ) {
      const number = highest(dataDir);
      const state = number === 0 ? 'free' : judge(dataDir, number);
      if (typeof state !== 'string') throw new DataDirectoryInUseError(dataDir, state.pid);
      if (state === 'free' && claim(dataDir, number + 1, content)) {
        for (let old = number; old > 0 && attempt(() => rmSync(lockPath(dataDir, old))) !== null; old--);
        return new FolderLock(dataDir, number + 1, content);
      }
      if (Date.now() > deadline) throw new DataDirectoryInUseError(dataDir, 0);
      if (state === 'unclear') {
        if (!said) onProgress?.('Waiting to see whether the data folder is still in use');
        said = true;
        await sleep(100);
      }
    }
  }

  /** The file stays, marked as released: its number must not be used again. */
  release(): void {
    clearInterval(this.heartbeat);
    const next = `${this.path}.${this.token}`;
    attempt(() => {
      writeFileSync(next, JSON.stringify({ ...this.content, released: true }), { mode: 0o600 });
      renameSync(next, this.path);
    });
  }
}

/** @returns whether lock N is now ours and the highest */
function claim(dataDir: string, number: number, content: LockContent): boolean {
  try {
    writeFileSync(lockPath(dataDir, number), JSON.stringify(content), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  if (highest(dataDir) === number) return true;
  attempt(() => rmSync(lockPath(dataDir, number)));
  return false;
}
