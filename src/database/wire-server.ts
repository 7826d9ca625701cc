/** Many PostgreSQL connections onto PGlite's single session, one unit of work at a time.
 *
 *  `@electric-sql/pglite-socket` 0.2.17 takes turns by message: while one client's large Bind is
 *  still arriving, another's Parse replaces the unnamed statement it is for (10 of 10 such
 *  statements failed beside small ones), and one failure inside stops its queue for good
 *  (electric-sql/pglite#1046, open). Here a connection keeps the session from the first message of
 *  a unit until ReadyForQuery says idle: a unit is a simple Query, or everything up to Sync. It
 *  reaches PGlite in one call, five fewer than message by message. See
 *  docs/adr/0002-embedded-postgres.md. */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { AppError } from '../errors';

/** What the server asks of PGlite. */
export interface Engine {
  execProtocolRawStream(
    message: Uint8Array,
    options: { onRawData: (data: Uint8Array) => void },
  ): Promise<void>;
  isInTransaction(): boolean;
}

export interface WireServerOptions {
  readonly engine: Engine;
  /** Asked of every client; for listening where other users of the machine can connect. */
  readonly password?: string | undefined;
  /** Called while the session is held, after each unit that ended. */
  readonly afterUnit?: () => Promise<void>;
  /** The engine failed in a way that no later statement can survive. */
  readonly onEngineFailure: (error: unknown) => void;
}

export const SSL_REQUEST = 80_877_103;
export const GSS_REQUEST = 80_877_104;
export const CANCEL_REQUEST = 80_877_102;
export const PROTOCOL_3 = 196_608;
const LONGEST_STARTUP = 10_000;
const LONGEST_MESSAGE = 2 ** 30;

/** The stream is not PostgreSQL's protocol. */
export class WireError extends AppError {
  readonly code = 'INTERNAL_SERVER_ERROR';
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
      throw new WireError(`Invalid message length: ${length} bytes.`);
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

/** Who holds the session; the others wait in order of arrival. */
class SessionGate {
  private holder: object | undefined;
  private readonly waiting: { owner: object; go: () => void }[] = [];

  get isFree(): boolean {
    return this.holder === undefined;
  }

  isHeldBy(owner: object): boolean {
    return this.holder === owner;
  }

  async acquire(owner: object): Promise<void> {
    if (this.holder === owner) return;
    if (this.holder === undefined) {
      this.holder = owner;
      return;
    }
    await new Promise<void>((go) => this.waiting.push({ owner, go }));
  }

  release(owner: object): void {
    if (this.holder !== owner) return;
    const next = this.waiting.shift();
    this.holder = next?.owner;
    next?.go();
  }
}

export class WireServer {
  private readonly gate = new SessionGate();
  private readonly connections = new Set<Connection>();
  private readonly server: Server;

  constructor(private readonly options: WireServerOptions) {
    this.server = createServer({ noDelay: true }, (socket) => {
      const connection = new Connection(socket, this.gate, this.options, () =>
        this.connections.delete(connection),
      );
      this.connections.add(connection);
    });
  }

