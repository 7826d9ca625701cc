/** `nearfield paper`: the paper's tables from our own runs. */
import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { basename, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { BadUserInputError } from '../errors';
import { PROTOCOL_NAMES, type ProtocolName } from '../evaluation/protocols';
import { codeRevision, trainingEnvironment } from '../experiments/environment';
import { MOVIE_SYSTEM_NAMES, type MovieSystemName } from '../models/systems';
import { readDataset } from '../paper/data/read-dataset';
import type { PaperOutcome } from '../paper/paper-run';
import type { Environment } from '../paper/parts';
import { parseRecipe, type Recipe } from '../paper/plan';
import { BACKENDS, type Backend } from '../paper/task';
import { createPaperReporter } from '../terminal/paper-reporter';
import { createProgress } from '../terminal/progress';

interface PaperFlags {
  readonly data: string;
  readonly out: string;
  readonly algorithms: readonly MovieSystemName[];
  readonly seeds: SeedCounts;
  readonly protocols: readonly ProtocolName[];
  readonly backend: Backend;
  readonly set?: Settings;
  readonly jobs: number;
  readonly recipe?: string;
  readonly refit: boolean;
  readonly fresh: boolean;
}

interface SeedCounts {
  readonly all: number;
  readonly of: Readonly<Partial<Record<MovieSystemName, number>>>;
}

type Settings = Readonly<Partial<Record<MovieSystemName, Readonly<Record<string, unknown>>>>>;

const DEFAULT_PROTOCOLS: ProtocolName[] = ['SAMPLED_LAST_ITEM', 'FULL_LAST_ITEM'];
const MOST_SEEDS = 100;
const MOST_JOBS = 64;
/** The shell's code for what Ctrl-C ended. */
const INTERRUPTED = 130;

export function configurePaper(command: Command): void {
  command
    .requiredOption(
      '--data <folder>',
      'a MovieLens release, or interactions.csv[.gz] and its companion files (docs/paper/README.md)',
    )
    .requiredOption('--out <folder>', 'output folder; results already in it are kept')
    .addOption(
      listOption('--algorithms <names>', 'the systems, separated by commas', MOVIE_SYSTEM_NAMES).default(
        [...MOVIE_SYSTEM_NAMES],
        'all',
      ),
    )
    .addOption(
      new Option('--seeds <counts>', 'seeds 1 to N for each system; override some as in 1,TWO_TOWER=3')
        .argParser(parseSeeds)
        .default({ all: 1, of: {} } satisfies SeedCounts, '1'),
    )
    .addOption(
      listOption('--protocols <names>', 'the protocols, separated by commas', PROTOCOL_NAMES).default(
        DEFAULT_PROTOCOLS,
        DEFAULT_PROTOCOLS.join(),
      ),
    )
    .addOption(new Option('--backend <name>', 'the numerical back end').choices(BACKENDS).default('auto'))
    .option(
      '--set <ALGORITHM.name=value>',
      'a hyperparameter, such as CML.margin=0.5; may be given several times',
      addSetting,
    )
    .option(
      '--jobs <number>',
      'trainings in parallel (most systems use one core); measured times are then less reliable',
      parseJobs,
      1,
    )
    .option(
      '--recipe <file>',
      'tuned hyperparameters as JSON: {"CML": {"hyperparameters": {…}, "epochs": 30}, …}',
    )
    .option(
      '--no-refit',
      'evaluate the model chosen by early stopping, without retraining on the validation data',
    )
    .option('--fresh', 'repeat finished trainings', false)
    .action(async (flags: PaperFlags) => {
      process.exitCode = await run(flags);
    });
}

/** Its parser throws InvalidArgumentError for a name that is not among them. */
function listOption<Name extends string>(
  flags: string,
  description: string,
  names: readonly Name[],
): Option {
  const parse = (text: string): Name[] =>
    [...new Set(text.split(','))].map((name) => oneOf(name.trim(), names));
  return new Option(flags, description).argParser(parse);
}

function oneOf<Name extends string>(name: string, names: readonly Name[]): Name {
  const known = names.find((each) => each === name);
  if (known === undefined)
    throw new InvalidArgumentError(`Unknown name "${name}". Use one of ${names.join(', ')}.`);
  return known;
}

function parseSeeds(text: string): SeedCounts {
  let all = 1;
  const of: Partial<Record<MovieSystemName, number>> = {};
  for (const entry of text.split(',')) {
    const [, name, count] = /^(?:\s*(\w+)\s*=)?\s*(\d{1,3})\s*$/.exec(entry) ?? [];
    const seeds = Number(count);
    if (!(seeds >= 1 && seeds <= MOST_SEEDS))
      throw new InvalidArgumentError(`Must be from 1 to ${MOST_SEEDS}, or have the form 1,TWO_TOWER=3.`);
    if (name === undefined) all = seeds;
    else of[oneOf(name, MOVIE_SYSTEM_NAMES)] = seeds;
  }
  return { all, of };
}

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (!(Number.isInteger(jobs) && jobs >= 1 && jobs <= MOST_JOBS))
    throw new InvalidArgumentError(`Must be from 1 to ${MOST_JOBS}.`);
  return jobs;
}

