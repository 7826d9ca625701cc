/** `nearfield train`: asks for a training, and with `--wait` shows how it goes. */
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { readConfig } from '../config';
import type { Database } from '../database/database';
import {
  EVALUATION_PROTOCOLS,
  type EvaluationProtocol,
  FINAL_STATUSES,
  SEARCH_STRATEGIES,
  type SearchStrategy,
} from '../experiments/enums';
import type { Experiment } from '../experiments/experiment.entity';
import { DEFAULT_SEED } from '../experiments/experiment.entity';
import { ExperimentService, ExperimentWatch } from '../experiments/experiment-service';
import { ModelStore } from '../experiments/model-store';
import { ExperimentRunner } from '../experiments/runner';
import type { HyperparameterSearch } from '../experiments/search/hyperparameter-search.entity';
import { DEFAULT_TRIALS } from '../experiments/search/plan';
import { SearchService } from '../experiments/search/search-service';
import { createLogger } from '../logger';
import { SYSTEM_NAMES, type SystemName } from '../models/systems';
import { openMigrated } from '../open-database';
import { quietNativeLog } from '../tensor/engine';
import { createProgress, type Step } from '../terminal/progress';

interface TrainFlags {
  readonly algorithm: SystemName;
  readonly set: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly protocol?: EvaluationProtocol;
  readonly publish: boolean;
  readonly measureColdItems: boolean;
  readonly wait: boolean;
  readonly search?: unknown;
  readonly strategy: SearchStrategy;
  readonly trials: number;
  readonly searchSeed: number;
}

/** After so long without a server or a worker that takes it up, the waiting command trains by
 *  itself. */
const SELF_HELP_MS = 3_000;

export function configureTrain(command: Command): void {
  command
    .addOption(
      new Option('--algorithm <name>', 'the system to train').choices(SYSTEM_NAMES).default('TWO_TOWER'),
    )
    .addOption(
      new Option(
        '--protocol <name>',
        'the evaluation protocol; by default SAMPLED_LAST_ITEM, or TAG_POSTS for tags',
      ).choices(EVALUATION_PROTOCOLS),
    )
    .option(
      '--set <name=value>',
      'a hyperparameter, such as margin=1.5; may be given several times',
      addSetting,
      {},
    )
    .option('--seed <number>', 'seed of the random number generator', parseWhole, DEFAULT_SEED)
    .option(
      '--search <space>',
      'search for hyperparameters first: a JSON file, or JSON such as {"margin":{"min":0.5,"max":2}}',
      readSpace,
    )
    .addOption(
      new Option('--strategy <name>', 'the search strategy').choices(SEARCH_STRATEGIES).default('RANDOM'),
    )
    .option('--trials <number>', 'number of points of the space to try', parseWhole, DEFAULT_TRIALS)
    .option('--search-seed <number>', 'seed of the sampling of these points', parseWhole, DEFAULT_SEED)
    .option(
      '--measure-cold-items',
      'also measure the cold-start curve of new movies, with five more trainings (COLD_ITEMS only)',
      false,
    )
    .option('--no-publish', 'do not publish the model')
    .option(
      '--wait',
      'wait and show progress; trains in this process if no server or worker takes the job',
      false,
    )
    .action(async (flags: TrainFlags) => {
      process.exitCode = await run(flags);
    });
}

/** @throws InvalidArgumentError unless it reads `name=value`; values are JSON where they can be,
 *    else text */
function addSetting(text: string, settings: Record<string, unknown>): Record<string, unknown> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Must have the form name=value.');
  return { ...settings, [name]: jsonOrText(value) };
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** @throws InvalidArgumentError naming the file when it cannot be read or is no JSON */
function readSpace(text: string): unknown {
  const inline = text.trimStart().startsWith('{');
  try {
    return JSON.parse(inline ? text : readFileSync(text, 'utf8'));
  } catch (error) {
    throw new InvalidArgumentError(`${inline ? 'The space' : text}: ${(error as Error).message}`);
  }
}

function parseWhole(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('Must be a whole number of 0 or more.');
  return Number(text);
}

