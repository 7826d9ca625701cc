/** What can go wrong with the database as such, said so that a person can act on it; never with a
 *  password in it. */
import { AppError, DatabaseUnavailableError } from '../errors';

/** Another process has the embedded database's folder open; two would lose each other's rows. */
export class DataDirectoryInUseError extends AppError {
  readonly code = 'DATA_FOLDER_IN_USE';
  constructor(
    readonly dataDir: string,
    readonly pid: number,
  ) {
    super(
      `The data folder ${dataDir} is in use by process ${pid}, and the embedded database serves one process at a time. ` +
        `Stop that process, or give this one its own folder and port (NEARFIELD_DATA_DIR, PORT), ` +
        `or let both share a PostgreSQL server (DATABASE_URL).`,
    );
  }
}

/** The folder's files, or the server, are of a PostgreSQL version that this code does not work
 *  with. */
export class DatabaseVersionError extends AppError {
  readonly code = 'DATABASE_VERSION';
}

/** `query` or `transaction` was called inside a transaction: on the embedded database it would wait
 *  for itself for ever. */
export class NestedTransactionError extends AppError {
  readonly code = 'INTERNAL_SERVER_ERROR';
  constructor() {
    super(
      'Inside a transaction, use the client of the transaction: another connection would wait ' +
        'for it to end.',
    );
  }
}

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);
/** https://www.postgresql.org/docs/current/errcodes-appendix.html: class 08, and the ones a
 *  starting, stopping or full server gives. */
const SQLSTATES = /^(08...|57P0[1-4]|53300|28P01|28000|3D000)$/;
const MESSAGES =
  /^(Connection terminated|Client has encountered a connection error|timeout (exceeded when trying to connect|expired)|Cannot use a pool after)/;

interface Failure {
  readonly code?: string;
  readonly syscall?: string;
  readonly message?: string;
}

/** Node tries each address of a host name and gives an AggregateError, whose own message is empty.
 *  By shape, not `instanceof`: errors of Node's own modules are of another realm under Jest. */
function causes(error: unknown): Failure[] {
  if (typeof error !== 'object' || error === null) return [];
  const { errors } = error as { errors?: Failure[] };
  return Array.isArray(errors) ? [error, ...errors] : [error];
}

/** @returns whether the error says that the database cannot be reached, rather than that a
 *    statement is at fault */
export function isUnavailable(error: unknown): boolean {
  return causes(error).some(({ code = '', syscall, message = '' }) => {
    const noSocket = code === 'ENOENT' && syscall === 'connect';
    return noSocket || NETWORK_CODES.has(code) || SQLSTATES.test(code) || MESSAGES.test(message);
  });
}

/** @param place what was to be reached, without secrets (see `describePlace`)
 *  @returns a DatabaseUnavailableError for a failure of the connection, any other error as it is */
export function asDatabaseError(error: unknown, place: string): unknown {
  if (error instanceof DatabaseUnavailableError || !isUnavailable(error)) return error;
  const reason = causes(error).find(({ message }) => message)?.message;
  return new DatabaseUnavailableError(
    `The database at ${place} cannot be reached: ${reason ?? 'no reason given'}.`,
    { cause: error },
  );
}

/** @returns `host:port/database` of a connection string, without user and password */
export function describePlace(databaseUrl: string): string {
  try {
    const url = new URL(databaseUrl);
    return `${url.searchParams.get('host') ?? (url.hostname || 'localhost')}:${url.port || '5432'}${url.pathname}`;
  } catch {
    return 'DATABASE_URL';
  }
}
