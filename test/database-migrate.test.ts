/** Migrations: once each, in order, whole or not at all, whoever starts at the same time. */
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, openDatabase } from '../src/database/database';
import { type Migration, MigrationError, migrate, readMigrations } from '../src/database/migrate';
import {
  createServerDatabase,
  DATABASE_KINDS,
  describeEachDatabase,
  openTestDatabase,
} from './support/databases';
import { readTestState } from './support/test-state';

const NAMES = readMigrations().map(({ name }) => name);

function migration(number: number, sql: string): Migration {
  return {
    number,
    name: `${String(number).padStart(4, '0')}-of-a-test.sql`,
    sql,
    sha256: createHash('sha256').update(sql).digest('hex'),
  };
}

describe('readMigrations', () => {
  const folder = (...names: string[]) => {
    const path = mkdtempSync(join(readTestState().folder, 'migrations-'));
    for (const name of names) writeFileSync(join(path, name), 'select 1;\r\n');
    return path;
  };

  it('finds the product’s own', () => {
    expect(NAMES.slice(0, 2)).toEqual(['0001-catalog.sql', '0002-experiments.sql']);
  });

  it.each([
    [['0002-late.sql'], '0001-some-words.sql'],
    [['0001-a.sql', '0001-b.sql'], '0002-some-words.sql'],
    [['0001-a.sql', 'notes.sql'], '0002-some-words.sql'],
  ])('refuses %j', (names, expected) => {
    expect(() => readMigrations(folder(...names))).toThrow(expected);
  });

  it('has one hash for both ways to end a line', () => {
    expect(readMigrations(folder('0001-a.sql'))[0].sha256).toBe(
      createHash('sha256').update('select 1;\n').digest('hex'),
    );
  });
});

describe.each(DATABASE_KINDS)('migrating an empty database (%s)', (kind) => {
  it('applies everything once, though 20 try at the same time, and then nothing', async () => {
    const database = await openTestDatabase(kind, { migrated: false, poolSize: 20 });
    try {
      const applied = await Promise.all(Array.from({ length: 20 }, () => migrate(database)));
      expect(applied.flat().sort()).toEqual(NAMES);
      expect(await migrate(database)).toEqual([]);
      const rows = await database.query<{ name: string }>(
        'select name from schema_migration order by number',
      );
      expect(rows.map(({ name }) => name)).toEqual(NAMES);
    } finally {
      await database.close();
    }
  });
});

(DATABASE_KINDS.includes('server') ? it : it.skip)(
  'is done once by 20 processes’ worth of connections to a server',
  async () => {
    const { url, drop } = await createServerDatabase({ migrated: false });
    const open = () =>
      openDatabase({ databaseUrl: url, dataDir: '', poolSize: 1, entities: [], role: 'owner' });
    const databases = await Promise.all(Array.from({ length: 20 }, open));
    try {
      const applied = await Promise.all(databases.map((database) => migrate(database)));
      expect(applied.flat().sort()).toEqual(NAMES);
    } finally {
      await Promise.all(databases.map((database) => database.close()));
      await drop();
    }
  },
);

describeEachDatabase('a migrated database', (getDatabase) => {
  const own = readMigrations();
  const next = own.length + 1;
  const tables = async (database: Database, name: string) =>
    (await database.query<{ found: string | null }>('select to_regclass($1)::text as found', [name]))[0]
      .found;

  it('leaves nothing of a migration that fails, and names its file', async () => {
    const broken = migration(
      next,
      'create table half_done (id integer); insert into half_done values (1 / 0);',
    );
    await expect(migrate(getDatabase(), [...own, broken])).rejects.toThrow(
      `migrations/${broken.name}: division by zero`,
    );
    expect(await tables(getDatabase(), 'half_done')).toBeNull();
    expect(await migrate(getDatabase())).toEqual([]);
  });

  it('refuses a file that was changed after it was applied', async () => {
    const changed = [{ ...own[0], sha256: 'f'.repeat(64) }, ...own.slice(1)];
    await expect(migrate(getDatabase(), changed)).rejects.toThrow(MigrationError);
    await expect(migrate(getDatabase(), changed)).rejects.toThrow(
      'migrations/0001-catalog.sql has changed since it was applied',
    );
  });

  it('refuses to run when the database is newer than the code', async () => {
    await expect(migrate(getDatabase(), own.slice(0, 1))).rejects.toThrow(`has migration ${own[1].name}`);
  });

  it('takes a new migration on top', async () => {
    const added = migration(next, 'create table added_later (id integer)');
    expect(await migrate(getDatabase(), [...own, added])).toEqual([added.name]);
    expect(await tables(getDatabase(), 'added_later')).toBe('added_later');
  });
});
