/** `nearfield worker`: trains what is queued in the database, one experiment at a time, until it is
 *  stopped. */
import type { Command } from 'commander';
import { readConfig } from '../config';
import { ModelStore } from '../experiments/model-store';
import { ExperimentRunner } from '../experiments/runner';
import { createLogger } from '../logger';
import { openMigrated } from '../open-database';
import { quietNativeLog } from '../tensor/engine';

export function configureWorker(command: Command): void {
  command.action(async () => {
    quietNativeLog();
    const config = readConfig();
    const logger = createLogger(config);
    const stopped = new Promise<string>((resolve) =>
      process.once('SIGINT', resolve).once('SIGTERM', resolve),
    );
    const database = await openMigrated(config, 'guest');
    try {
      const runner = new ExperimentRunner(database, new ModelStore(database), {
        backend: config.backend,
        log: logger,
      });
      await runner.start();
      logger.info({ database: database.version }, 'Worker started; waiting for experiments.');
      logger.info(
        { signal: await stopped },
        'Worker stopping; its running experiment returns to the queue.',
      );
      await runner.stop();
    } finally {
      await database.close();
    }
  });
}
