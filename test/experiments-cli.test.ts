/** `nearfield train` and `nearfield worker` as processes, on a database of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Database, openDatabase } from '../src/database/database';
import { ExperimentService } from '../src/experiments/experiment-service';
import { createServerDatabase, DATABASE_KINDS, makeDataDir } from './support/databases';
import { ENTITIES } from './support/entities';
import { seedTinyCatalog } from './support/tiny-catalog';
import { until } from './support/training-runner';

const BIN = join(__dirname, '..', 'bin', 'nearfield.mjs');

interface Run {
  readonly child: ChildProcess;
  output: string;
  readonly code: Promise<number | null>;
}

describe.each(DATABASE_KINDS)('the command line (%s)', (kind) => {
  let environment: Record<string, string>;
  let drop: (() => Promise<void>) | undefined;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    environment = { NEARFIELD_DATA_DIR: makeDataDir(), NEARFIELD_BACKEND: 'cpu', LOG_LEVEL: 'info' };
    if (kind === 'server') {
      const server = await createServerDatabase();
      environment.DATABASE_URL = server.url;
      drop = server.drop;
    }
    const database = await open('owner');
    await seedTinyCatalog(database);
    await database.close();
  });
  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL');
    await drop?.();
  });

  function open(role: 'owner' | 'guest'): Promise<Database> {
    const { DATABASE_URL: databaseUrl, NEARFIELD_DATA_DIR: dataDir } = environment;
    return openDatabase({ databaseUrl, dataDir, role, poolSize: 4, entities: ENTITIES });
  }

  function nearfield(...parameters: string[]): Run {
    const child = spawn(process.execPath, [BIN, ...parameters], {
      env: { PATH: process.env.PATH, ...environment },
    });
    started.push(child);
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    const run: Run = { child, output: '', code };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        run.output += chunk;
      });
    }
    return run;
  }

  it('refuses a wrong hyperparameter with its name and no stack trace', async () => {
    const run = nearfield('train', '--algorithm', 'ITEM_KNN', '--set', 'neighbours=none');
    expect(await run.code).toBe(1);
    expect(run.output).toMatch(/neighbours/);
    expect(run.output).not.toMatch(/\n\s+at /);
  });

  it('trains by itself when nobody else does, and shows how it goes', async () => {
    const run = nearfield(
      'train',
      '--algorithm',
      'ITEM_KNN',
      '--set',
      'neighbours=5',
      '--seed',
      '9',
      '--wait',
    );
    expect(await run.code).toBe(0);
    expect(run.output).toMatch(
      /Experiment 1 is done; training took [\d.]+ s\. Not published: ITEM_KNN is a baseline/,
    );
  });

  it('searches by itself, and says what won', async () => {
    const refused = nearfield('train', '--algorithm', 'ITEM_KNN', '--search', '{"neighbors":[5]}');
    expect(await refused.code).toBe(1);
    expect(refused.output).toMatch(/neighbors/);
    const run = nearfield(
      'train',
      '--algorithm',
      'ITEM_KNN',
      '--search',
      '{"neighbours":[1,9]}',
      '--trials',
      '2',
      '--wait',
    );
    expect(await run.code).toBe(0);
    expect(run.output).toMatch(
      /Search 1 is done\. Experiment [23] won with \{.*"neighbours":[19].*\}\.\nExperiment 4 is done; training took/,
    );
  });

  it('has a worker that trains what others queue, and ends cleanly', async () => {
    const worker = nearfield('worker');
    await until(
      async () => worker.output.includes('waiting for experiments') || worker.child.exitCode !== null,
      30_000,
    );
    const queued = nearfield('train', '--algorithm', 'POPULARITY');
    expect(await queued.code).toBe(0);
    expect(queued.output).toMatch(/Experiment 5 is queued/);
    const database = await open('guest');
    try {
      const done = await new ExperimentService(database).wait(5);
      expect(done).toMatchObject({ status: 'SUCCEEDED', environment: { node: process.versions.node } });
    } finally {
      await database.close();
    }
    worker.child.kill('SIGTERM');
    expect(await worker.code).toBe(0);
    expect(worker.output).toContain('returns to the queue');
  });
});
