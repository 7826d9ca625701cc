/** Frontend messages of PostgreSQL's protocol 3.0 cut out of a byte stream.
 *  https://www.postgresql.org/docs/current/protocol-message-formats.html */

export const SSL_REQUEST = 80_877_103;
export const GSS_REQUEST = 80_877_104;
export const CANCEL_REQUEST = 80_877_102;
export const PROTOCOL_3 = 196_608;
const LONGEST_STARTUP = 10_000;
const LONGEST_MESSAGE = 2 ** 30;

/** The stream is not PostgreSQL's protocol. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

export interface WireMessage {
  /** The type's character, or '' for the untyped ones that open a connection. */
  readonly type: string;
  /** The whole message, head included. */
  readonly bytes: Buffer;
}

/** Collects chunks and joins them only when a message is complete, so that a large one costs one
 *  copy. */
export class MessageReader {
  private chunks: Buffer[] = [];
  private size = 0;
  private needed = 8;
  private typed = false;

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
  }

  /** The start-up packet has been read: every message from here on begins with its type. */
  startTyped(): void {
    this.typed = true;
    this.needed = 5;
  }

  /** @returns the next complete message, or undefined until more bytes come
   *  @throws WireError on a length that no message has */
  next(): WireMessage | undefined {
    if (this.size < this.needed) return undefined;
    const buffer = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
    this.chunks = [buffer];
    const length = this.typed ? buffer.readUInt32BE(1) + 1 : buffer.readUInt32BE(0);
    if (length < (this.typed ? 5 : 8) || length > (this.typed ? LONGEST_MESSAGE : LONGEST_STARTUP)) {
      throw new WireError(`A message of ${length} bytes.`);
    }
    this.needed = length;
    if (this.size < length) return undefined;
    this.chunks = this.size === length ? [] : [buffer.subarray(length)];
    this.size -= length;
    this.needed = this.typed ? 5 : 8;
    return { type: this.typed ? String.fromCharCode(buffer[0]) : '', bytes: buffer.subarray(0, length) };
  }
}

/** AuthenticationCleartextPassword. */
export const ASK_PASSWORD = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);

/** An ErrorResponse; followed by ReadyForQuery (idle) unless fatal. */
export function errorResponse(severity: 'ERROR' | 'FATAL', code: string, message: string): Buffer {
  const body = Buffer.from(`S${severity}\0V${severity}\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([
    head,
    body,
    ...(severity === 'ERROR' ? [Buffer.from([0x5a, 0, 0, 0, 5, 0x49])] : []),
  ]);
}