/** @throws InvalidArgumentError unless it reads `ALGORITHM.name=value`; values are JSON where they
 *    can be, else text */
function addSetting(text: string, settings: Settings = {}): Settings {
  const [, algorithm, name, value] = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(text) ?? [];
  if (algorithm === undefined) throw new InvalidArgumentError('Must have the form ALGORITHM.name=value.');
  const known = oneOf(algorithm, MOVIE_SYSTEM_NAMES);
  return { ...settings, [known]: { ...settings[known], [name]: jsonOrText(value) } };
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** @returns the exit code: 0 when all was measured, 1 when something failed, 130 when it was
 *    stopped */
async function run(flags: PaperFlags): Promise<number> {
  const abort = new AbortController();
  const stop = () => {
    if (abort.signal.aborted) process.exit(INTERRUPTED); // a second signal: now
    abort.abort(new Error('Stopped.'));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  // Steps that run side by side cannot share a terminal's last line: they write lines, as to a
  // file.
  const messages = flags.jobs > 1 ? linesTo(process.stderr) : process.stderr;
  const progress = createProgress(messages);
  try {
    const recipe = await readRecipe(flags.recipe);
    const reading = progress.step(`Reading ${flags.data}`);
    const dataset = await readDataset(resolve(flags.data)).finally(() => reading.finish());
    const { interactions } = dataset.data;
    const counts = [interactions.itemIndex.length, interactions.users.size, interactions.items.size].map(
      (n) => n.toLocaleString('en-US'),
    );
    const reporter = createPaperReporter(messages, progress, codeRevision());
    reporter.note(`${counts[0]} interactions of ${counts[1]} users and ${counts[2]} movies.`);
    for (const note of dataset.notes) reporter.note(note);
    // It brings TensorFlow.js along, which the other commands should not wait for.
    const { runPaper } = await import('../paper/paper-run.js');
    const outcome = await runPaper(
      {
        dataset,
        out: resolve(flags.out),
        options: {
          algorithms: flags.algorithms,
          seeds: flags.seeds.all,
          seedsOf: flags.seeds.of,
          protocols: flags.protocols,
          backend: flags.backend,
          settings: flags.set ?? {},
          recipe,
          refit: flags.refit,
        },
        environment,
        command: process.argv.slice(2),
        fresh: flags.fresh,
        jobs: flags.jobs,
      },
      reporter,
      abort.signal,
    );
    return conclude(outcome, flags.out);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

function linesTo(stream: NodeJS.WritableStream): NodeJS.WritableStream {
  const lines = new PassThrough();
  lines.pipe(stream, { end: false });
  return lines;
}

async function readRecipe(path: string | undefined): Promise<Recipe> {
  if (path === undefined) return {};
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new BadUserInputError('recipe', `The recipe cannot be read: ${error.message}`);
  });
  return parseRecipe(text, basename(path));
}

function environment(): Environment {
  return {
    revision: codeRevision(),
    ...trainingEnvironment(),
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
  };
}

function conclude({ parts, failures, stopped }: PaperOutcome, out: string): number {
  for (const { algorithm, seed, scheme, reason } of failures) {
    process.stderr.write(`FAILED ${algorithm}, seed ${seed}, ${scheme}: ${reason}\n`);
  }
  const state = stopped
    ? 'Stopped. Run the same command again to continue.'
    : failures.length > 0
      ? 'Some trainings failed.'
      : 'Done.';
  process.stdout.write(`${state} ${parts.length} trainings measured; the results are in ${out}.\n`);
  if (stopped) return INTERRUPTED;
  return failures.length > 0 ? 1 : 0;
}
