/** A runner, a service and a store over one database, with pauses short enough for tests. */
import { join } from 'node:path';
import type { Database } from '../../src/database/database';
import { ExperimentService } from '../../src/experiments/experiment-service';
import { ModelStore } from '../../src/experiments/model-store';
import { ExperimentRunner, type RunnerOptions } from '../../src/experiments/runner';

export const SILENT = { info: () => undefined, warn: () => undefined };

export interface Laboratory {
  readonly runner: ExperimentRunner;
  readonly service: ExperimentService;
  readonly store: ModelStore;
  stop(): Promise<void>;
}

/** @param options.thread name of a file in support/training-threads, instead of the real one */
export function laboratory(
  database: Database,
  options: Partial<RunnerOptions> & { thread?: string } = {},
): Laboratory {
  const { thread, ...rest } = options;
  const store = new ModelStore(database);
  const runner = new ExperimentRunner(database, store, {
    backend: 'wasm',
    log: SILENT,
    pollMs: 100,
    ...rest,
    ...(thread ? { threadFile: join(__dirname, 'training-threads', `${thread}.cjs`) } : {}),
  });
  const service = new ExperimentService(database, { runner, pollMs: 30 });
  const stop = async () => {
    service.close();
    await runner.stop();
  };
  return { runner, service, store, stop };
}

/** @throws Error when the condition does not come true in time */
export async function until(condition: () => Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('The condition did not come true.');
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
