/** NumPy's .npy, format 1.0 (numpy.lib.format; NEP 1): a magic number, a Python dictionary as text,
 *  the values as they are in memory. */

export interface NpyArray {
  /** Row-major. */
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

const MAGIC = Buffer.from('\x93NUMPY\x01\x00', 'latin1');
/** Alignment of the values in bytes; the header is padded to it. */
const ALIGNMENT = 64;

/** @throws RangeError unless the array has as many values as its shape says */
export function encodeNpy({ data, shape }: NpyArray): Buffer {
  if (shape.reduce((product, side) => product * side, 1) !== data.length) {
    throw new RangeError(`${data.length} values do not have the shape [${shape.join(', ')}].`);
  }
  const type = data instanceof Int32Array ? '<i4' : '<f4';
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sides}), }`;
  const unpadded = MAGIC.length + 2 + dictionary.length + 1;
  const header = Buffer.from(
    `${dictionary}${' '.repeat((ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT)}\n`,
    'latin1',
  );
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([MAGIC, length, header, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}
