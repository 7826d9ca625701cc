/** A zip archive without compression, as `numpy.savez` writes one and `numpy.load` reads it. */
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

export interface ZipEntry {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The earliest date of the format: the same content is the same archive. */
const DATE = new Date(1980, 0, 1);

export function encodeZip(entries: readonly ZipEntry[]): Promise<Buffer> {
  const file = new ZipFile();
  for (const { name, bytes } of entries) file.addBuffer(bytes, name, { compress: false, mtime: DATE });
  file.end();
  return buffer(file.outputStream);
}
