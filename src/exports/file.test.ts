import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnwritableFileError, writeWhole } from './file';

let folder: string;
const at = (name: string) => join(folder, name);
const fillWith = (text: string) => (path: string) => writeFile(path, text);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearfield-file-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('makes the folders, and replaces what was there', async () => {
  for (const text of ['one', 'two']) expect(await writeWhole(at('a/b/c.csv'), fillWith(text))).toBe(true);
  expect(readFileSync(at('a/b/c.csv'), 'utf8')).toBe('two');
  expect(readdirSync(at('a/b'))).toEqual(['c.csv']);
});

it('leaves the old file when the new one is not finished', async () => {
  writeFileSync(at('c.csv'), 'old');
  const breaksOff = async (path: string) => {
    await writeFile(path, 'ne');
    throw new Error('the database is away');
  };
  await expect(writeWhole(at('c.csv'), breaksOff)).rejects.toThrow('the database is away');
  expect(readFileSync(at('c.csv'), 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['c.csv']);
});

it('replaces what a link leads to, not the link', async () => {
  writeFileSync(at('target'), 'old');
  symlinkSync('target', at('link'));
  await writeWhole(at('link'), fillWith('new'));
  expect(readlinkSync(at('link'))).toBe('target');
  expect(readFileSync(at('target'), 'utf8')).toBe('new');
});

it('writes into a pipe, which stays one: an export to /dev/stdout replaced the device', async () => {
  execFileSync('mkfifo', [at('pipe')]);
  const read = readFile(at('pipe'), 'utf8');
  expect(await writeWhole(at('pipe'), fillWith('through'))).toBe(false);
  expect(await read).toBe('through');
  expect(statSync(at('pipe')).isFIFO()).toBe(true);
});

it('says which file cannot be written', async () => {
  writeFileSync(at('file'), '');
  mkdirSync(at('folder'));
  for (const name of ['folder', 'file/ratings.csv']) {
    const failure = writeWhole(at(name), fillWith('text'));
    await expect(failure).rejects.toBeInstanceOf(UnwritableFileError);
    await expect(failure).rejects.toThrow(at(name));
  }
});
