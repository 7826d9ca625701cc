/** What an experiment ran on: the code's revision and the machine. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { TrainingEnvironment } from './experiment.entity';

/** @returns the commit that the build was made from (dist/revision.json), or null where that is
 *    unknown */
export function codeRevision(): string | null {
  try {
    const { revision } = JSON.parse(readFileSync(join(__dirname, '..', 'revision.json'), 'utf8')) as {
      revision: string | null;
    };
    return revision;
  } catch {
    return null; // not built by `npm run build`
  }
}

export function trainingEnvironment(): TrainingEnvironment {
  const processors = cpus();
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cpu: processors[0]?.model.trim() || 'unknown',
    cores: processors.length,
  };
}
