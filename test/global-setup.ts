/** Once per run of the integration tests: today's code compiled, an embedded database to copy, and
 *  a PostgreSQL server. */
import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../src/database/database';
import { migrate, readMigrations } from '../src/database/migrate';
import { ensureCompiled } from './support/compiled';
import { startTestServer } from './support/test-server';
import { withDatabase, writeTestState } from './support/test-state';

const KEEP_MS = 24 * 3_600_000;
const CACHE = join(__dirname, '..', 'node_modules', '.cache', 'nearfield');

export default async function globalSetup(): Promise<void> {
  ensureCompiled();
  const folder = mkdtempSync(join(tmpdir(), 'nearfield-test-'));
  const server = await startTestServer(folder);
  const template = `nearfield_template_${process.pid}`;
  globalThis.nearfieldTestServer = { ...server, template };
  const embeddedTemplate = await makeEmbeddedTemplate(folder);
  if (server.url) await makeServerTemplate(server.url, template);
  else {
    console.warn(
      '\nNO POSTGRESQL SERVER: the integration tests run on the embedded database only. ' +
        'Set TEST_DATABASE_URL, install PostgreSQL, or `npm ci` with optional dependencies.\n',
    );
  }
  writeTestState({
    folder,
    embeddedTemplate,
    server: server.url ? { url: server.url, template, origin: server.origin } : null,
  });
}

/** Kept between runs under the hash of what it is made from. */
async function makeEmbeddedTemplate(folder: string): Promise<string> {
  const hash = createHash('sha256').update(require.resolve('@electric-sql/pglite'));
  hash.update(JSON.stringify(require('../package.json').dependencies['@electric-sql/pglite']));
  for (const migration of readMigrations()) hash.update(migration.sha256);
  const kept = join(CACHE, `embedded-template-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(kept)) return kept;
  const dataDir = join(folder, 'template');
  const database = await openDatabase({ dataDir, poolSize: 1, entities: [], role: 'owner' });
  await migrate(database);
  await database.close();
  mkdirSync(CACHE, { recursive: true });
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    // A younger one may belong to a run of another branch.
    if (Date.now() - statSync(path).mtimeMs > KEEP_MS) rmSync(path, { recursive: true, force: true });
  }
  try {
    renameSync(dataDir, kept);
    return kept;
  } catch {
    return dataDir; // another file system, or another run was faster: this run's own will do
  }
}

async function makeServerTemplate(url: string, template: string): Promise<void> {
  const administration = await openDatabase({
    databaseUrl: url,
    dataDir: tmpdir(),
    poolSize: 1,
    entities: [],
    role: 'owner',
  });
  await administration.query(`create database ${template} template template0`);
  await administration.close();
  const database = await openDatabase({
    databaseUrl: withDatabase(url, template),
    dataDir: tmpdir(),
    poolSize: 1,
    entities: [],
    role: 'owner',
  });
  await migrate(database);
  await database.close();
}
