/** `nearfield seed`: a MovieLens release into the database. */

import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { readConfig } from '../config';
import { DATASET_NAMES, type DatasetName, EMBEDDED_DATASET } from '../datasets/datasets';
import { type SeedResult, seed } from '../datasets/seed';
import { AppError } from '../errors';
import { openMigrated } from '../open-database';
import { createProgress, createStages, type Stages } from '../terminal/progress';

interface SeedFlags {
  readonly dataset: DatasetName;
  readonly from?: string;
  readonly dataDir?: string;
  readonly mirror?: string;
}

export function configureSeed(command: Command): void {
  command
    .addOption(
      new Option('--dataset <name>', 'the release').choices(DATASET_NAMES).default(EMBEDDED_DATASET),
    )
    .addOption(
      new Option('--from <path>', 'a folder or .zip with a release in any supported format').conflicts(
        'dataset',
      ),
    )
    .option(
      '--data-dir <folder>',
      'where the embedded database and downloads are kept (NEARFIELD_DATA_DIR)',
    )
    .option('--mirror <url>', 'URL to download from instead of the publisher')
    .action(run);
}

async function run(flags: SeedFlags): Promise<void> {
  const abort = new AbortController();
  const stop = () => abort.abort(new Stopped());
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const progress = createProgress(process.stderr);
  const stages = createStages(progress);
  try {
    const result = await seedFromFlags(flags, stages, abort.signal);
    stages.end();
    process.stdout.write(`${summary(result)}\n`);
  } finally {
    stages.end();
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

class Stopped extends AppError {
  readonly code = 'STOPPED';
  override readonly message = 'Stopped. The database is unchanged.';
}

async function seedFromFlags(flags: SeedFlags, stages: Stages, signal: AbortSignal): Promise<SeedResult> {
  const config = readConfig({
    ...process.env,
    ...(flags.dataDir && { NEARFIELD_DATA_DIR: flags.dataDir }),
  });
  stages.show({ stage: 'Opening the database', done: 0, total: undefined });
  const database = await openMigrated(config, 'guest');
  try {
    return await seed(database, flags.from ? { from: resolve(flags.from) } : { dataset: flags.dataset }, {
      downloadDir: join(config.dataDir, 'downloads'),
      onProgress: (update) => stages.show(update),
      signal,
      ...(flags.mirror && { download: { baseUrl: flags.mirror.replace(/\/*$/, '/') } }),
    });
  } finally {
    await database.close();
  }
}

const figure = (value: number): string => value.toLocaleString('en-US');

/** One line for people. */
export function summary(result: SeedResult): string {
  const what = [
    `${figure(result.ratings)} ratings of ${figure(result.movies)} movies by ${figure(result.users)} users`,
    `${figure(result.taggings)} tags`,
    ...(result.genomeScores > 0 ? [`${figure(result.genomeScores)} genome scores`] : []),
  ].join(', ');
  if (result.alreadyThere) return `MovieLens ${result.dataset} is already loaded: ${what}.`;
  const skipped =
    result.skipped > 0 ? ` ${figure(result.skipped)} blank or duplicate tags were skipped.` : '';
  return `MovieLens ${result.dataset} loaded in ${result.seconds.toFixed(1)} s: ${what}.${skipped}`;
}
