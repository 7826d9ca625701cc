/** `nearfield serve`: the server, as `npm start` runs it. */
import { Command } from 'commander';

export function serveCommand(): Command {
  return new Command('serve')
    .description(
      'migrate, seed when empty, train when there is no model, and serve GraphQL until a stop signal',
    )
    .action(async () => {
      const { main } = await import('../main.js');
      await main();
    });
}