/** @returns the exit code */
async function run(flags: TrainFlags): Promise<number> {
  quietNativeLog();
  const config = readConfig();
  const database = await openMigrated(config, 'guest');
  try {
    const service = new ExperimentService(database);
    if (flags.search !== undefined) return await runSearch(flags, service, database);
    const { id } = await service.start({ ...flags, hyperparameters: flags.set });
    if (!flags.wait) {
      process.stdout.write(
        `Experiment ${id} is queued. A running server or \`nearfield worker\` trains it.\n`,
      );
      return 0;
    }
    const experiment = await follow(service, database, `Experiment ${id}`, (step) =>
      show(new ExperimentWatch(id), service, step),
    );
    process.stdout.write(`${summary(experiment)}\n`);
    return experiment.status === 'SUCCEEDED' ? 0 : 1;
  } finally {
    await database.close();
  }
}

/** @returns the exit code */
async function runSearch(
  { set: hyperparameters, search: space, ...flags }: TrainFlags,
  service: ExperimentService,
  database: Database,
) {
  const { strategy, trials, searchSeed: seed } = flags;
  const searches = new SearchService(database, service);
  const { id, rungs } = await searches.start(
    { ...flags, hyperparameters },
    { space, strategy, trials, seed },
  );
  if (!flags.wait) {
    process.stdout.write(
      `Search ${id} is queued, ${rungs[0].trials} trials. A running server or \`nearfield worker\` trains them.\n`,
    );
    return 0;
  }
  const search = await follow(service, database, `Search ${id}`, (step) =>
    showSearch(id, searches, step, service),
  );
  process.stdout.write(`${await searchSummary(search, searches)}\n`);
  return search.status === 'SUCCEEDED' ? 0 : 1;
}

/** A stop signal ends the waiting; what this very process trains goes back to the queue. */
async function follow<Followed>(
  service: ExperimentService,
  database: Database,
  title: string,
  watch: (step: Step) => Promise<Followed>,
): Promise<Followed> {
  const config = readConfig();
  const runner = new ExperimentRunner(database, new ModelStore(database), {
    backend: config.backend,
    log: createLogger({ logLevel: 'silent' }),
  });
  const stop = () => service.close();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const selfHelp = setTimeout(() => {
    trainHereIfNobodyElseDoes(service, runner).catch(() => service.close());
  }, SELF_HELP_MS);
  const step = createProgress(process.stderr).step(title, 100);
  try {
    return await watch(step);
  } finally {
    clearTimeout(selfHelp);
    step.finish();
    await runner.stop();
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** A busy runner elsewhere will get to it; an idle one would have taken it by now. */
async function trainHereIfNobodyElseDoes(
  service: ExperimentService,
  runner: ExperimentRunner,
): Promise<void> {
  const busy = await service.find({ status: 'RUNNING' }, null, { limit: 1, offset: 0 });
  if (busy.length === 0) await runner.start();
}

async function show(watch: ExperimentWatch, service: ExperimentService, step: Step): Promise<Experiment> {
  for (;;) {
    const experiment = await service.next(watch);
    step.update(
      Math.floor(experiment.progress * 100),
      (experiment.stage ?? experiment.status).toLowerCase(),
    );
    if (watch.over) return experiment;
  }
}

async function showSearch(
  id: number,
  searches: SearchService,
  step: Step,
  service: ExperimentService,
): Promise<HyperparameterSearch> {
  for (;;) {
    const search = await searches.require(id);
    const trainings = await searches.trainingsOf([id]);
    const over = trainings.filter(({ status }) => FINAL_STATUSES.has(status)).length;
    const planned = search.rungs.reduce((sum, { trials }) => sum + trials, 1);
    step.update(Math.floor((over / planned) * 100), `${over} of ${planned} trainings`);
    if (search.status !== 'RUNNING') return search;
    await service.pause();
  }
}

async function searchSummary(
  { id, status, error }: HyperparameterSearch,
  searches: SearchService,
): Promise<string> {
  if (status !== 'SUCCEEDED') return `Search ${id}: ${status.toLowerCase()}${error ? `. ${error}` : ''}`;
  const trainings = await searches.trainingsOf([id]);
  const winner = trainings.find((training) => training.winner)!;
  const final = trainings.find(({ searchRole }) => searchRole === 'FINAL')!;
  return `Search ${id} is done. Experiment ${winner.id} won with ${JSON.stringify(winner.hyperparameters)}.\n${summary(final)}`;
}

function summary({ id, status, error, publicationNote, trainingSeconds }: Experiment): string {
  if (status !== 'SUCCEEDED')
    return `Experiment ${id}: ${status.toLowerCase()}${error ? `. ${error}` : ''}`;
  return `Experiment ${id} is done; training took ${(trainingSeconds ?? 0).toFixed(1)} s. ${publicationNote}`;
}
