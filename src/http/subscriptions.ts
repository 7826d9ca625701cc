/** Subscriptions over WebSocket (graphql-transport-ws) at the address of the queries, under the
 *  same keys and limits. Queries and mutations stay with HTTP. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type ExecutionArgs,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql';
import { CloseCode, type Context, type SubscribePayload } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Authenticator } from '../access/authenticator';
import type { Caller } from '../access/keys';
import { AppError, RateLimitedError, UnauthenticatedError } from '../errors';
import type { ErrorFormatter } from '../graphql/error-format';
import type { OperationGuard } from '../graphql/operation-guard';
import { KEY_WANTED } from '../request/access-rules';
import { RequestContext } from '../request/context';
import type { RateLimiter } from './rate-limit';

export interface SubscriptionOptions {
  readonly schema: GraphQLSchema;
  readonly authenticator: Authenticator;
  readonly guard: OperationGuard;
  readonly formatter: ErrorFormatter;
  readonly limiter: RateLimiter;
  readonly path: string;
  readonly maxMessageBytes: number;
  /** Browsers let any page open a WebSocket to anywhere: the server must check the origin. */
  allows(request: IncomingMessage): boolean;
  newRequestId(): string;
}

export interface Subscriptions {
  /** Tells every client that the server goes away, and waits for them to close. */
  close(): Promise<void>;
  /** Closes the remaining connections. */
  terminate(): void;
}

const MOST_PER_SOCKET = 50;
const MOST_SOCKETS = 1_000;
/** How often connections are looked over for callers whose key was revoked or whose token has
 *  ended. */
const LOOK_MS = 500;

type Connection = Context<Record<string, unknown> | undefined, Extra>;

export function attachSubscriptions(server: Server, options: SubscriptionOptions): Subscriptions {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: options.maxMessageBytes });
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    const refusal = refusalOf(request, sockets.clients.size, options);
    if (refusal) refuse(socket, ...refusal);
    else
      sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  };
  server.on('upgrade', onUpgrade);
  const callers = new WeakMap<WebSocket, Caller>();
  const looking = setInterval(() => {
    // Open connections only: a client may have disconnected while its token was verified.
    for (const client of sockets.clients)
      if (hasEnded(callers.get(client))) client.close(CloseCode.Unauthorized, 'UNAUTHENTICATED');
  }, LOOK_MS).unref();
  const running = useServer<Record<string, unknown> | undefined>(
    {
      onConnect: async (connection) => {
        const caller = await admit(connection, options);
        if (caller) callers.set(connection.extra.socket, caller);
        return caller !== undefined;
      },
      onSubscribe: (connection, _id, payload) =>
        prepare(connection, payload, callers.get(connection.extra.socket), options),
      onNext: (...[_connection, _id, _payload, args, result]) => {
        // Loaders last for one event; the next one reads again.
        (args.contextValue as RequestContext).clearLoaders();
        return withFormattedErrors(result, options);
      },
      onError: (_connection, _id, _payload, errors) => errors.map((error) => formatted(error, options)),
    },
    sockets,
  );
  return {
    close: async () => {
      server.off('upgrade', onUpgrade);
      server.on('upgrade', (_request, socket) => refuse(socket, '503 Service Unavailable'));
      clearInterval(looking);
      await running.dispose();
    },
    terminate: () => {
      for (const client of sockets.clients) client.terminate();
    },
  };
}

/** @returns the status, and the headers that go with it */
function refusalOf(
  request: IncomingMessage,
  connected: number,
  options: SubscriptionOptions,
): [status: string, header?: string] | undefined {
  if (request.url?.split('?')[0] !== options.path) return ['404 Not Found'];
  if (!options.allows(request)) return ['403 Forbidden'];
  const wait = options.limiter.take(clientOf(request));
  if (wait > 0) return ['429 Too Many Requests', `Retry-After: ${wait}\r\n`];
  return connected >= MOST_SOCKETS ? ['503 Service Unavailable'] : undefined;
}

function refuse(socket: Duplex, status: string, header = ''): void {
  socket.end(`HTTP/1.1 ${status}\r\n${header}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}

function clientOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? '';
}

interface Result {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: readonly GraphQLError[] | undefined;
}

function withFormattedErrors(
  { data, errors }: Result,
  options: SubscriptionOptions,
): FormattedExecutionResult {
  return {
    ...(data === undefined ? {} : { data }),
    ...(errors === undefined ? {} : { errors: errors.map((error) => formatted(error, options)) }),
  };
}

function formatted(error: GraphQLError, options: SubscriptionOptions): GraphQLFormattedError {
  return options.formatter.format(error.toJSON(), error);
}

function hasEnded(caller: Caller | undefined): boolean {
  return caller !== undefined && caller.endsAt <= Date.now();
}

/** @returns undefined when the socket is closed for want of a right key */
async function admit(connection: Connection, options: SubscriptionOptions): Promise<Caller | undefined> {
  const parameters = connection.connectionParams ?? {};
  const given =
    parameters.authorization ?? parameters.Authorization ?? connection.extra.request.headers.authorization;
  try {
    return await options.authenticator.admit(typeof given === 'string' ? given : undefined);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    connection.extra.socket.close(CloseCode.Unauthorized, 'UNAUTHENTICATED');
    return undefined;
  }
}

function prepare(
  connection: Connection,
  payload: SubscribePayload,
  caller: Caller | undefined,
  options: SubscriptionOptions,
): ExecutionArgs | readonly GraphQLError[] {
  try {
    if (!caller || hasEnded(caller)) throw new UnauthenticatedError(KEY_WANTED);
    const wait = options.limiter.take(clientOf(connection.extra.request));
    if (wait > 0) throw new RateLimitedError(`Too many requests; retry in ${wait} s.`);
    if (Object.keys(connection.subscriptions).length > MOST_PER_SOCKET) {
      throw new RateLimitedError(`A connection may have at most ${MOST_PER_SOCKET} active subscriptions.`);
    }
    const { document, errors } = options.guard.parseAndValidate(payload.query);
    if (errors.length > 0) return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
    const operation = getOperationAST(document, payload.operationName);
    if (!operation)
      return [
        withCode(
          new GraphQLError('The document has no operation, or several and no operationName.'),
          'BAD_REQUEST',
        ),
      ];
    if (operation.operation !== 'subscription') {
      return [
        withCode(
          new GraphQLError(
            'Only subscriptions are supported over WebSocket; send queries and mutations over HTTP.',
          ),
          'BAD_REQUEST',
        ),
      ];
    }
    const variableValues = payload.variables ?? {};
    options.guard.refuseCostly(options.guard.priceOf(document, operation, variableValues));
    return {
      schema: options.schema,
      document,
      operationName: payload.operationName ?? null,
      variableValues,
      contextValue: new RequestContext(caller.role, options.newRequestId(), caller.userId),
    };
  } catch (error) {
    if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
    return [
      new GraphQLError(error instanceof Error ? error.message : String(error), {
        originalError: error as Error,
      }),
    ];
  }
}

/** As Apollo does for errors over HTTP. An error with a cause keeps it. */
function withCode(error: GraphQLError, code: string): GraphQLError {
  if (error.originalError === undefined) error.extensions.code ??= code;
  return error;
}
