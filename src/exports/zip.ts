/** A zip archive without compression (PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16): what `numpy.savez` writes and `numpy.load` reads. */
import { crc32 } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly bytes: Buffer;
}

const LOCAL = 0x0403_4b50;
const CENTRAL = 0x0201_4b50;
const END = 0x0605_4b50;
const VERSION = 20;
/** 1 January 1980, the earliest there is: the same content is the same archive. */
const DATE = 0x21;
const LIMIT = 2 ** 32 - 1;

/** @param entries names in ASCII
 *  @throws RangeError beyond 4 GB, which would need another format */
export function encodeZip(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of entries) {
    const text = Buffer.from(name, 'ascii');
    const facts = Buffer.alloc(26); // what the local header and the directory say alike
    facts.writeUInt16LE(VERSION, 0);
    facts.writeUInt16LE(DATE, 8);
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(bytes.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(text.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    parts.push(signature(LOCAL), facts, text, bytes);
    directory.push(signature(CENTRAL), Buffer.from([VERSION, 0]), facts, place, text);
    offset += 4 + facts.length + text.length + bytes.length;
    if (offset > LIMIT) throw new RangeError('An archive beyond 4 GB cannot be written.');
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, listed, signature(END), end]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
