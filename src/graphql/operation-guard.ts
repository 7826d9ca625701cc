/** The limits of one operation, the same for HTTP and for subscriptions: tokens, aliases, depth, cost, introspection. */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import type { Config } from '../config';
import { QueryTooCostlyError } from '../errors';
import { aliasLimit, depthLimit, MAX_ALIASES } from './limits';
import { type CostOf, costOfOperations } from './query-cost';

export type LimitConfig = Pick<Config, 'maxQueryCost' | 'maxQueryDepth' | 'maxQueryTokens' | 'introspection'>;

export class OperationGuard {
  /** Beside those of the GraphQL specification. */
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
      ...(limits.introspection ? [] : [NoSchemaIntrospectionCustomRule]),
    ];
    this.parseOptions = { maxTokens: limits.maxQueryTokens };
    this.costOf = costOfOperations(schema);
  }

  /** @throws GraphQLError (HTTP 400) around a QueryTooCostlyError */
  refuseCostly(document: DocumentNode, operation: OperationDefinitionNode, variables: Readonly<Record<string, unknown>>): void {
    const cost = this.costOf(document, operation, variables);
    if (cost <= this.limits.maxQueryCost) return;
    const message = `The query costs ${Math.ceil(cost)}; at most ${this.limits.maxQueryCost} is answered. Ask for shorter lists or fewer fields.`;
    throw new GraphQLError(message, { originalError: new QueryTooCostlyError(message), extensions: { http: { status: 400 } } });
  }

  /** For the way that does not pass through Apollo.
   *  @throws GraphQLError on a syntax error */
  parseAndValidate(query: string): { document: DocumentNode; errors: readonly GraphQLError[] } {
    const document = parse(query, this.parseOptions);
    return { document, errors: validate(this.schema, document, [...specifiedRules, ...this.rules]) };
  }
}
