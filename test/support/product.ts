/** The whole product as its users have it: the compiled server in a process of its own, asked over
 *  real HTTP. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createServerDatabase, type DatabaseKind, makeDataDir } from './databases';
import { ADMIN_KEY, type Answer, post } from './graphql-server';

const MAIN = join(__dirname, '..', '..', 'bin', 'nearfield.mjs');
const START_LIMIT_MS = 90_000;
const END_LIMIT_MS = 20_000;

export interface Product {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it wrote to either output so far. */
  output(): string;
  ask(query: string, variables?: object): Promise<Answer>;
  asAdmin(query: string, variables?: object): Promise<Answer>;
  /** @returns the exit code, or the signal that ended it */
  stop(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

export interface Place {
  readonly environment: NodeJS.ProcessEnv;
  remove(): Promise<void>;
}

/** Where a product keeps its data, without anything in it. */
export async function emptyPlace(kind: DatabaseKind): Promise<Place> {
  const dataDir = makeDataDir({ migrated: false });
  if (kind === 'embedded')
    return { environment: { NEARFIELD_DATA_DIR: dataDir }, remove: async () => undefined };
  const { url, drop } = await createServerDatabase({ migrated: false });
  return { environment: { NEARFIELD_DATA_DIR: dataDir, DATABASE_URL: url }, remove: drop };
}

/** @param main the command line of another build
 *  @throws Error with the output when it ends, or says no address in time */
export async function startProduct(environment: NodeJS.ProcessEnv, main = MAIN): Promise<Product> {
  const child = spawn(process.execPath, [main, 'serve'], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      NEARFIELD_ADMIN_KEY: ADMIN_KEY,
      NEARFIELD_TRAIN_ON_START: 'false',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  const deadline = Date.now() + START_LIMIT_MS;
  let url: string | undefined;
  while (!url) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`The server did not start:\n${text}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    url = /running at (http:\S+)/.exec(text)?.[1];
  }
  const address = url;
  return {
    url: address,
    process: child,
    output: () => text,
    ask: (query, variables = {}) => post(address, { query, variables }),
    asAdmin: (query, variables = {}) =>
      post(address, { query, variables }, { authorization: `Bearer ${ADMIN_KEY}` }),
    async stop(signal) {
      const ended = once(child, 'exit');
      child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
      const [code, by] = (await ended) as [number | null, NodeJS.Signals | null];
      clearTimeout(late);
      return code ?? by;
    },
  };
}
