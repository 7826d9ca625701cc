/** How Apollo is set up: it parses, validates, caches documents and executes; everything that costs
 *  time on each field is off. */
import type { ApolloServerOptions, ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { RequestContext } from '../request/context';
import { type CachePolicyOf, cachePolicies, NO_STORE } from './cache-policy';
import type { ErrorFormatter } from './error-format';
import type { OperationGuard } from './operation-guard';

export interface ApolloSetup {
  readonly schema: GraphQLSchema;
  readonly guard: OperationGuard;
  readonly formatter: ErrorFormatter;
  readonly logger: Logger;
  readonly introspection: boolean;
}

export function apolloOptions({
  schema,
  guard,
  formatter,
  logger,
  introspection,
}: ApolloSetup): ApolloServerOptions<RequestContext> {
  return {
    schema,
    introspection: true, // the guard's own rule turns it off, for subscriptions too
    // Suggestions ("Did you mean …?") would give the schema away name by name.
    hideSchemaDetailsFromClientErrors: !introspection,
    parseOptions: guard.parseOptions,
    validationRules: [...guard.rules],
    formatError: (formatted, error) => formatter.format(formatted, error),
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: { cache: new PersistedQueries(), ttl: null },
    stopOnTerminationSignals: false,
    logger,
    plugins: [
      limitsAndLog(guard, formatter, cachePolicies(schema)),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  };
}

const NONE: Readonly<Record<string, unknown>> = Object.freeze({});

function limitsAndLog(
  guard: OperationGuard,
  formatter: ErrorFormatter,
  policyOf: CachePolicyOf,
): ApolloServerPlugin<RequestContext> {
  const listener: GraphQLRequestListener<RequestContext> = {
    async didResolveOperation({ document, operation, request, contextValue }) {
      if (!operation) return;
      guard.refuseSubscription(operation);
      contextValue.price = guard.priceOf(document, operation, request.variables ?? NONE);
      guard.refuseCostly(contextValue.price);
    },
    async didEncounterErrors({ errors, contextValue }) {
      for (const error of errors)
        if (formatter.isInternal(error)) formatter.report(error, contextValue.requestId);
    },
    async willSendResponse({ document, operation, contextValue, response }) {
      const { body, http } = response;
      if (body.kind !== 'single') return;
      const { singleResult: result } = body;
      if (contextValue.price) result.extensions = { ...result.extensions, cost: contextValue.price };
      const policy = result.errors || !document || !operation ? NO_STORE : policyOf(document, operation);
      http.headers.set('cache-control', policy);
      // A shared cache must not return one caller's answer to another without a key.
      if (policy.startsWith('public')) http.headers.set('vary', 'authorization');
    },
  };
  return { requestDidStart: async () => listener };
}

const MOST_DOCUMENTS = 1_000;
const MOST_CHARACTERS = 8_000_000;

/** Automatic persisted queries: documents by their SHA-256, so that a client sends the hash alone.
 *  Only documents that passed every limit get in (Apollo stores one after its validation and ours),
 *  and the longest unused go first. */
export class PersistedQueries {
  private readonly documents = new LRUCache<string, string>({
    max: MOST_DOCUMENTS,
    maxSize: MOST_CHARACTERS,
    sizeCalculation: (query) => query.length,
  });

  async get(hash: string): Promise<string | undefined> {
    return this.documents.get(hash);
  }

  async set(hash: string, query: string): Promise<void> {
    this.documents.set(hash, query);
  }

  async delete(hash: string): Promise<boolean> {
    return this.documents.delete(hash);
  }
}
