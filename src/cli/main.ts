/** The command line: one file per command, assembled here. */
import '../graphql-production';
import 'reflect-metadata';
import { Command } from 'commander';
import { isForPeople } from '../errors';
import { codeRevision } from '../experiments/environment';
import { exportCommand } from './export';
import { paperCommand } from './paper';
import { seedCommand } from './seed';
import { serveCommand } from './serve';
import { trainCommand } from './train';
import { workerCommand } from './worker';

export function main(argv: readonly string[]): void {
  const program = new Command('nearfield')
    .description(
      'Nearfield: recommendations by distance, over GraphQL. Settings come from the environment: see docs/configuration.md.',
    )
    .version(codeRevision() ?? 'unknown revision')
    .addCommand(serveCommand())
    .addCommand(seedCommand())
    .addCommand(trainCommand())
    .addCommand(workerCommand())
    .addCommand(exportCommand())
    .addCommand(paperCommand());
  program.parseAsync(argv as string[]).catch((error: unknown) => {
    console.error(isForPeople(error) ? error.message : error);
    process.exitCode = 1;
  });
}
