/** Failures → what a client may see: a documented code, and nothing of the inside. What is not
 *  foreseen goes to the log whole, under an id that the client is given. The table of codes is
 *  docs/errors.md. */
import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { isUnavailable } from '../database/failures';
import {
  AppError,
  BadUserInputError,
  DatabaseUnavailableError,
  ERROR_CODES,
  type ErrorCode,
} from '../errors';

/** The extensions of every error that leaves the server. */
export interface ErrorExtensions extends Record<string, unknown> {
  readonly code: ErrorCode;
  /** The argument at fault, such as `input.value`. */
  readonly field?: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Under which the log has the details; with INTERNAL_SERVER_ERROR and DATABASE_UNAVAILABLE. */
  readonly errorId?: string;
}

/** Apollo's own codes that say, in other words, what one of ours says. */
const APOLLO_CODES: Readonly<Record<string, ErrorCode>> = {
  OPERATION_RESOLUTION_FAILURE: 'BAD_REQUEST',
  PERSISTED_QUERY_NOT_SUPPORTED: 'BAD_REQUEST',
};
/** Apollo gives these no code. */
const BAD_PERSISTED_QUERY = /^(provided sha does not match query|Unsupported persisted query version)$/;
const UNAVAILABLE = 'The database cannot be reached just now. Try again in a moment.';
/** Class 22 (impossible values) and 23 (constraints),
 *  https://www.postgresql.org/docs/current/errcodes-appendix.html */
const INPUT_SQLSTATE = /^2[23]...$/;
const BUSY_SQLSTATE = /^(40001|40P01|57014|55P03)$/;
const UNIQUE_VIOLATION = '23505';

export class ErrorFormatter {
  private readonly reported = new WeakMap<object, string>();

  constructor(private readonly logger: Logger) {}

  /** For Apollo's `formatError`, and for every other way out of the server. */
  format(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
    const { message, extensions } = this.describe(error);
    return {
      message,
      ...(formatted.locations ? { locations: formatted.locations } : {}),
      ...(formatted.path ? { path: formatted.path } : {}),
      extensions,
    };
  }

  /** Writes what the client will not see to the log, once per error.
   *  @returns the id under which it stands there */
  report(error: unknown, requestId?: string): string {
    const cause = causeOf(error);
    const key = typeof cause === 'object' && cause !== null ? cause : {};
    let id = this.reported.get(key);
    if (id === undefined) {
      id = randomUUID();
      this.reported.set(key, id);
      const path = error instanceof GraphQLError ? error.path : undefined;
      this.logger.error(
        { err: cause, errorId: id, requestId, path },
        'A request failed for a reason that its caller cannot see.',
      );
    }
    return id;
  }

  /** Whether the error's details belong in the log. */
  isInternal(error: unknown): boolean {
    return classify(error) === 'internal' || classify(error) === 'unavailable';
  }

  private describe(error: unknown): { message: string; extensions: ErrorExtensions } {
    const kind = classify(error);
    if (kind === 'internal') {
      const errorId = this.report(error);
      const message = `Something went wrong here. The log has the details under ${errorId}.`;
      return { message, extensions: { code: 'INTERNAL_SERVER_ERROR', retryable: false, errorId } };
    }
    if (kind === 'unavailable') {
      return {
        message: UNAVAILABLE,
        extensions: { code: 'DATABASE_UNAVAILABLE', retryable: true, errorId: this.report(error) },
      };
    }
    return kind;
  }
}

type Described = { message: string; extensions: ErrorExtensions };

function classify(error: unknown): Described | 'internal' | 'unavailable' {
  const cause = causeOf(error);
  if (cause instanceof DatabaseUnavailableError || (isUnavailable(cause) && !isMissingFile(cause)))
    return 'unavailable';
  if (cause instanceof AppError) {
    const field = cause instanceof BadUserInputError ? { field: cause.field } : {};
    return { message: cause.message, extensions: { code: cause.code, ...field, retryable: cause.retryable } };
  }
  const sqlState = sqlStateOf(cause);
  if (sqlState !== undefined) return describeSqlState(sqlState);
  if (error instanceof GraphQLError && cause instanceof GraphQLError) return describeGraphQL(error, cause);
  return 'internal';
}

/** ENOENT is a server's missing socket to `isUnavailable`, but from a resolver it may be any
 *  file. */
function isMissingFile(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    'syscall' in cause &&
    cause.syscall !== 'connect' &&
    'code' in cause &&
    cause.code === 'ENOENT'
  );
}

/** The error that someone threw, under whatever graphql-js, Apollo and TypeORM have wrapped it
 *  in. */
function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  if (cause instanceof Error && cause.name === 'QueryFailedError' && 'driverError' in cause)
    return cause.driverError;
  return cause;
}

function sqlStateOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !('code' in cause) || !('severity' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}

/** A value that slipped past the resolvers: the message names no table, and the log would have
 *  nothing to add. */
function describeSqlState(code: string): Described | 'internal' | 'unavailable' {
  if (BUSY_SQLSTATE.test(code)) return 'unavailable';
  if (code === UNIQUE_VIOLATION)
    return { message: 'This exists already.', extensions: { code: 'CONFLICT', retryable: false } };
  if (!INPUT_SQLSTATE.test(code)) return 'internal';
  return {
    message: 'A value in the input cannot be stored.',
    extensions: { code: 'BAD_USER_INPUT', retryable: false },
  };
}

/** Errors of the GraphQL layer itself: syntax, validation, variables, the shape of the request. */
function describeGraphQL(error: GraphQLError, cause: GraphQLError): Described | 'internal' {
  const given = error.extensions.code ?? cause.extensions.code;
  const code = typeof given === 'string' ? (APOLLO_CODES[given] ?? given) : undefined;
  const tokens = /^Syntax Error: Document contains more tha[nt] (\d+) tokens/.exec(cause.message)?.[1];
  if (tokens !== undefined) {
    return {
      message: `The query has more than ${tokens} tokens.`,
      extensions: { code: 'QUERY_TOO_COSTLY', retryable: false },
    };
  }
  if (BAD_PERSISTED_QUERY.test(cause.message)) {
    return { message: error.message, extensions: { code: 'BAD_REQUEST', retryable: false } };
  }
  if (
    code !== undefined &&
    code !== 'INTERNAL_SERVER_ERROR' &&
    (ERROR_CODES as readonly string[]).includes(code)
  ) {
    return { message: error.message, extensions: { code: code as ErrorCode, retryable: false } };
  }
  // An argument that got its impossible value at run time points into the document; a resolver's
  // impossible answer does not.
  if (cause.nodes?.length && cause.path === undefined) {
    return { message: error.message, extensions: { code: 'BAD_USER_INPUT', retryable: false } };
  }
  return 'internal';
}
