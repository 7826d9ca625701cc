/** How Apollo is set up: it parses, validates, caches documents and executes; everything that costs
 *  time on each field is off. */
import type { ApolloServerOptions, ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { type CachePolicyOf, cachePolicies, NO_STORE } from './cache-policy';
import type { ErrorFormatter } from './error-format';
import type { OperationGuard } from './operation-guard';
import { PersistedQueries } from './persisted-queries';
import type { ServerContext } from './request-context';

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
}: ApolloSetup): ApolloServerOptions<ServerContext> {
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
): ApolloServerPlugin<ServerContext> {
  const listener: GraphQLRequestListener<ServerContext> = {
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
      // Whoever caches for several callers must not hand one's answer to another who has no key.
      if (policy.startsWith('public')) http.headers.set('vary', 'authorization');
    },
  };
  return { requestDidStart: async () => listener };
}
