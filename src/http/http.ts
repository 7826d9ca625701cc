/** Common to all HTTP responses: checks of host and origin, request ids, errors in GraphQL's shape;
 *  and the routes that are not GraphQL. */
import { randomUUID } from 'node:crypto';
import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';
import {
  AppError,
  CLIENT_CODES,
  type ClientCode,
  ForbiddenError,
  RateLimitedError,
  ShuttingDownError,
} from '../errors';
import type { ErrorFormatter } from '../graphql/error-format';
import { PAGE_HEADERS, readLandingPage } from './landing-page';
import type { OriginPolicy } from './origin-policy';
import type { RateLimiter } from './rate-limit';

export const GRAPHQL_PATH = '/graphql';

export interface Readiness {
  readonly ready: boolean;
  /** For people, such as `The catalog is being seeded.` */
  readonly reason?: string;
}

/** Takes over the caller's id when it is a plain one, so that logs of several systems can be put
 *  side by side. */
export function newRequestId(request?: {
  readonly headers: Record<string, string | string[] | undefined>;
}): string {
  const given = request?.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}

export function addErrorHandling(app: FastifyInstance, formatter: ErrorFormatter): void {
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const [status, body] = describe(error, formatter, request.id);
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    return sendErrors(reply, status, body);
  });
  app.setNotFoundHandler((_request, reply) => {
    const message = `Not found. The API is at ${GRAPHQL_PATH}.`;
    return sendErrors(reply, 404, { message, extensions: { code: 'NOT_FOUND', retryable: false } });
  });
}

function sendErrors(reply: FastifyReply, status: number, error: GraphQLFormattedError): FastifyReply {
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ errors: [error] }));
}

function describe(
  error: Error & { statusCode?: number; code?: string },
  formatter: ErrorFormatter,
  requestId: string,
): [number, GraphQLFormattedError] {
  const { statusCode = 500 } = error;
  if (error instanceof AppError || statusCode < 400 || statusCode >= 500) {
    const body = formatter.format({}, error, requestId);
    return [CLIENT_CODES[body.extensions.code].status, body];
  }
  const body = (code: ClientCode, message: string): GraphQLFormattedError => ({
    message,
    extensions: { code, retryable: false },
  });
  if (statusCode === 413) return [413, body('PAYLOAD_TOO_LARGE', 'The request body is too large.')];
  if (statusCode === 415) return [415, body('BAD_REQUEST', 'Send the query as application/json.')];
  // Fastify's messages on malformed requests reveal no internals.
  return [statusCode, body('BAD_REQUEST', error.message)];
}

export async function addRequestChecks(
  app: FastifyInstance,
  policy: OriginPolicy,
  state: { readonly closing: boolean },
): Promise<void> {
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  // Before the checks, so that pages of listed origins can read their errors.
  if (policy.allowedOrigins.length > 0) await app.register(cors, corsOptions(policy.allowedOrigins));
  app.addHook('onRequest', (request, _reply, done) => {
    if (!policy.allowsHost(request.headers))
      done(new ForbiddenError('This server accepts only local requests, under the host name localhost.'));
    else if (state.closing) done(new ShuttingDownError('The server is shutting down.'));
    else done();
  });
  // A client that keeps its connection would keep a stopping server alive.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (state.closing) void reply.header('connection', 'close');
    done();
  });
  // Where no origin is listed, a preflight gets no permission with its answer, and the browser goes
  // no further.
  for (const path of [GRAPHQL_PATH, '/export/*'])
    app.options(path, (_request, reply) => reply.code(204).send());
  app.addHook('onResponse', (request, reply, done) => {
    request.log.debug(
      { requestId: request.id, method: request.method, status: reply.statusCode, ms: reply.elapsedTime },
      request.url.split('?')[0],
    );
    done();
  });
}

function corsOptions(origins: readonly string[]): FastifyCorsOptions {
  return {
    origin: [...origins],
    methods: ['GET', 'POST'],
    allowedHeaders: ['authorization', 'content-type', 'apollo-require-preflight', 'x-request-id'],
    exposedHeaders: ['x-request-id', 'retry-after', 'content-disposition'],
    maxAge: 600,
    strictPreflight: false, // an OPTIONS request without an origin gets 204 as well
  };
}

/** `/health`: the process lives. `/ready`: it can answer queries. Both are open to everyone and say
 *  nothing else. Not `@fastify/under-pressure` 9.2: it has one route for both, and refuses requests
 *  by event-loop delay, which this server does not. */
export function addHealth(app: FastifyInstance, readiness: () => Readiness | Promise<Readiness>): void {
  app.get('/health', (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));
  app.get('/ready', async (request, reply) => {
    void reply.header('cache-control', 'no-store');
    try {
      const { ready, reason } = await readiness();
      return reply.code(ready ? 200 : 503).send({ ready, ...(reason === undefined ? {} : { reason }) });
    } catch (error) {
      request.log.warn({ err: error }, 'The readiness check failed.');
      return reply
        .code(503)
        .send({ ready: false, reason: 'The readiness check failed; the log says why.' });
    }
  });
}

export type ShowPage = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** @returns what answers a browser that opens the API's own address */
export function addLandingPage(app: FastifyInstance): ShowPage {
  const files = readLandingPage();
  for (const file of files) {
    app.get(file.path, (_request, reply) =>
      reply.headers(PAGE_HEADERS).type(file.mediaType).send(file.body),
    );
  }
  const index = files.find(({ path }) => path === '/');
  if (!index) throw new Error('web/index.html is missing.');
  return (_request, reply) =>
    reply.headers(PAGE_HEADERS).header('vary', 'Accept').type(index.mediaType).send(index.body);
}

/** @throws RateLimitedError, and the answer says when to come again */
export function refuseTooMany(limiter: RateLimiter, request: FastifyRequest, reply: FastifyReply): void {
  const wait = limiter.take(request.ip);
  if (wait <= 0) return;
  void reply.header('retry-after', wait);
  throw new RateLimitedError(`Too many requests; retry in ${wait} s.`);
}
