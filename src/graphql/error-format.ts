/** Failures → what a client may see: a documented code (docs/errors.md) and a message without
 *  internals. Everything else goes to the log whole, under an id that the client is given. */
import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { isUnavailable } from '../database/failures';
import { AppError, BadUserInputError, CLIENT_CODES, type ClientCode, isClientCode } from '../errors';

/** The extensions of every error that leaves the server. */
export interface ErrorExtensions extends Record<string, unknown> {
  readonly code: ClientCode;
  /** The argument at fault, such as `input.value`. */
  readonly field?: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Under which the log has the details; with INTERNAL_SERVER_ERROR and DATABASE_UNAVAILABLE. */
  readonly errorId?: string;
}

/** What a client may see of an error. Without a message: it gets a general one, and the log the
 *  error. */
interface Visible {
  readonly code: ClientCode;
  readonly message?: string;
  readonly field?: string;
  readonly retryable?: boolean;
}

/** Apollo's own codes that mean the same as one of ours. */
const APOLLO_CODES: Readonly<Record<string, ClientCode>> = {
  OPERATION_RESOLUTION_FAILURE: 'BAD_REQUEST',
  PERSISTED_QUERY_NOT_SUPPORTED: 'BAD_REQUEST',
};
/** Apollo gives these no code. */
const BAD_PERSISTED_QUERY = /^(provided sha does not match query|Unsupported persisted query version)$/;
const TOO_MANY_TOKENS = /^Syntax Error: Document contains more tha[nt] (\d+) tokens/;
/** Class 22 (impossible values) and 23 (constraints),
 *  https://www.postgresql.org/docs/current/errcodes-appendix.html */
const INPUT_SQLSTATE = /^2[23]...$/;
const BUSY_SQLSTATE = /^(40001|40P01|57014|55P03)$/;
const UNIQUE_VIOLATION = '23505';

const INTERNAL: Visible = { code: 'INTERNAL_SERVER_ERROR' };
const UNAVAILABLE: Visible = { code: 'DATABASE_UNAVAILABLE' };

export class ErrorFormatter {
  private readonly reported = new WeakMap<object, string>();

  constructor(private readonly logger: Logger) {}

  /** For Apollo's `formatError`, and for every other way out of the server.
   *  @param requestId for the log, where the caller has no chance to report the error itself */
  format(
    { locations, path }: Partial<GraphQLFormattedError>,
    error: unknown,
    requestId?: string,
  ): GraphQLFormattedError & { extensions: ErrorExtensions } {
    const visible = visibleOf(error);
    const errorId = visible.message === undefined ? this.report(error, requestId) : undefined;
    return {
      message: visible.message ?? generalMessage(visible.code, errorId),
      ...(locations ? { locations } : {}),
      ...(path ? { path } : {}),
      extensions: {
        code: visible.code,
        ...(visible.field === undefined ? {} : { field: visible.field }),
        retryable: visible.retryable ?? CLIENT_CODES[visible.code].retryable,
        ...(errorId === undefined ? {} : { errorId }),
      },
    };
  }

  /** Writes what the client will not see to the log, once per error.
   *  @returns the id under which it is logged */
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
        'A request failed with an internal error.',
      );
    }
    return id;
  }

  /** Whether the error's details belong in the log. */
  isInternal(error: unknown): boolean {
    return visibleOf(error).message === undefined;
  }
}

function generalMessage(code: ClientCode, errorId: string | undefined): string {
  return code === 'DATABASE_UNAVAILABLE'
    ? 'The database is unavailable. Try again shortly.'
    : `Internal error. The server log has the details under ${errorId}.`;
}

function visibleOf(error: unknown): Visible {
  const cause = causeOf(error);
  if (cause instanceof AppError) return visibleOfApp(cause);
  if (isUnavailable(cause) && !isMissingFile(cause)) return UNAVAILABLE;
  const sqlState = sqlStateOf(cause);
  if (sqlState !== undefined) return visibleOfSqlState(sqlState);
  if (error instanceof GraphQLError && cause instanceof GraphQLError) return visibleOfGraphQL(error, cause);
  return INTERNAL;
}

function visibleOfApp(error: AppError): Visible {
  const { code, message, retryable } = error;
  if (code === UNAVAILABLE.code) return UNAVAILABLE;
  if (!isClientCode(code) || !error.forPeople) return INTERNAL;
  return error instanceof BadUserInputError
    ? { code, message, retryable, field: error.field }
    : { code, message, retryable };
}

/** ENOENT is a server's missing socket to `isUnavailable`, but from a resolver it may be any
 *  file. */
function isMissingFile(cause: unknown): boolean {
  const { code, syscall } = cause as NodeJS.ErrnoException;
  return code === 'ENOENT' && syscall !== undefined && syscall !== 'connect';
}

/** The error that was thrown, under whatever graphql-js, Apollo and TypeORM have wrapped it in. */
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
function visibleOfSqlState(state: string): Visible {
  if (BUSY_SQLSTATE.test(state)) return UNAVAILABLE;
  if (state === UNIQUE_VIOLATION) return { code: 'CONFLICT', message: 'This already exists.' };
  if (!INPUT_SQLSTATE.test(state)) return INTERNAL;
  return { code: 'BAD_USER_INPUT', message: 'A value in the input cannot be stored.' };
}

/** Errors of the GraphQL layer itself: syntax, validation, variables, the shape of the request. */
function visibleOfGraphQL({ message, extensions }: GraphQLError, cause: GraphQLError): Visible {
  const tokens = TOO_MANY_TOKENS.exec(cause.message)?.[1];
  if (tokens !== undefined)
    return { code: 'QUERY_TOO_COSTLY', message: `The query has more than ${tokens} tokens.` };
  if (BAD_PERSISTED_QUERY.test(cause.message)) return { code: 'BAD_REQUEST', message };
  const given = extensions.code ?? cause.extensions.code;
  const code = typeof given === 'string' ? (APOLLO_CODES[given] ?? given) : undefined;
  if (isClientCode(code) && code !== 'INTERNAL_SERVER_ERROR') return { code, message, retryable: false };
  // An argument whose impossible value came at run time points into the document; a resolver's
  // impossible answer does not.
  if (cause.nodes?.length && cause.path === undefined) return { code: 'BAD_USER_INPUT', message };
  return INTERNAL;
}
