import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import fc from 'fast-check';
import {
  type Engine,
  MessageReader,
  PROTOCOL_3,
  SSL_REQUEST,
  WireError,
  WireServer,
  type WireServerOptions,
} from './wire-server';

function untyped(code: number, body = ''): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(8), Buffer.from(body)]);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(code, 4);
  return bytes;
}

function typed(type: string, body = ''): Buffer {
  const bytes = Buffer.concat([Buffer.from(type), Buffer.alloc(4), Buffer.from(body)]);
  bytes.writeUInt32BE(bytes.length - 1, 1);
  return bytes;
}

describe('MessageReader', () => {
  it('gives the same messages however the stream is cut', () => {
    const message = fc.record({
      type: fc.constantFrom('P', 'B', 'E', 'S', 'Q'),
      body: fc.string({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat({ max: 300 })), (messages, cuts) => {
        const expected = messages.map(({ type, body }) => typed(type, body));
        const stream = Buffer.concat(expected);
        const edges = [
          0,
          ...cuts.map((cut) => Math.min(cut, stream.length)).sort((a, b) => a - b),
          stream.length,
        ];
        const reader = new MessageReader();
        reader.startTyped();
        const read: Buffer[] = [];
        for (let edge = 1; edge < edges.length; edge++) {
          reader.push(stream.subarray(edges[edge - 1], edges[edge]));
          for (let next = reader.next(); next; next = reader.next()) read.push(Buffer.from(next.bytes));
        }
        expect(read).toEqual(expected);
      }),
    );
  });

  it.each([
    ['a start-up packet of 7 bytes', false, [0, 0, 0, 7, 0, 0, 0, 0]],
    ['one of 1.2 GB, which is what "GET " reads as', false, [...Buffer.from('GET / HTTP/1.1')]],
    ['a message of 3 bytes', true, [0x51, 0, 0, 0, 3]],
  ])('refuses %s', (_what, isTyped, bytes) => {
    const reader = new MessageReader();
    if (isTyped) reader.startTyped();
    reader.push(Buffer.from(bytes));
    expect(() => reader.next()).toThrow(WireError);
  });
});

/** Notes what it is given; a unit that holds BEGIN or COMMIT opens or ends a transaction. */
class NotingEngine implements Engine {
  readonly units: string[] = [];
  private open = false;

  async execProtocolRawStream(
    message: Uint8Array,
    { onRawData }: { onRawData: (data: Uint8Array) => void },
  ): Promise<void> {
    const text = Buffer.from(message)
      .toString('latin1')
      .replace(/[^a-z0-9]+/gi, ' ')
      .trim();
    this.units.push(text);
    if (text.includes('BEGIN')) this.open = true;
    if (/COMMIT|rollback/.test(text)) this.open = false;
    await new Promise((resolve) => setImmediate(resolve));
    onRawData(Buffer.from(`did ${text};`));
  }

  isInTransaction(): boolean {
    return this.open;
  }
}

describe('WireServer', () => {
  let engine: NotingEngine;
  let server: WireServer;
  let port: number;
  const sockets: Socket[] = [];

  async function listen(options: Partial<WireServerOptions> = {}): Promise<void> {
    engine = new NotingEngine();
    server = new WireServer({
      engine,
      onEngineFailure: (error) => expect(error).toBeUndefined(),
      ...options,
    });
    port = await server.listen({ host: '127.0.0.1', port: 0 });
  }

  function connect(): { socket: Socket; until: (text: string) => Promise<string> } {
    const socket = createConnection(port, '127.0.0.1');
    sockets.push(socket);
    let received = '';
    socket.on('data', (data) => {
      received += data.toString('latin1');
    });
    const until = async (text: string) => {
      while (!received.includes(text)) await once(socket, 'data');
      return received;
    };
    return { socket, until };
  }

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await server.close();
  });

  it('declines SSL, then hands on the start-up', async () => {
    await listen();
    const { socket, until } = connect();
    socket.write(untyped(SSL_REQUEST));
    await until('N');
    socket.write(untyped(PROTOCOL_3, 'user'));
    expect(await until('did user;')).toBe('Ndid user;');
  });

  it('gives a whole unit in one call, and no other connection a turn within a transaction', async () => {
    await listen();
    const [first, second] = [connect(), connect()];
    for (const { socket, until } of [first, second]) {
      socket.write(untyped(PROTOCOL_3, 'user'));
      await until('did user;');
    }
    first.socket.write(Buffer.concat([typed('P', 'BEGIN'), typed('B', '1'), typed('E', '2'), typed('S')]));
    await first.until('BEGIN');
    second.socket.write(typed('Q', 'other'));
    // Arrives in two halves, with the other client waiting in between.
    const large = Buffer.concat([typed('P', 'large'), typed('S')]);
    first.socket.write(large.subarray(0, 6));
    await new Promise((resolve) => setTimeout(resolve, 30));
    first.socket.write(large.subarray(6));
    await first.until('large');
    first.socket.write(typed('Q', 'COMMIT'));
    await second.until('did Q');
    expect(engine.units.slice(2)).toEqual(
      ['P BEGINB 1E 2S', 'P largeS', 'Q COMMIT', 'Q other'].map((unit) =>
        expect.stringMatching(letters(unit)),
      ),
    );
  });

  it('rolls back what a client leaves open, and lets the next one in', async () => {
    await listen();
    const [first, second] = [connect(), connect()];
    for (const { socket, until } of [first, second]) {
      socket.write(untyped(PROTOCOL_3, 'user'));
      await until('did user;');
    }
    first.socket.write(typed('Q', 'BEGIN'));
    await first.until('BEGIN');
    second.socket.write(typed('Q', 'other'));
    first.socket.destroy();
    await second.until('other');
    expect(engine.units.slice(2).map((unit) => unit.split(' ').at(-1))).toEqual([
      'BEGIN',
      'S',
      'rollback',
      'other',
    ]);
  });

  it('asks for the password, and lets nobody in without it', async () => {
    await listen({ password: 'open sesame' });
    const right = connect();
    right.socket.write(untyped(PROTOCOL_3, 'user'));
    await right.until('R');
    right.socket.write(typed('p', 'open sesame\0'));
    await right.until('did user;');
    const wrong = connect();
    wrong.socket.write(untyped(PROTOCOL_3, 'intruder'));
    await wrong.until('R');
    wrong.socket.write(Buffer.concat([typed('p', 'open barley\0'), typed('Q', 'drop')]));
    expect(await wrong.until('28P01')).not.toContain('did');
    expect(engine.units).toEqual(['user']);
  });
});

/** Lengths between the letters of a unit are bytes that the notes turn into spaces, if not into
 *  letters of their own. */
function letters(unit: string): RegExp {
  return new RegExp(unit.replaceAll(' ', '.*'));
}
