/** Errors whose message is all that the person at the command line needs: no stack trace. */
import { ConfigError } from './config';
import { DatabaseVersionError, DataDirectoryInUseError } from './database/failures';
import { MigrationError } from './database/migrate';
import { ReleaseError } from './datasets/errors';
import { AppError } from './errors';
import { UnwritableFileError } from './exports/file';
import { ListenError } from './http/server';

const EXPECTED = [
  AppError,
  ConfigError,
  DataDirectoryInUseError,
  DatabaseVersionError,
  ListenError,
  MigrationError,
  ReleaseError,
  UnwritableFileError,
];

export function isExpected(error: unknown): error is Error {
  return EXPECTED.some((kind) => error instanceof kind);
}
