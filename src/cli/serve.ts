/** `nearfield serve`: the server, as `npm start` runs it. */
import type { Command } from 'commander';

export function configureServe(command: Command): void {
  command.action(async () => {
    const { main } = await import('../main.js');
    await main();
  });
}
