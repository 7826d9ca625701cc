/** `nearfield seed` as a person runs it: what it prints, and with which exit code it ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../src/cli/main';
import { makeDataDir } from './support/databases';
import { CSV, writeRelease } from './support/releases';

const folder = mkdtempSync(join(tmpdir(), 'nearfield-cli-'));
const good = writeRelease(join(folder, 'good'), CSV);
const bad = writeRelease(join(folder, 'bad'), { ...CSV, 'ratings.csv': `${CSV['ratings.csv']}1,1,9,1\n` });
let dataDir: string;
const before = process.env.DATABASE_URL;
beforeAll(() => {
  dataDir = makeDataDir();
  // Else `nearfield seed` of a developer's environment would meet the developer's database.
  delete process.env.DATABASE_URL;
});
afterAll(() => {
  if (before !== undefined) process.env.DATABASE_URL = before;
  rmSync(folder, { recursive: true, force: true });
});

async function run(...parameters: string[]): Promise<{ code: unknown; out: string; err: string }> {
  let out = '';
  let err = '';
  const keep = process.exitCode;
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += text;
    return true;
  });
  process.exitCode = undefined;
  try {
    await main(['node', 'nearfield', 'seed', ...parameters]);
    return { code: process.exitCode ?? 0, out, err };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
    process.exitCode = keep;
  }
}

it('refuses a malformed line with one line that names it, and exit code 1', async () => {
  const { code, out, err } = await run('--from', bad, '--data-dir', dataDir);
  expect(code).toBe(1);
  expect(out).toBe('');
  expect(err.trimEnd().split('\n').at(-1)).toBe(
    'ratings.csv, line 6: a rating must be 0.5 to 5 stars in half steps, not "9".',
  );
  expect(err).not.toContain('    at ');
});

it('loads a folder, says what, and says so when it is there already', async () => {
  const first = await run('--from', good, '--data-dir', dataDir);
  expect(first.code).toBe(0);
  expect(first.out).toMatch(
    /^MovieLens good loaded in \d+\.\d s: 4 ratings of 4 movies by 3 users, 3 tags, 3 genome scores\. 2 blank or duplicate tags were skipped\.\n$/,
  );
  expect(first.err.split('\n')).toEqual(
    expect.arrayContaining([expect.stringMatching(/^Loading ratings · \d+\.\d s$/)]),
  );
  const second = await run('--from', good, '--data-dir', dataDir);
  expect(second.out).toBe(
    'MovieLens good is already loaded: 4 ratings of 4 movies by 3 users, 3 tags, 3 genome scores.\n',
  );
});

it('names the releases when asked for another', async () => {
  const { code, err } = await run('--dataset', '5m', '--data-dir', dataDir);
  expect(code).toBe(1);
  expect(err).toContain('latest-small, 100k, 1m, 10m, 20m, 25m, 32m, latest');
});

it('says so when the publisher cannot be reached', async () => {
  const { code, err } = await run(
    '--dataset',
    '100k',
    '--data-dir',
    dataDir,
    '--mirror',
    'http://127.0.0.1:9/nothing',
  );
  expect(code).toBe(1);
  expect(err.trimEnd().split('\n').at(-1)).toMatch(
    /^http:\/\/127\.0\.0\.1:9\/nothing\/ml-100k\.zip: the connection failed: /,
  );
});
