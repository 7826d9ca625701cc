/** Every failure a client may see. `code` is API: listed in docs/errors.md, and a test checks the
 *  list. */

export const ERROR_CODES = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'PERSISTED_QUERY_NOT_FOUND',
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'MODEL_NOT_READY',
  'MODEL_NOT_SERVABLE',
  'MODEL_WORSE',
  'TRAINING_IN_PROGRESS',
  'QUERY_TOO_COSTLY',
  'RATE_LIMITED',
  'PAYLOAD_TOO_LARGE',
  'SHUTTING_DOWN',
  'DATABASE_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export abstract class AppError extends Error {
  abstract readonly code: ErrorCode;
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean = false;
  override get name(): string {
    return this.constructor.name;
  }
}

/** The caller's input is at fault; `field` is the path of the argument, such as
 *  `input.hyperparameters.margin`. */
export class BadUserInputError extends AppError {
  readonly code = 'BAD_USER_INPUT';
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

export class NotFoundError extends AppError {
  readonly code = 'NOT_FOUND';
  constructor(
    readonly entity: string,
    readonly id: string | number,
  ) {
    super(`There is no ${entity} with id ${id}.`);
  }
}

export class ConflictError extends AppError {
  readonly code = 'CONFLICT';
}

export class UnauthenticatedError extends AppError {
  readonly code = 'UNAUTHENTICATED';
}

export class ForbiddenError extends AppError {
  readonly code = 'FORBIDDEN';
}

export class ModelNotReadyError extends AppError {
  readonly code = 'MODEL_NOT_READY';
  override readonly retryable = true;
}

/** The model ranks, but does not place users and movies in one space, so it has no distances to
 *  serve. */
export class ModelNotServableError extends AppError {
  readonly code = 'MODEL_NOT_SERVABLE';
}

/** The model is worse than the one in service beyond the interval; the message has the figures. */
export class WorseModelError extends AppError {
  readonly code = 'MODEL_WORSE';
}

export class TrainingInProgressError extends AppError {
  readonly code = 'TRAINING_IN_PROGRESS';
  override readonly retryable = true;
}

export class QueryTooCostlyError extends AppError {
  readonly code = 'QUERY_TOO_COSTLY';
}

export class RateLimitedError extends AppError {
  readonly code = 'RATE_LIMITED';
  override readonly retryable = true;
}

export class ShuttingDownError extends AppError {
  readonly code = 'SHUTTING_DOWN';
  override readonly retryable = true;
}

export class DatabaseUnavailableError extends AppError {
  readonly code = 'DATABASE_UNAVAILABLE';
  override readonly retryable = true;
}
