/** The GraphQL server: Fastify for HTTP, Apollo for GraphQL, subscriptions at the same URL. */

import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { Authenticator } from '../access/authenticator';
import type { Config } from '../config';
import { AppError } from '../errors';
import type { Exporter } from '../exports/exporter';
import { apolloOptions } from '../graphql/apollo';
import { ErrorFormatter } from '../graphql/error-format';
import { OperationGuard } from '../graphql/operation-guard';
import type { RequestContext } from '../request/context';
import {
  addErrorHandling,
  addHealth,
  addLandingPage,
  addRequestChecks,
  GRAPHQL_PATH,
  newRequestId,
  type Readiness,
} from './http';
import { addExportRoutes } from './http-exports';
import { addGraphQLRoute } from './http-graphql';
import { OriginPolicy } from './origin-policy';
import { RateLimiter } from './rate-limit';
import { attachSubscriptions } from './subscriptions';

export type ServerConfig = Pick<
  Config,
  | 'port'
  | 'host'
  | 'introspection'
  | 'maxQueryCost'
  | 'maxQueryDepth'
  | 'maxQueryTokens'
  | 'maxBodyBytes'
  | 'rateLimitPerMinute'
  | 'allowedOrigins'
  | 'shutdownTimeoutMs'
>;

export interface ServerOptions {
  readonly schema: GraphQLSchema;
  readonly config: ServerConfig;
  readonly authenticator: Authenticator;
  readonly logger: Logger;
  /** Whether queries can be answered now, for `/ready`: the database is reachable and the catalog
   *  is loaded. */
  readonly readiness: () => Readiness | Promise<Readiness>;
  /** If omitted, exports are disabled. */
  readonly exporter?: Exporter;
}

export interface RunningServer {
  /** Of the GraphQL endpoint, such as `http://127.0.0.1:4000/graphql`. */
  readonly url: string;
  /** Takes no new requests, answers those in flight, closes subscriptions; cuts what is left after
   *  `shutdownTimeoutMs`. May be called twice. */
  close(): Promise<void>;
}

/** The address is taken, or may not be listened at. */
export class ListenError extends AppError {
  readonly code = 'ADDRESS_UNAVAILABLE';
}

/** A request's headers and body must have arrived within this time. */
const REQUEST_TIMEOUT_MS = 30_000;

/** @throws ListenError */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { schema, config, authenticator, logger } = options;
  const state = { closing: false };
  const formatter = new ErrorFormatter(logger);
  const guard = new OperationGuard(schema, config);
  const limiter = new RateLimiter(config.rateLimitPerMinute);
  const policy = new OriginPolicy(config);
  const apollo = new ApolloServer<RequestContext>(
    apolloOptions({ schema, guard, formatter, logger, introspection: config.introspection }),
  );
  await apollo.start();

  const app = createApp(config, logger);
  addErrorHandling(app, formatter);
  await addRequestChecks(app, policy, state);
  addHealth(app, options.readiness);
  const page = addLandingPage(app);
  if (options.exporter) addExportRoutes(app, { exporter: options.exporter, authenticator, limiter });
  addGraphQLRoute(app, { apollo, authenticator, limiter, page });
  const subscriptions = attachSubscriptions(app.server, {
    schema,
    authenticator,
    guard,
    formatter,
    limiter,
    path: GRAPHQL_PATH,
    maxMessageBytes: config.maxBodyBytes,
    allows: (request) => policy.allowsWebSocket(request),
    newRequestId,
  });
  await app.listen({ port: config.port, host: config.host }).catch(async (error: unknown) => {
    await apollo.stop();
    throw listenError(error, config);
  });

  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    state.closing = true;
    const deadline = setTimeout(() => {
      logger.warn(
        `Requests were still running ${config.shutdownTimeoutMs} ms after the stop signal; they were aborted.`,
      );
      subscriptions.terminate();
      app.server.closeAllConnections();
    }, config.shutdownTimeoutMs);
    try {
      await Promise.all([app.close(), subscriptions.close()]);
      await apollo.stop();
    } finally {
      clearTimeout(deadline);
    }
  };
  return {
    url: endpoint(config.host, (app.server.address() as AddressInfo).port),
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

function createApp(config: ServerConfig, logger: Logger): FastifyInstance {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.maxBodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    return503OnClosing: false, // its own body is no GraphQL answer; `addRequestChecks` gives one
    forceCloseConnections: 'idle',
    genReqId: newRequestId,
    childLoggerFactory: (parent) => parent, // one logger for all: what is logged names its request
  }) as unknown as FastifyInstance;
  app.removeContentTypeParser('text/plain'); // a cross-site form can send it
  return app;
}

function endpoint(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}${GRAPHQL_PATH}`;
}

function listenError(error: unknown, { host, port }: ServerConfig): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE')
    return new ListenError(`Port ${port} of ${host} is in use. Choose another one with PORT.`, {
      cause: error,
    });
  if (code === 'EACCES')
    return new ListenError(
      `Port ${port} of ${host} requires more privileges. Choose another one with PORT.`,
      { cause: error },
    );
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new ListenError(`${host} is not an address of this machine. Set HOST.`, { cause: error });
  return error;
}
