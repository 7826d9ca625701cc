/** The command line. Each command is a file of this folder, loaded only when it is called: most of
 *  them bring the database and decorators along. */
import { Command, CommanderError } from 'commander';
import { isForPeople } from '../errors';
import { codeRevision } from '../experiments/environment';

interface CommandEntry {
  readonly description: string;
  /** @returns what adds the options and the action */
  readonly load: () => (command: Command) => void;
}

const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  serve: {
    description:
      'migrate, seed when empty, train when there is no model, and serve GraphQL until a stop signal',
    load: () => withDecorators(() => (require('./serve') as typeof import('./serve')).configureServe),
  },
  seed: {
    description: 'load a MovieLens release into the database; rows that exist are kept',
    load: () => withDecorators(() => (require('./seed') as typeof import('./seed')).configureSeed),
  },
  train: {
    description: 'queue a training, as `mutation { trainModel }` does',
    load: () => withDecorators(() => (require('./train') as typeof import('./train')).configureTrain),
  },
  worker: {
    description: 'train what is queued in the database, beside a server or many, until a stop signal',
    load: () => withDecorators(() => (require('./worker') as typeof import('./worker')).configureWorker),
  },
  export: {
    description: 'write what is in the database to files',
    load: () => withDecorators(() => (require('./export') as typeof import('./export')).configureExport),
  },
  paper: {
    description:
      "train every system on a folder of files, and write the paper's tables and chart from " +
      'what came out',
    load: () => (require('./paper') as typeof import('./paper')).configurePaper,
  },
};

/** What decorators need before they run, and graphql-js as in production. */
function withDecorators<Loaded>(load: () => Loaded): Loaded {
  require('../graphql-production');
  require('reflect-metadata');
  return load();
}

/** Sets the process's exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('nearfield')
    .description(
      'Nearfield: recommendations by distance, over GraphQL. Settings come from the ' +
        'environment: see docs/configuration.md.',
    )
    .version(codeRevision() ?? 'unknown revision')
    .exitOverride();
  for (const [name, { description, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).description(description);
    // `nearfield help seed` names it too.
    if (argv.slice(2, 4).includes(name)) load()(command);
  }
  try {
    await program.parseAsync(argv as string[]);
  } catch (error) {
    process.exitCode = error instanceof CommanderError ? error.exitCode : 1;
    if (isForPeople(error)) process.stderr.write(`${error.message}\n`);
    else if (!(error instanceof CommanderError)) console.error(error);
  }
}
