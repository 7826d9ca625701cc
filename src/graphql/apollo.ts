/** How Apollo is set up: it parses, validates, caches documents and executes; everything that costs time on each field is off. */
import type { ApolloServerOptions, ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { ErrorFormatter } from './error-format';
import type { OperationGuard } from './operation-guard';
import type { ServerContext } from './request-context';

export interface ApolloSetup {
  readonly schema: GraphQLSchema;
  readonly guard: OperationGuard;
  readonly formatter: ErrorFormatter;
  readonly logger: Logger;
  readonly introspection: boolean;
}

export function apolloOptions({ schema, guard, formatter, logger, introspection }: ApolloSetup): ApolloServerOptions<ServerContext> {
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
    persistedQueries: false,
    stopOnTerminationSignals: false,
    logger,
    plugins: [
      limitsAndLog(guard, formatter),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  };
}

const NONE: Readonly<Record<string, unknown>> = Object.freeze({});

function limitsAndLog(guard: OperationGuard, formatter: ErrorFormatter): ApolloServerPlugin<ServerContext> {
  const listener: GraphQLRequestListener<ServerContext> = {
    async didResolveOperation({ document, operation, request }) {
      if (!operation) return;
      guard.refuseSubscription(operation);
      guard.refuseCostly(document, operation, request.variables ?? NONE);
    },
    async didEncounterErrors({ errors, contextValue }) {
      for (const error of errors) if (formatter.isInternal(error)) formatter.report(error, contextValue.requestId);
    },
  };
  return { requestDidStart: async () => listener };
}
