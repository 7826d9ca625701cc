/** The limits of one operation, the same for HTTP and for subscriptions: tokens, aliases, depth,
 *  cost, introspection. */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import type { Config } from '../config';
import { QueryTooCostlyError } from '../errors';
import type { Price } from '../request/context';
import { aliasLimit, depthLimit, MAX_ALIASES, noIntrospection } from './limits';
import { type CostOf, costOfOperations } from './query-cost';

export type LimitConfig = Pick<
  Config,
  'maxQueryCost' | 'maxQueryDepth' | 'maxQueryTokens' | 'introspection'
>;

export class OperationGuard {
  /** In addition to those of the GraphQL specification. */
  readonly rules: readonly ValidationRule[];
  readonly parseOptions: { readonly maxTokens: number };
  private readonly costOf: CostOf;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly limits: LimitConfig,
  ) {
    this.rules = [
      depthLimit(limits.maxQueryDepth),
      aliasLimit(MAX_ALIASES),
      ...(limits.introspection ? [] : [noIntrospection]),
    ];
    this.parseOptions = { maxTokens: limits.maxQueryTokens };
    this.costOf = costOfOperations(schema);
  }

  /** Apollo would run a subscription's resolver as if it were a query.
   *  @throws GraphQLError (HTTP 400) */
  refuseSubscription(operation: OperationDefinitionNode): void {
    if (operation.operation !== 'subscription') return;
    const message = 'Subscriptions require WebSocket (graphql-transport-ws) at this URL.';
    throw new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
  }

  /** @returns what the operation costs, and what it may cost */
  priceOf(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
  ): Price {
    return {
      requested: Math.ceil(this.costOf(document, operation, variables)),
      limit: this.limits.maxQueryCost,
    };
  }

  /** @throws GraphQLError (HTTP 400) around a QueryTooCostlyError */
  refuseCostly({ requested, limit }: Price): void {
    if (requested <= limit) return;
    const message = `The query costs ${requested}; the limit is ${limit}. Request shorter lists or fewer fields.`;
    throw new GraphQLError(message, {
      originalError: new QueryTooCostlyError(message),
      extensions: { http: { status: 400 } },
    });
  }

  /** For the way that does not pass through Apollo.
   *  @throws GraphQLError on a syntax error */
  parseAndValidate(query: string): { document: DocumentNode; errors: readonly GraphQLError[] } {
    const document = parse(query, this.parseOptions);
    return { document, errors: validate(this.schema, document, [...specifiedRules, ...this.rules]) };
  }
}
