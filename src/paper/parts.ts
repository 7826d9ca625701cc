/** What is done already: one file a training under `parts/`, found again by all that its figures
 *  depend on. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { VALIDATION_USERS } from '../lab/tasks';
import type { Task, TaskResult } from './task';

/** Increment it when the content or the measurement of a part changes: older parts are then not
 *  reused. */
const FORMAT = 1;

export interface Environment {
  /** The code's revision; null where it is unknown */
  readonly revision: string | null;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
}

export interface Part {
  readonly format: number;
  readonly key: string;
  readonly dataHash: string;
  readonly task: Task;
  readonly result: TaskResult;
  readonly environment: Environment;
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** SHA-256 over the data, the system, its complete hyperparameters, the way of fitting, the seed,
 *  the protocols and the back end that was asked for. The code's revision is not included, since
 *  any commit would retrain everything. It is stored in the part instead, and the run reports
 *  reused parts of another revision.
 *  @returns 64 hexadecimal digits */
export function partKey(task: Task, dataHash: string): string {
  const { algorithm, seed, scheme, protocols, hyperparameters, fitting, backend } = task;
  const ordered = Object.entries(hyperparameters).sort(([a], [b]) => (a < b ? -1 : 1));
  const content = [
    FORMAT,
    dataHash,
    algorithm,
    seed,
    scheme,
    [...protocols].sort(),
    ordered,
    // Early stopping looked at 1,000 users once, and may have ended elsewhere.
    fitting === 'FIXED' ? fitting : [fitting, VALIDATION_USERS],
    backend,
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

export class PartStore {
  private constructor(
    private readonly folder: string,
    private readonly known: ReadonlyMap<string, Part>,
    /** Files that are no parts of this format, for a message */
    readonly unreadable: readonly string[],
  ) {}

  static async open(out: string): Promise<PartStore> {
    const folder = join(out, 'parts');
    await mkdir(folder, { recursive: true });
    await removeLeftovers(folder);
    const known = new Map<string, Part>();
    const unreadable: string[] = [];
    for (const name of (await readdir(folder)).filter((file) => file.endsWith('.json')).sort()) {
      const part = readPart(await readFile(join(folder, name), 'utf8'));
      if (part) known.set(part.key, part);
      else unreadable.push(name);
    }
    return new PartStore(folder, known, unreadable);
  }

  find(task: Task, dataHash: string): Part | undefined {
    return this.known.get(partKey(task, dataHash));
  }

  async add(part: Omit<Part, 'format' | 'key'>): Promise<Part> {
    const complete: Part = { format: FORMAT, key: partKey(part.task, part.dataHash), ...part };
    const { algorithm, scheme, seed } = part.task;
    const name = `${algorithm}-${scheme}-seed${seed}-${complete.key.slice(0, 12)}.json`;
    await writeAtomically(join(this.folder, name), `${JSON.stringify(complete, null, 1)}\n`);
    return complete;
  }
}

/** @returns undefined for what was not written by this format, or does not belong to its own key */
function readPart(text: string): Part | undefined {
  try {
    const part = JSON.parse(text) as Part;
    return part.format === FORMAT &&
      part.key === partKey(part.task, part.dataHash) &&
      Array.isArray(part.result.rows)
      ? part
      : undefined;
  } catch {
    return undefined;
  }
}

/** The file is the old one or the new one, whatever happens in between: written under another name,
 *  brought to the disk, then put in place. */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Removes what a killed run left half-written. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (/\.[0-9a-f]{8}\.tmp$/.test(name)) await rm(join(folder, name), { force: true });
}
