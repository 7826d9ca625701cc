/** Byte for byte what NumPy's format 1.0 says, and a zip that another program reads. NumPy itself
 *  has read both (docs/governance.md). */
import { promisify } from 'node:util';
import yauzl from 'yauzl';
import { encodeZip } from './model-points';
import { encodeNpy } from './npy';

describe('an .npy', () => {
  it('has the header of the format, then the values', () => {
    const bytes = encodeNpy({ data: Float32Array.of(1, -2, 0.5, 4, 5, 6), shape: [3, 2] });
    const dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }";
    const header = Buffer.concat([
      Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]),
      Buffer.from(`${dictionary}${' '.repeat(117 - dictionary.length)}\n`),
    ]);
    expect(bytes.subarray(0, 128)).toEqual(header);
    expect([0, 4, 8].map((at) => bytes.readFloatLE(128 + at))).toEqual([1, -2, 0.5]);
    expect(bytes).toHaveLength(128 + 24);
  });

  it('writes one dimension as a tuple of one, and an empty matrix', () => {
    expect(encodeNpy({ data: Int32Array.of(7, 8), shape: [2] }).toString('latin1')).toContain(
      "'<i4', 'fortran_order': False, 'shape': (2,), }",
    );
    expect(encodeNpy({ data: new Float32Array(0), shape: [0, 64] }).toString('latin1')).toContain(
      "'shape': (0, 64), }",
    );
  });

  it.each([1, 9, 99, 12_345_678])('begins its values at a multiple of 64 (%s rows)', (rows) => {
    const bytes = encodeNpy({ data: new Int32Array(0), shape: [0, rows] });
    expect(bytes.length % 64).toBe(0);
    expect(bytes.readUInt16LE(8)).toBe(bytes.length - 10);
  });

  it('refuses a shape that does not fit', () => {
    expect(() => encodeNpy({ data: new Float32Array(5), shape: [3, 2] })).toThrow(
      '5 values do not have the shape [3, 2].',
    );
  });
});

it('makes an archive that yauzl reads back, checksums included', async () => {
  const entries = [
    { name: 'movies.npy', bytes: encodeNpy({ data: Float32Array.of(1, 2), shape: [1, 2] }) },
    { name: 'empty.npy', bytes: Buffer.alloc(0) },
    { name: 'movieIds.npy', bytes: encodeNpy({ data: Int32Array.of(5), shape: [1] }) },
  ];
  const archive = await encodeZip(entries);
  expect(await encodeZip(entries)).toEqual(archive);
  const open = promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer);
  const file = await open(archive, { lazyEntries: true, validateEntrySizes: true });
  const read: { name: string; bytes: Buffer; crc32: number }[] = [];
  await new Promise<void>((resolve, reject) => {
    file.on('entry', (entry: yauzl.Entry) => {
      file.openReadStream(entry, (error, stream) => {
        if (error) return reject(error);
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.on('end', () => {
          read.push({ name: entry.fileName, bytes: Buffer.concat(parts), crc32: entry.crc32 });
          file.readEntry();
        });
      });
    });
    file.on('end', resolve).on('error', reject);
    file.readEntry();
  });
  expect(read.map(({ name, bytes }) => ({ name, bytes }))).toEqual(entries);
  expect(read[1].crc32).toBe(0);
});
