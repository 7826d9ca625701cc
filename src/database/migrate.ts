/** Brings the schema up to date: numbered, forward-only SQL files, each applied once, in one
 *  transaction with its own record. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { AppError } from '../errors';
import type { Database } from './database';

/** The database does not match the migration files; the message says what to do. */
export class MigrationError extends AppError {
  readonly code = 'MIGRATION_FAILED';
}

export interface Migration {
  readonly number: number;
  /** The file's name, such as `0001-catalog.sql`. */
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

const FOLDER = join(__dirname, '..', '..', 'migrations');
const FILE_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/;
/** Any constant will do, so long as no other code locks it. */
const ADVISORY_LOCK = 7_213_004_511;

/** @returns the migrations of a folder in order
 *  @throws MigrationError on a badly named file, or when the numbers are not 1, 2, 3, … */
export function readMigrations(folder: string = FOLDER): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    const number = Number(FILE_NAME.exec(name)?.[1]);
    if (number !== index + 1) {
      throw new MigrationError(
        `migrations/${name}: expected a name like ${String(index + 1).padStart(4, '0')}-some-words.sql.`,
      );
    }
    // A checkout with CRLF is the same migration.
    const sql = readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n');
    return { number, name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
  });
}

/** Applies what is missing. Safe to run from any number of processes at once: each step takes one
 *  advisory lock and looks again.
 *  @returns the names of the migrations that this call applied; empty when the database was up to
 *    date
 *  @throws MigrationError when an applied file was changed, or the database is newer than this
 *    code; pg.DatabaseError */
export async function migrate(
  database: Database,
  migrations: readonly Migration[] = readMigrations(),
): Promise<string[]> {
  const applied: string[] = [];
  // The lock belongs to the transaction, not to the session: embedded, all connections are one
  // session and would all hold it.
  for (;;) {
    const name = await database.transaction((client) => applyNext(client, migrations));
    if (name === null) return applied;
    applied.push(name);
  }
}

async function applyNext(client: pg.PoolClient, migrations: readonly Migration[]): Promise<string | null> {
  await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
  await client.query(`
    create table if not exists schema_migration (
      number integer primary key,
      name text not null,
      sha256 text not null,
      applied_at timestamptz not null default now()
    )`);
  const { rows } = await client.query<Omit<Migration, 'sql'>>(
    'select number, name, sha256 from schema_migration order by number',
  );
  check(rows, migrations);
  const next = migrations[rows.length];
  if (next === undefined) return null;
  try {
    await client.query(next.sql);
  } catch (error) {
    if (error instanceof Error) error.message = `migrations/${next.name}: ${error.message}`;
    throw error;
  }
  await client.query('insert into schema_migration (number, name, sha256) values ($1, $2, $3)', [
    next.number,
    next.name,
    next.sha256,
  ]);
  return next.name;
}

function check(applied: readonly Omit<Migration, 'sql'>[], migrations: readonly Migration[]): void {
  applied.forEach((row, index) => {
    const migration = migrations[index];
    if (row.number !== index + 1)
      throw new MigrationError(`The database lacks migration ${index + 1}, but has ${row.number}.`);
    if (migration === undefined) {
      throw new MigrationError(
        `The database has migration ${row.name}, which is newer than this version of Nearfield. Update Nearfield.`,
      );
    }
    if (row.sha256 !== migration.sha256) {
      throw new MigrationError(
        `migrations/${migration.name} has changed since it was applied to this database (as ${row.name}). ` +
          'Restore it, and make the change in a new migration.',
      );
    }
  });
}
