/** GraphQL over HTTP. Apollo is called directly: an adapter would copy every header and parse the
 *  address again for each request. */
import { Readable } from 'node:stream';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../access/authenticator';
import type { Caller } from '../access/keys';
import { RequestContext } from '../request/context';
import { GRAPHQL_PATH, refuseTooMany, type ShowPage } from './http';
import type { RateLimiter } from './rate-limit';

export interface GraphQLRouteOptions {
  readonly apollo: ApolloServer<RequestContext>;
  readonly authenticator: Authenticator;
  readonly limiter: RateLimiter;
  readonly page: ShowPage;
}

/** The ones that Apollo reads: content negotiation and protection against cross-site requests. */
const HEADERS = ['accept', 'content-type', 'apollo-require-preflight', 'x-apollo-operation-name'] as const;

interface Admitted {
  caller?: Caller;
}

export function addGraphQLRoute(
  app: FastifyInstance,
  { apollo, authenticator, limiter, page }: GraphQLRouteOptions,
): void {
  app.decorateRequest('caller');

  const admit = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    try {
      if (!wantsPage(request)) {
        refuseTooMany(limiter, request, reply);
        const caller = authenticator.admit(request.headers.authorization);
        if (caller instanceof Promise) {
          caller.then((admitted) => enter(request, admitted, done), done);
          return;
        }
        (request as Admitted).caller = caller;
      }
      done();
    } catch (error) {
      done(error as Error);
    }
  };

  // The caller is known before the body is read.
  app.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    onRequest: admit,
    handler: async (request, reply) => {
      const { caller } = request as Admitted;
      if (caller === undefined) return page(request, reply);
      const headers = new HeaderMap();
      for (const name of HEADERS) {
        const value = request.headers[name];
        if (typeof value === 'string') headers.set(name, value);
      }
      const answer = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: {
          method: request.method,
          headers,
          body: request.body,
          search: searchOf(request.url),
        },
        context: async () => new RequestContext(caller.role, request.id, caller.userId),
      });
      for (const [name, value] of answer.headers) {
        const before = name === 'vary' ? reply.getHeader(name) : undefined; // set by CORS
        void reply.header(name, before === undefined ? value : `${String(before)}, ${value}`);
      }
      void reply.code(answer.status ?? 200);
      return answer.body.kind === 'complete'
        ? reply.send(answer.body.string)
        : reply.send(Readable.from(answer.body.asyncIterator));
    },
  });
}

function enter(request: FastifyRequest, caller: Caller, done: () => void): void {
  (request as Admitted).caller = caller;
  done();
}

function searchOf(url: string): string {
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start);
}

/** A browser's address bar, rather than a client with a query. */
function wantsPage(request: FastifyRequest): boolean {
  return (
    request.method === 'GET' &&
    (request.headers.accept?.includes('text/html') ?? false) &&
    !new URLSearchParams(searchOf(request.url)).has('query')
  );
}
