/** Where a release is found, and which archives are refused before they do harm. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CSV, writeRelease, zipOf } from '../../test/support/releases';
import { UnreadableReleaseError } from './errors';
import { filesRead, openRelease, RATING_FORMATS, readRelease } from './formats/formats';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearfield-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function archive(files: Record<string, string | Buffer>, tricks = {}): string {
  const path = join(folder, 'ml-test.zip');
  writeFileSync(path, zipOf(files, tricks));
  return path;
}

async function readAll(path: string): Promise<string> {
  const opened = await openRelease(path, RATING_FORMATS);
  try {
    return await opened.files.sourceHash(filesRead(opened));
  } finally {
    await opened.files.close();
  }
}

it.each<[string, () => string, string]>([
  ['nothing', () => join(folder, 'nothing'), 'There is no folder or .zip at'],
  ['an empty folder', () => folder, 'is not a MovieLens release'],
  ['an archive without ratings', () => archive({ 'README.txt': 'x' }), 'is not a MovieLens release'],
  [
    'half an archive',
    () => {
      const path = join(folder, 'half.zip');
      writeFileSync(path, zipOf(CSV).subarray(0, 300));
      return path;
    },
    'cannot be read as a zip archive',
  ],
  [
    'a text',
    () => {
      const path = join(folder, 'text.zip');
      writeFileSync(path, 'no archive');
      return path;
    },
    'cannot be read as a zip archive',
  ],
  [
    'an archive that climbs out',
    () => archive({ '../ratings.csv': 'x' }),
    'cannot be read as a zip archive',
  ],
  [
    'an archive that would unpack to gigabytes',
    () => archive(CSV, { claimedSize: 0xf000_0000 }),
    'would unpack to 4026531840 bytes',
  ],
  [
    'an archive of thousands of files',
    () => archive(Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`f${index}`, '']))),
    'contains 1500 files',
  ],
  [
    'a bomb',
    () => archive({ ...CSV, 'ratings.csv': Buffer.alloc(50_000_000) }),
    'would unpack to 50000000 bytes',
  ],
  [
    'an archive with flipped bits',
    () => archive(CSV, { wrongCrc: true }),
    'is corrupt: its CRC-32 does not match',
  ],
  ['an archive that understates its sizes', () => archive(CSV, { claimedSize: 20 }), 'cannot be read'],
])('refuses %s', async (_name, make, message) => {
  const refused = readAll(make());
  await expect(refused).rejects.toThrow(UnreadableReleaseError);
  await expect(refused).rejects.toThrow(message);
});

it('names the files that are missing', async () => {
  const path = writeRelease(folder, { 'u.data': '' });
  await expect(readAll(path)).rejects.toThrow('u.item and u.user missing');
});

it('notices a file that changes while it is being read', async () => {
  const path = writeRelease(join(folder, 'moving'), CSV);
  const opened = await openRelease(path, RATING_FORMATS);
  await opened.files.sourceHash(filesRead(opened));
  writeFileSync(join(path, 'ratings.csv'), 'userId,movieId,rating,timestamp\n');
  const read = async () => {
    for await (const _ of (await readRelease(opened)).ratings());
  };
  await expect(read()).rejects.toThrow('ratings.csv changed while it was being read.');
});

it('reads no folder in place of a file', async () => {
  mkdirSync(join(folder, 'ratings.csv'));
  await expect(readAll(folder)).rejects.toThrow('is not a MovieLens release');
});
