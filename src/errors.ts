/** One base class for every error of the product, and the one table of what a code means. */

interface CodeMeaning {
  /** HTTP status of a request that ends with it before GraphQL is reached. */
  readonly status: number;
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean;
  /** Whether the message was written for people: a client, an operator, the reader of a record.
   *  Other messages go to the log. */
  readonly forPeople: boolean;
}

const answer = (status: number, retryable = false): CodeMeaning => ({ status, retryable, forPeople: true });
const internal = (forPeople: boolean): CodeMeaning => ({ status: 500, retryable: false, forPeople });

/** What clients may get. These codes are API: docs/errors.md lists them, and a test compares. */
export const CLIENT_CODES = {
  GRAPHQL_PARSE_FAILED: answer(400),
  GRAPHQL_VALIDATION_FAILED: answer(400),
  BAD_REQUEST: answer(400),
  PERSISTED_QUERY_NOT_FOUND: answer(200),
  BAD_USER_INPUT: answer(400),
  NOT_FOUND: answer(404),
  CONFLICT: answer(400),
  UNAUTHENTICATED: answer(401),
  FORBIDDEN: answer(403),
  MODEL_NOT_READY: answer(400, true),
  MODEL_NOT_SERVABLE: answer(400),
  MODEL_WORSE: answer(400),
  TRAINING_IN_PROGRESS: answer(400, true),
  QUERY_TOO_COSTLY: answer(400),
  RATE_LIMITED: answer(429, true),
  PAYLOAD_TOO_LARGE: answer(413),
  SHUTTING_DOWN: answer(503, true),
  DATABASE_UNAVAILABLE: answer(503, true), // the message names the place: for the operator only
  INTERNAL_SERVER_ERROR: internal(false), // also the code of errors that only a mistake of ours can raise
} as const;

/** For the operator, the command line and the records of experiments; a client of the API gets
 *  INTERNAL_SERVER_ERROR. */
const INTERNAL_CODES = {
  CONFIG_INVALID: internal(true),
  ADDRESS_UNAVAILABLE: internal(true),
  DATA_FOLDER_IN_USE: internal(true),
  DATABASE_VERSION: internal(true),
  MIGRATION_FAILED: internal(true),
  DATASET_UNREADABLE: internal(true),
  DOWNLOAD_FAILED: internal(true),
  FILE_UNWRITABLE: internal(true),
  STOPPED: internal(true),
  DATA_UNFIT: internal(true),
  TRAINING_DIVERGED: internal(true),
  TRAINING_FAILED: internal(true),
  SCORES_INVALID: internal(true),
  BACKEND_UNAVAILABLE: internal(true),
  ARTIFACT_CORRUPT: internal(true),
} as const;

const CODES = { ...CLIENT_CODES, ...INTERNAL_CODES };
export type ClientCode = keyof typeof CLIENT_CODES;
export type ErrorCode = keyof typeof CODES;

export function isClientCode(code: unknown): code is ClientCode {
  return typeof code === 'string' && Object.hasOwn(CLIENT_CODES, code);
}

export abstract class AppError extends Error {
  abstract readonly code: ErrorCode;
  override get name(): string {
    return this.constructor.name;
  }
  get status(): number {
    return CODES[this.code].status;
  }
  get retryable(): boolean {
    return CODES[this.code].retryable;
  }
  get forPeople(): boolean {
    return CODES[this.code].forPeople;
  }
}

/** @returns whether the message is all that a person needs: no stack, no class */
export function isForPeople(error: unknown): error is AppError {
  return error instanceof AppError && error.forPeople;
}

/** @returns the message, and with one that was not written for people the class, which says more */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isForPeople(error) ? error.message : `${error.name}: ${error.message}`;
}

/** An error on its way from a thread or a process. */
export interface ErrorMessage {
  readonly name: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly forPeople: boolean;
  readonly stack: string;
}

export function toMessage(error: unknown): ErrorMessage {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  const { code, retryable, forPeople } =
    error instanceof AppError
      ? error
      : { code: 'INTERNAL_SERVER_ERROR' as const, retryable: false, forPeople: false };
  return { name, code, message, retryable, forPeople, stack };
}

export function fromMessage(sent: ErrorMessage): AppError {
  return new RemoteError(sent);
}

/** As the error was where it was thrown; the stack there is the `cause`. */
class RemoteError extends AppError {
  readonly code: ErrorCode;
  constructor(private readonly sent: ErrorMessage) {
    super(sent.message, { cause: sent.stack });
    this.code = sent.code;
  }
  override get name(): string {
    return this.sent.name;
  }
  override get retryable(): boolean {
    return this.sent.retryable;
  }
  override get forPeople(): boolean {
    return this.sent.forPeople;
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
}

export class QueryTooCostlyError extends AppError {
  readonly code = 'QUERY_TOO_COSTLY';
}

export class RateLimitedError extends AppError {
  readonly code = 'RATE_LIMITED';
}

export class ShuttingDownError extends AppError {
  readonly code = 'SHUTTING_DOWN';
}

export class DatabaseUnavailableError extends AppError {
  readonly code = 'DATABASE_UNAVAILABLE';
}
