/** kill -9 in the middle of seeding: nothing is there, and a second run ends where an undisturbed
 *  one does. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../src/database/database';
import { type SeedSource, seed } from '../src/datasets/seed';
import { createServerDatabase, DATABASE_KINDS, makeDataDir, openTestDatabase } from './support/databases';
import { ENTITIES } from './support/entities';
import { type Contents, CSV, contentsOf, writeRelease } from './support/releases';

// Each case opens an embedded database three times.
jest.setTimeout(180_000);

const CHILD = join(__dirname, 'support', 'seed-child.cjs');
const folder = mkdtempSync(join(tmpdir(), 'nearfield-kill-'));
const genome: SeedSource = { from: writeRelease(join(folder, 'genome'), CSV) };
const small: SeedSource = { dataset: 'latest-small' };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function killedAt(options: Record<string, unknown>): Promise<NodeJS.Signals | null> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [CHILD, JSON.stringify(options)], { env: process.env }, () =>
      resolve(child.signalCode),
    );
  });
}

describe.each(DATABASE_KINDS)('killed on %s', (kind) => {
  const undisturbed = new Map<SeedSource, Contents>();
  let empty: Contents;
  beforeAll(async () => {
    for (const source of [small, genome]) {
      const database = await openTestDatabase(kind);
      empty = await contentsOf(database);
      await seed(database, source, { downloadDir: folder });
      undisturbed.set(source, await contentsOf(database));
      await database.close();
    }
  });

  it.each<[string, number, SeedSource]>([
    ['Loading ratings', 2, small],
    ['Checking and indexing', 1, small],
    ['Loading genome scores', 1, genome],
  ])('while %s (%d)', async (killAt, killCount, source) => {
    const dataDir = kind === 'embedded' ? makeDataDir() : folder;
    const server = kind === 'server' ? await createServerDatabase() : undefined;
    try {
      expect(await killedAt({ databaseUrl: server?.url, dataDir, source, killAt, killCount })).toBe(
        'SIGKILL',
      );
      const database = await openDatabase({
        databaseUrl: server?.url,
        dataDir,
        poolSize: 2,
        entities: ENTITIES,
        role: 'owner',
      });
      try {
        expect(await contentsOf(database)).toEqual(empty);
        expect((await seed(database, source, { downloadDir: folder })).alreadyThere).toBe(false);
        expect(await contentsOf(database)).toEqual(undisturbed.get(source));
      } finally {
        await database.close();
      }
    } finally {
      await server?.drop();
    }
  });
});
