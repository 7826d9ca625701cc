/** A trained model as plain data: named arrays and a JSON description. What it is stored and
 *  published as. */

import { z } from 'zod';
import { AppError } from '../errors';

export interface NamedArray {
  /** Row-major. */
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

export interface Artifact {
  /** Names the algorithm and whatever it needs to read itself again. */
  readonly kind: string;
  readonly format: 1;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly arrays: Readonly<Record<string, NamedArray>>;
}

/** A stored model that cannot be read back: truncated, of wrong shape, or with numbers that are not
 *  finite. */
export class CorruptArtifactError extends AppError {
  readonly code = 'ARTIFACT_CORRUPT';
}

/** @throws CorruptArtifactError unless the array has as many values as its shape says and each is
 *    finite */
export function checkNamedArray(name: string, { data, shape }: NamedArray): void {
  if (!shape.every((side) => Number.isInteger(side) && side >= 0)) {
    throw new CorruptArtifactError(`Array ${name} has the invalid shape [${shape.join(', ')}].`);
  }
  const size = shape.reduce((product, side) => product * side, 1);
  if (size !== data.length) {
    throw new CorruptArtifactError(
      `Array ${name} has ${data.length} values, but its shape [${shape.join(', ')}] requires ${size}.`,
    );
  }
  if (data instanceof Int32Array) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new CorruptArtifactError(`Array ${name} holds ${data[at]} at position ${at}.`);
}

/** The bytes of an artifact: a magic number, a JSON header, then the arrays, each aligned to 8
 *  bytes.
 *
 *  | bytes | what |
 *  | --- | --- |
 *  | 0 to 3 | `NFA1` |
 *  | 4 to 7 | length of the header in bytes, unsigned, little-endian |
 *  | 8 … | header, UTF-8 JSON, padded with spaces |
 *  | then | the arrays in the header's order, little-endian, zeros between them up to the next
 *    multiple of 8 |
 *
 *  A checksum over these bytes is the store's business. */

const MAGIC = 'NFA1';
const PREAMBLE = 8;
const ALIGNMENT = 8;

const headerSchema = z.strictObject({
  kind: z.string().min(1),
  format: z.literal(1),
  settings: z.record(z.string(), z.unknown()),
  arrays: z.array(
    z.strictObject({
      name: z.string(),
      type: z.enum(['float32', 'int32']),
      shape: z.array(z.int().min(0)),
    }),
  ),
});

/** @throws CorruptArtifactError on an array whose shape or values are wrong: such a model must not
 *    be stored */
export function encodeArtifact(artifact: Artifact): Uint8Array {
  const entries = Object.entries(artifact.arrays);
  for (const [name, array] of entries) checkNamedArray(name, array);
  const header = JSON.stringify({
    kind: artifact.kind,
    format: artifact.format,
    settings: artifact.settings,
    arrays: entries.map(([name, { data, shape }]) => ({
      name,
      type: data instanceof Int32Array ? 'int32' : 'float32',
      shape,
    })),
  });
  const encoded = new TextEncoder().encode(header);
  const headerEnd = align(PREAMBLE + encoded.length);
  const bytes = new Uint8Array(
    entries.reduce((size, [, { data }]) => align(size + data.byteLength), headerEnd),
  );
  bytes.set(new TextEncoder().encode(MAGIC));
  new DataView(bytes.buffer).setUint32(4, headerEnd - PREAMBLE, true);
  bytes.fill(0x20, PREAMBLE, headerEnd).set(encoded, PREAMBLE);
  let offset = headerEnd;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset = align(offset + data.byteLength);
  }
  return bytes;
}

/** @param bytes what `encodeArtifact` gave, at any alignment; copied, so that the model outlives
 *    its buffer
 *  @throws CorruptArtifactError when it is truncated, longer than it says, of wrong shape, or holds
 *    numbers that are not finite */
export function decodeArtifact(bytes: Uint8Array): Artifact {
  const { header, end } = readHeader(bytes);
  const arrays: Record<string, NamedArray> = {};
  let offset = end;
  for (const { name, type, shape } of header.arrays) {
    const length = shape.reduce((product, side) => product * side, 1) * Float32Array.BYTES_PER_ELEMENT;
    if (offset + length > bytes.length)
      throw new CorruptArtifactError(`Truncated: array ${name} is incomplete.`);
    if (Object.hasOwn(arrays, name)) throw new CorruptArtifactError(`Duplicate array ${name}.`);
    const copy = bytes.slice(offset, offset + length);
    const buffer = copy.buffer.slice(copy.byteOffset, copy.byteOffset + length);
    arrays[name] = { data: type === 'int32' ? new Int32Array(buffer) : new Float32Array(buffer), shape };
    checkNamedArray(name, arrays[name]);
    offset = align(offset + length);
  }
  if (offset !== bytes.length)
    throw new CorruptArtifactError(
      `The artifact has ${bytes.length} bytes, but its header describes ${offset}.`,
    );
  return { kind: header.kind, format: header.format, settings: header.settings, arrays };
}

function readHeader(bytes: Uint8Array): { header: z.infer<typeof headerSchema>; end: number } {
  const text = new TextDecoder();
  if (bytes.length < PREAMBLE || text.decode(bytes.subarray(0, 4)) !== MAGIC) {
    throw new CorruptArtifactError('This is not a Nearfield model.');
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  const end = PREAMBLE + length;
  if (end > bytes.length || end % ALIGNMENT !== 0)
    throw new CorruptArtifactError('Truncated: the header is incomplete.');
  try {
    return { header: headerSchema.parse(JSON.parse(text.decode(bytes.subarray(PREAMBLE, end)))), end };
  } catch (cause) {
    throw new CorruptArtifactError('The header cannot be read.', { cause });
  }
}

const align = (offset: number): number => Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
