/** Starts the real server on a free port for a test, and asks it things over real HTTP. */
import { Writable } from 'node:stream';
import type { GraphQLFormattedError, GraphQLSchema } from 'graphql';
import { ApiKeyResolver } from '../../src/access/api-key.resolver';
import { Authenticator } from '../../src/access/authenticator';
import { callerFor, KeyRing, keyHash } from '../../src/access/keys';
import type { CatalogListener } from '../../src/catalog/catalog-listener';
import { createCatalogResolvers } from '../../src/catalog/resolvers';
import { type Config, readConfig } from '../../src/config';
import type { Database } from '../../src/database/database';
import type { Exporter } from '../../src/exports/exporter';
import { buildNearfieldSchema } from '../../src/graphql/schema';
import { isLoopback } from '../../src/http/origin-policy';
import { type RunningServer, startServer } from '../../src/http/server';
import { createLogger } from '../../src/logger';

/** For a server without a model in memory. */
const NO_LISTENER: CatalogListener = {
  historyChanged: () => undefined,
  movieChanged: () => undefined,
  tagsChanged: () => undefined,
};

export const ADMIN_KEY = 'the-admin-key-of-the-tests';
export const READER_KEY = 'the-reader-key-of-the-tests';

export interface TestServer extends RunningServer {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** What was logged so far, line by line. */
  readonly log: string[];
  ask(query: string, variables?: object, headers?: Record<string, string>): Promise<Answer>;
}

// biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that the test's own query gives it
export type Data = any;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Data;
  readonly errors: readonly GraphQLFormattedError[] | undefined;
}

export interface TestServerOptions {
  readonly schema: GraphQLSchema;
  readonly config?: Partial<Config>;
  readonly exporter?: Exporter;
  /** In place of the two keys of the tests. */
  readonly authenticator?: Authenticator;
  readonly readiness?: () => { ready: boolean; reason?: string };
}

/** A host other than loopback is claimed only: the server still listens on this machine. */
export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const log: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log.push(String(chunk));
      done();
    },
  });
  const config = { ...readConfig({ PORT: '0', NODE_ENV: 'test' }), ...options.config };
  const authenticator = options.authenticator ?? authenticatorOfTests(isLoopback(config.host));
  const logger = createLogger({ logLevel: 'debug' }, sink);
  const readiness = options.readiness ?? (() => ({ ready: true }));
  const server = await startServer({
    schema: options.schema,
    config,
    authenticator,
    logger,
    readiness,
    ...(options.exporter && { exporter: options.exporter }),
  });
  const { port } = new URL(server.url);
  const origin = `http://127.0.0.1:${port}`;
  return {
    ...server,
    origin,
    log,
    ask: (query, variables = {}, headers = {}) => post(`${origin}/graphql`, { query, variables }, headers),
  };
}

function authenticatorOfTests(openToKeyless: boolean): Authenticator {
  const keys = new KeyRing();
  keys.set(keyHash(ADMIN_KEY), callerFor('ADMIN'));
  keys.set(keyHash(READER_KEY), callerFor('MEMBER'));
  return new Authenticator({ keys, openToKeyless });
}

export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const { data, errors } = (await response.json()) as Pick<Answer, 'data' | 'errors'>;
  return { status: response.status, headers: response.headers, data, errors };
}

export function catalogSchema(database: Database, listener: CatalogListener = NO_LISTENER): GraphQLSchema {
  return buildNearfieldSchema(createCatalogResolvers(database, listener));
}

/** The catalog and the keys. */
export function apiKeySchema(database: Database, resolver: ApiKeyResolver): GraphQLSchema {
  const resolvers = [...createCatalogResolvers(database, NO_LISTENER), resolver];
  return buildNearfieldSchema(resolvers);
}

export const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
