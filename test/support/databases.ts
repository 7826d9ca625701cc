/** Fresh, migrated databases for tests, of each kind that the product runs on. A copy of a
 *  template: PGlite makes a new one in seconds. */
import { randomBytes } from 'node:crypto';
import { constants, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { type Database, openDatabase } from '../../src/database/database';
import { ENTITIES } from './entities';
import { readTestState, withDatabase } from './test-state';

export type DatabaseKind = Database['kind'];

const state = readTestState();

/** `server` only when there is one; the global setup has said so loudly otherwise. */
export const DATABASE_KINDS: readonly DatabaseKind[] = state.server ? ['embedded', 'server'] : ['embedded'];

export interface TestDatabaseOptions {
  /** Without the schema when false. Embedded, that takes seconds. */
  readonly migrated?: boolean;
  readonly poolSize?: number;
}

/** @returns a migrated database of its own, with every entity registered; `close()` also removes
 *  it */
export async function openTestDatabase(
  kind: DatabaseKind,
  options: TestDatabaseOptions = {},
): Promise<Database> {
  return kind === 'embedded' ? openEmbedded(options) : openOnServer(options);
}

/** Runs the body once per kind of database, each with a fresh migrated one, which is closed and
 *  removed afterwards.
 *  @param body gets a function, since the database is there only when tests run */
export function describeEachDatabase(
  name: string,
  body: (getDatabase: () => Database, kind: DatabaseKind) => void,
): void {
  describe.each(DATABASE_KINDS)(`${name} (%s)`, (kind) => {
    let database: Database | undefined;
    beforeAll(async () => {
      database = await openTestDatabase(kind);
    });
    afterAll(async () => {
      await database?.close();
    });
    body(() => {
      if (!database) throw new Error('The database is there in hooks and tests only.');
      return database;
    }, kind);
  });
}

/** @returns a data folder for `openDatabase`, with a migrated database in it; removed at the end of
 *    the run */
export function makeDataDir(options: TestDatabaseOptions = {}): string {
  const dataDir = mkdtempSync(join(state.folder, 'data-'));
  if (options.migrated === false) return dataDir;
  mkdirSync(join(dataDir, 'postgres'), { mode: 0o700 });
  // Copy-on-write where the file system can.
  const mode = constants.COPYFILE_FICLONE;
  cpSync(join(state.embeddedTemplate, 'postgres'), join(dataDir, 'postgres'), { recursive: true, mode });
  return dataDir;
}

/** @returns the URL of a database of its own on the test server, and what removes it */
export async function createServerDatabase(
  options: TestDatabaseOptions = {},
): Promise<{ url: string; drop: () => Promise<void> }> {
  const { server } = state;
  if (!server) throw new Error('There is no test server: use DATABASE_KINDS.');
  const name = `nearfield_test_${randomBytes(6).toString('hex')}`;
  await administer(
    server.url,
    `create database ${name} template ${options.migrated === false ? 'template0' : server.template}`,
  );
  return {
    url: withDatabase(server.url, name),
    drop: () => administer(server.url, `drop database if exists ${name} with (force)`),
  };
}

async function openEmbedded(options: TestDatabaseOptions): Promise<Database> {
  const dataDir = makeDataDir(options);
  const remove = async () => rmSync(dataDir, { recursive: true, force: true });
  return openWith({ dataDir, role: 'owner' }, options, remove);
}

async function openOnServer(options: TestDatabaseOptions): Promise<Database> {
  const { url, drop } = await createServerDatabase(options);
  return openWith({ databaseUrl: url, dataDir: state.folder, role: 'owner' }, options, drop);
}

async function openWith(
  place: { databaseUrl?: string; dataDir: string; role: 'owner' },
  options: TestDatabaseOptions,
  remove: () => Promise<void>,
): Promise<Database> {
  const database = await openDatabase({ ...place, poolSize: options.poolSize ?? 10, entities: ENTITIES });
  const close = database.close.bind(database);
  let closing: Promise<void> | undefined;
  database.close = () => {
    closing ??= close().finally(remove);
    return closing;
  };
  return database;
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