  /** @param place a unix socket's path, or port 0 on loopback
   *  @returns the port, or 0 for a unix socket */
  async listen(place: { path: string } | { host: string; port: number }): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(place, resolve);
    });
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Runs work with exclusive use of the session, if it is free. */
  async ifIdle(work: () => Promise<void>): Promise<void> {
    if (!this.gate.isFree) return;
    const owner = {};
    await this.gate.acquire(owner);
    try {
      await work();
    } finally {
      this.gate.release(owner);
    }
  }

  /** Ends every connection, after the unit it is at; open transactions are rolled back. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    await Promise.all([...this.connections].map((connection) => connection.end()));
    await closed;
    // Whatever `ifIdle` is at ends first, and nothing begins any more.
    await this.gate.acquire(this);
  }
}

class Connection {
  private readonly reader = new MessageReader();
  private unit: Buffer[] = [];
  private phase: 'startup' | 'password' | 'ready' = 'startup';
  private startup: Buffer | undefined;
  private closed = false;
  private pumping: Promise<void> | undefined;
  private again = false;

  constructor(
    private readonly socket: Socket,
    private readonly gate: SessionGate,
    private readonly options: WireServerOptions,
    private readonly onClosed: () => void,
  ) {
    socket.on('data', (chunk) => {
      this.reader.push(chunk);
      this.wake();
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => {
      this.closed = true;
      this.wake();
    });
  }

  async end(): Promise<void> {
    this.closed = true;
    this.socket.destroy();
    this.wake();
    await this.pumping;
  }

  private wake(): void {
    if (this.pumping) {
      this.again = true;
      return;
    }
    this.again = false;
    this.pumping = this.pump()
      .catch((error: unknown) => {
        this.closed = true;
        this.socket.destroy();
        if (!(error instanceof WireError)) this.options.onEngineFailure(error);
      })
      .finally(() => {
        this.pumping = undefined;
        if (this.closed) this.onClosed();
        // Bytes, or the end, may have arrived while the loop was ending.
        if (this.again) this.wake();
      });
  }

  private async pump(): Promise<void> {
    for (let message = this.next(); message !== undefined; message = this.next()) {
      if (this.phase === 'ready') await this.take(message);
      else await this.open(message);
    }
    if (this.closed && this.gate.isHeldBy(this)) await this.abandon();
  }

  private next(): WireMessage | undefined {
    return this.closed ? undefined : this.reader.next();
  }

  /** SSL is declined, the password checked, and PGlite answers the start-up itself. */
  private async open(message: WireMessage): Promise<void> {
    if (this.phase === 'startup') {
      const code = message.bytes.readUInt32BE(4);
      if (code === SSL_REQUEST || code === GSS_REQUEST) {
        this.socket.write('N');
        return;
      }
      // There is no backend process to signal; the protocol expects no answer.
      if (code === CANCEL_REQUEST) return this.hangUp();
      if (code !== PROTOCOL_3)
        return this.hangUp(errorResponse('FATAL', '0A000', 'unsupported frontend protocol'));
      this.startup = message.bytes;
      this.reader.startTyped();
      if (this.options.password !== undefined) {
        this.phase = 'password';
        this.socket.write(ASK_PASSWORD);
        return;
      }
    } else if (
      message.type !== 'p' ||
      !samePassword(message.bytes.subarray(5, -1), this.options.password ?? '')
    ) {
      return this.hangUp(errorResponse('FATAL', '28P01', 'password authentication failed'));
    }
    this.phase = 'ready';
    await this.run([this.startup ?? Buffer.alloc(0)], true);
  }

  private async take(message: WireMessage): Promise<void> {
    if (message.type === 'X') return this.hangUp();
    this.unit.push(message.bytes);
    // Flush asks for the answers so far; the session stays with this connection until Sync.
    const ends = message.type === 'Q' || message.type === 'S' || message.type === 'F';
    if (!ends && message.type !== 'H') return;
    const unit = this.unit;
    this.unit = [];
    if (unit.some(copiesFromClient)) {
      // PGlite would end the whole process at the first CopyData.
      this.socket.write(
        errorResponse('ERROR', '0A000', 'COPY FROM STDIN is not supported by the embedded PostgreSQL'),
      );
      return;
    }
    await this.run(unit, ends);
  }

  private async run(unit: Buffer[], ends: boolean): Promise<void> {
    await this.gate.acquire(this);
    if (this.closed) return;
    const { engine } = this.options;
    this.socket.cork();
    await engine.execProtocolRawStream(unit.length === 1 ? unit[0] : Buffer.concat(unit), {
      // PGlite reuses the memory behind `data`.
      onRawData: (data) => {
        if (!this.closed) this.socket.write(Buffer.from(data));
      },
    });
    this.socket.uncork();
    if (ends) await this.options.afterUnit?.();
    if (ends && !engine.isInTransaction()) this.gate.release(this);
  }

  private hangUp(lastWords?: Buffer): void {
    this.closed = true;
    if (lastWords) this.socket.write(lastWords);
    this.socket.end();
  }

  /** The client disconnected: its open transaction must not block the others. */
  private async abandon(): Promise<void> {
    try {
      // Sync first: an unfinished unit's error state would swallow the ROLLBACK.
      await this.options.engine.execProtocolRawStream(SYNC, { onRawData: () => undefined });
      if (this.options.engine.isInTransaction())
        await this.options.engine.execProtocolRawStream(ROLLBACK, { onRawData: () => undefined });
    } finally {
      this.gate.release(this);
    }
  }
}

const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);
const ROLLBACK = Buffer.from('Q\0\0\0\x0drollback\0', 'latin1');

function samePassword(given: Buffer, expected: string): boolean {
  const wanted = Buffer.from(expected);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Whether a Query or Parse asks for COPY … FROM STDIN. Checks the first bytes only: such a
 *  statement is short. */
function copiesFromClient(message: Buffer): boolean {
  if (message[0] !== 0x51 && message[0] !== 0x50) return false;
  return /^[\s\0]*copy\b[^;]*\bfrom\s+stdin\b/i.test(message.toString('latin1', 5, 2_000));
}
