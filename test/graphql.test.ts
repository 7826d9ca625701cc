/** The server itself, over real HTTP: keys, limits, errors, hosts and origins, health, and how it
 *  stops. The schema is a small one made for it. */
import 'reflect-metadata';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { GraphQLError, type GraphQLSchema, getIntrospectionQuery } from 'graphql';
import { createClient } from 'graphql-ws';
import {
  Arg,
  Authorized,
  Ctx,
  Field,
  Float,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Subscription,
} from 'type-graphql';
import { WebSocket } from 'ws';
import { DatabaseUnavailableError, ModelNotReadyError } from '../src/errors';
import { buildNearfieldSchema } from '../src/graphql/schema';
import type { RequestContext } from '../src/request/context';
import { requireK } from '../src/request/parameters';
import {
  ADMIN_KEY,
  bearer,
  post,
  READER_KEY,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from './support/graphql-server';

const SECRET = 'select secret from vault';

@ObjectType({ description: 'A thing in things.' })
class Nest {
  @Field(() => Int, { description: 'A number.' })
  number: number;

  @Field(() => Nest, { description: 'One more.' })
  nest(): Nest {
    return Object.assign(new Nest(), { number: this.number + 1 });
  }

  @Field(() => Float, { description: 'What no answer can hold.' })
  impossible: number;
}

/** Set by a test that wants to hold a request in flight. */
let gate: Promise<void> = Promise.resolve();
let arrived: () => void = () => undefined;
let ended = 0;

@Resolver()
class ProbeResolver {
  @Authorized('MEMBER')
  @Query(() => String, { description: 'Who asks.' })
  role(@Ctx() context: RequestContext): string {
    return context.role;
  }

  @Authorized('MEMBER')
  @Query(() => [Nest], { description: 'k things.' })
  nests(@Arg('k', () => Int, { defaultValue: 10, description: 'How many.' }) k: number): Nest[] {
    return Array.from({ length: requireK(k) }, (_, number) =>
      Object.assign(new Nest(), { number, impossible: Number.NaN }),
    );
  }

  @Authorized('MEMBER')
  @Query(() => String, { nullable: true, description: 'Fails as told.' })
  fail(@Arg('how', () => String, { description: 'How.' }) how: string): string {
    if (how === 'typed') throw new ModelNotReadyError('No model is published yet.');
    if (how === 'unavailable')
      throw new DatabaseUnavailableError('The database at 10.0.0.7:5432 cannot be reached.');
    if (how === 'code')
      throw new GraphQLError('Internal detail', { extensions: { code: 'ODD', secret: SECRET } });
    if (how === 'string') throw SECRET;
    if (how.length === 5) throw Object.assign(new Error(SECRET), { code: how, severity: 'ERROR' });
    throw new Error(SECRET);
  }

  @Authorized('MEMBER')
  @Query(() => String, { description: 'Answers when the gate opens.' })
  async slow(): Promise<string> {
    arrived();
    await gate;
    return 'done';
  }

  @Authorized('ADMIN')
  @Mutation(() => Boolean, { description: 'For admins.' })
  reset(): boolean {
    return true;
  }

  @Authorized('MEMBER')
  @Subscription(() => Nest, {
    description: 'Counts up to a number.',
    subscribe: async function* ({ args }: { args: { to: number } }) {
      try {
        for (let number = 1; number <= args.to; number++) {
          yield Object.assign(new Nest(), { number });
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        if (args.to === 0) throw new Error(SECRET);
      } finally {
        ended += 1;
      }
    } as never,
  })
  count(@Arg('to', () => Int, { description: 'The last number.' }) _to: number): Nest {
    return this.current;
  }

  get current(): Nest {
    return Object.assign(new Nest(), { number: 7 });
  }
}

const schema: GraphQLSchema = buildNearfieldSchema([new ProbeResolver()]);
const running: TestServer[] = [];
async function start(options: Partial<TestServerOptions> = {}): Promise<TestServer> {
  const server = await startTestServer({ schema, ...options });
  running.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

const nested = (levels: number): string => (levels === 0 ? 'number' : `nest { ${nested(levels - 1)} }`);

describe('keys', () => {
  it('are not needed on loopback, but a wrong one is refused there too', async () => {
    const server = await start();
    expect((await server.ask('{ role }')).data).toEqual({ role: 'MEMBER' });
    expect((await server.ask('{ role }', {}, bearer(READER_KEY))).data).toEqual({ role: 'MEMBER' });
    expect((await server.ask('{ role }', {}, bearer(ADMIN_KEY))).data).toEqual({ role: 'ADMIN' });
    const wrong = await server.ask('{ role }', {}, bearer('wrong-key-wrong-key'));
    expect([
      wrong.status,
      wrong.errors?.[0].extensions?.code,
      wrong.headers.get('www-authenticate'),
    ]).toEqual([401, 'UNAUTHENTICATED', 'Bearer']);
  });

  it('are needed everywhere else, but for health', async () => {
    const server = await start({ config: { host: '0.0.0.0' } });
    const keyless = await server.ask('{ __typename }');
    expect([keyless.status, keyless.errors?.[0].extensions?.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect((await server.ask('{ role }', {}, bearer(READER_KEY))).data).toEqual({ role: 'MEMBER' });
    expect((await fetch(`${server.origin}/health`)).status).toBe(200);
  });

  it('decide who may change the model', async () => {
    const server = await start();
    const [member] = (await server.ask('mutation { reset }')).errors!;
    expect(member.extensions).toEqual({ code: 'FORBIDDEN', retryable: false });
    expect((await server.ask('mutation { reset }', {}, bearer(ADMIN_KEY))).data).toEqual({ reset: true });
  });

  it('never reach the log', async () => {
    const server = await start();
    await server.ask('{ fail(how: "unknown") }', {}, bearer(ADMIN_KEY));
    expect(server.log.join('')).toContain('A request failed');
    expect(server.log.join('')).not.toContain(ADMIN_KEY);
  });
});

describe('limits', () => {
  async function refusal(
    server: TestServer,
    query: string,
    variables = {},
  ): Promise<[number, unknown, string]> {
    const { status, errors } = await server.ask(query, variables);
    expect(errors).toHaveLength(1);
    return [status, errors![0].extensions?.code, errors![0].message];
  }

  it('depth', async () => {
    const server = await start();
    expect((await server.ask(`{ nests(k: 1) { ${nested(10)} } }`)).errors).toBeUndefined();
    const refused = [400, 'QUERY_TOO_COSTLY', 'The query is 13 levels deep; the limit is 12.'];
    expect(await refusal(server, `{ nests(k: 1) { ${nested(11)} } }`)).toEqual(refused);
  });

  it('cost, also when a cached document comes with other variables', async () => {
    const server = await start({ config: { maxQueryCost: 100 } });
    const query = 'query ($k: Int!) { nests(k: $k) { number nest { number } } }';
    expect((await server.ask(query, { k: 33 })).errors).toBeUndefined();
    expect(await refusal(server, query, { k: 34 })).toEqual([
      400,
      'QUERY_TOO_COSTLY',
      'The query costs 103; the limit is 100. Request shorter lists or fewer fields.',
    ]);
    expect((await server.ask(query, { k: 33 })).errors).toBeUndefined();
  });

  it('tokens', async () => {
    const server = await start();
    const query = `{ nests(k: 1) { ${'number '.repeat(2_001)} } }`;
    expect(await refusal(server, query)).toEqual([
      400,
      'QUERY_TOO_COSTLY',
      'The query has more than 2000 tokens.',
    ]);
  });

  it('aliases', async () => {
    const server = await start();
    const query = (count: number) =>
      `{ ${Array.from({ length: count }, (_, i) => `a${i}: role`).join(' ')} }`;
    expect((await server.ask(query(50))).errors).toBeUndefined();
    expect((await refusal(server, query(51))).slice(0, 2)).toEqual([400, 'QUERY_TOO_COSTLY']);
  });

  it('body size', async () => {
    const server = await start({ config: { maxBodyBytes: 2_000 } });
    expect(await refusal(server, `{ role } # ${'x'.repeat(2_000)}`)).toEqual([
      413,
      'PAYLOAD_TOO_LARGE',
      'The request body is too large.',
    ]);
  });

  it.each([0, -1, 101, 1_000_000])('0 < k ≤ 100: not %d', async (k) => {
    const server = await start();
    const { errors, status } = await server.ask('query ($k: Int!) { nests(k: $k) { number } }', { k });
    expect(status).toBe(200);
    expect(errors?.[0].extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'k', retryable: false });
    expect(errors?.[0].message).toBe(`k must be from 1 to 100; got ${k}.`);
  });

  it('requests a minute', async () => {
    const server = await start({ config: { rateLimitPerMinute: 2 } });
    await server.ask('{ role }');
    await server.ask('{ role }');
    const third = await server.ask('{ role }');
    expect([third.status, third.errors?.[0].extensions]).toEqual([
      429,
      { code: 'RATE_LIMITED', retryable: true },
    ]);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await fetch(`${server.origin}/health`)).status).toBe(200);
  });

  it('batches are not answered', async () => {
    const server = await start();
    const { status, errors } = await post(`${server.origin}/graphql`, [
      { query: '{ role }' },
      { query: '{ role }' },
    ]);
    expect([status, errors?.[0].extensions?.code]).toEqual([400, 'BAD_REQUEST']);
  });

  it('introspection is off where configured, suggestions too, and on otherwise', async () => {
    const closed = await start({ config: { introspection: false } });
    expect((await refusal(closed, '{ __schema { queryType { name } } }')).slice(0, 2)).toEqual([
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ]);
    expect((await refusal(closed, '{ rol }'))[2]).not.toContain('role');
    const open = await start();
    for (const query of [
      getIntrospectionQuery(),
      getIntrospectionQuery({
        inputValueDeprecation: true,
        specifiedByUrl: true,
        directiveIsRepeatable: true,
      }),
    ]) {
      expect((await open.ask(query)).errors).toBeUndefined();
    }
    const deep =
      '{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }';
    expect((await refusal(open, deep)).slice(0, 2)).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
  });
});

describe('requests that browsers are made to send', () => {
  it('are refused without a preflight (CSRF)', async () => {
    const server = await start();
    const plain = await fetch(`${server.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: '{"query":"{ role }"}',
    });
    expect(plain.status).toBe(415);
    const get = await fetch(`${server.origin}/graphql?query=${encodeURIComponent('{ role }')}`);
    expect(get.status).toBe(400);
    const asked = await fetch(`${server.origin}/graphql?query=${encodeURIComponent('{ role }')}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    expect([asked.status, await asked.json()]).toMatchObject([200, { data: { role: 'MEMBER' } }]);
    const mutation = await fetch(
      `${server.origin}/graphql?query=${encodeURIComponent('mutation { reset }')}`,
      {
        headers: { 'apollo-require-preflight': '1' },
      },
    );
    expect(mutation.status).toBe(405);
  });

  it('are refused under another name on loopback (DNS rebinding)', async () => {
    const server = await start();
    const status = (host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        httpRequest(
          `${server.origin}/graphql`,
          { method: 'POST', headers: { host, 'content-type': 'application/json' } },
          (response) => {
            response.resume();
            resolve(response.statusCode);
          },
        )
          .on('error', reject)
          .end('{"query":"{ role }"}');
      });
    expect(await status('evil.example')).toBe(403);
    expect(await status('localhost:1234')).toBe(200);
  });

  it('are let in across origins from listed ones only (CORS)', async () => {
    const server = await start({ config: { allowedOrigins: ['https://app.example'] } });
    const preflight = async (path: string, origin: string) => {
      const headers = {
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      };
      const response = await fetch(server.origin + path, { method: 'OPTIONS', headers });
      return [response.status, response.headers.get('access-control-allow-origin')];
    };
    for (const path of ['/graphql', '/export/ratings.csv', '/export/models/3.npz']) {
      expect(await preflight(path, 'https://app.example')).toEqual([204, 'https://app.example']);
      expect(await preflight(path, 'https://evil.example')).toEqual([204, null]);
    }
    const { headers } = await server.ask('{ role }', {}, { origin: 'https://app.example' });
    expect([headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([
      'https://app.example',
      'Origin',
    ]);
    const refused = await fetch(`${server.origin}/nothing`, { headers: { origin: 'https://app.example' } });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([
      404,
      'https://app.example',
    ]);
    expect(refused.headers.get('access-control-expose-headers')).toContain('x-request-id');
  });

  it('get no permission across origins where none is listed', async () => {
    const server = await start();
    const headers = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
    const response = await fetch(`${server.origin}/graphql`, { method: 'OPTIONS', headers });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([204, null]);
    expect((await server.ask('{ role }')).headers.get('vary')).toBeNull();
  });
});

describe('errors', () => {
  it.each([
    ['typed', 'MODEL_NOT_READY', true],
    ['unavailable', 'DATABASE_UNAVAILABLE', true],
    ['08006', 'DATABASE_UNAVAILABLE', true],
    ['57P01', 'DATABASE_UNAVAILABLE', true],
    ['40P01', 'DATABASE_UNAVAILABLE', true],
    ['23514', 'BAD_USER_INPUT', false],
    ['23503', 'BAD_USER_INPUT', false],
    ['22003', 'BAD_USER_INPUT', false],
    ['23505', 'CONFLICT', false],
    ['42P01', 'INTERNAL_SERVER_ERROR', false],
    ['unknown', 'INTERNAL_SERVER_ERROR', false],
    ['string', 'INTERNAL_SERVER_ERROR', false],
    ['code', 'INTERNAL_SERVER_ERROR', false],
  ])('%s → %s', async (how, code, retryable) => {
    const server = await start();
    const { status, data, errors } = await server.ask(
      'query ($how: String!) { fail(how: $how) }',
      { how },
      { 'x-request-id': 'my-id' },
    );
    expect([status, data]).toEqual([200, { fail: null }]);
    expect(errors).toHaveLength(1);
    const [{ message, path, extensions }] = errors!;
    expect(path).toEqual(['fail']);
    expect(extensions).toMatchObject({ code, retryable });
    expect(JSON.stringify(errors)).not.toMatch(/select|vault|stack|10\.0\.0\.7|Internal detail|at .*\.ts/);
    const internal = code === 'INTERNAL_SERVER_ERROR' || code === 'DATABASE_UNAVAILABLE';
    const lines = server.log
      .filter((line) => line.includes('A request failed'))
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(internal ? 1 : 0);
    if (internal) {
      expect(lines[0]).toMatchObject({ errorId: extensions?.errorId, requestId: 'my-id' });
      if (code === 'INTERNAL_SERVER_ERROR') expect(message).toContain(extensions?.errorId as string);
    }
  });

  it('an answer that no client can read is our fault', async () => {
    const server = await start();
    expect((await server.ask('{ nests(k: 1) { impossible } }')).errors?.[0].extensions?.code).toBe(
      'INTERNAL_SERVER_ERROR',
    );
  });

  it.each([
    ['{ role', 'GRAPHQL_PARSE_FAILED', 400],
    ['{ rolex }', 'GRAPHQL_VALIDATION_FAILED', 400],
    ['query ($k: Int!) { nests(k: $k) { number } }', 'BAD_USER_INPUT', 400],
    ['query A { role } query B { role }', 'BAD_REQUEST', 400],
    ['subscription { count(to: 1) { number } }', 'BAD_REQUEST', 400],
  ])('%s → %s', async (query, code, status) => {
    const server = await start();
    const answer = await server.ask(query);
    expect([answer.errors?.[0].extensions?.code, answer.status]).toEqual([code, status]);
  });

  it.each([
    ['{', 400],
    ['"text"', 400],
    ['{"query": 5}', 400],
    ['{"query": "{ role }", "variables": "{}"}', 400],
    ['{"__proto__": {"a": 1}}', 400],
    ['', 400],
  ])('the body %j is answered in the shape of GraphQL', async (body, status) => {
    const server = await start();
    const answer = await post(`${server.origin}/graphql`, body);
    expect([answer.errors?.[0].extensions?.code, answer.status]).toEqual(['BAD_REQUEST', status]);
  });

  it('an address where nothing is', async () => {
    const server = await start();
    const response = await fetch(`${server.origin}/nothing`);
    expect([
      response.status,
      ((await response.json()) as { errors: GraphQLError[] }).errors[0].extensions.code,
    ]).toEqual([404, 'NOT_FOUND']);
  });
});

describe('health, readiness and the landing page', () => {
  it('tells alive from ready', async () => {
    let ready = false;
    const server = await start({
      readiness: () => (ready ? { ready } : { ready, reason: 'The catalog is being seeded.' }),
    });
    const get = async (path: string) => {
      const response = await fetch(server.origin + path);
      return [response.status, await response.json()];
    };
    expect(await get('/health')).toEqual([200, { status: 'ok' }]);
    expect(await get('/ready')).toEqual([503, { ready: false, reason: 'The catalog is being seeded.' }]);
    ready = true;
    expect(await get('/ready')).toEqual([200, { ready: true }]);
  });

  it('shows browsers a page that loads nothing from elsewhere', async () => {
    const server = await start();
    for (const path of ['/', '/graphql']) {
      const response = await fetch(server.origin + path, { headers: { accept: 'text/html,*/*' } });
      expect(response.headers.get('content-type')).toMatch('text/html');
      expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
      const html = await response.text();
      const sources = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, source]) => source);
      expect(sources.length).toBeGreaterThan(2);
      for (const source of sources) expect((await fetch(server.origin + source)).status).toBe(200);
      expect(html).not.toMatch(/<script>|<style>| style="| on\w+="/);
    }
    const operations = (await (await fetch(`${server.origin}/operations.json`)).json()) as unknown[];
    expect(operations.length).toBeGreaterThan(5);
  });

  it('gives each answer an id, the caller’s own when it is a plain one', async () => {
    const server = await start();
    expect(
      (await server.ask('{ role }', {}, { 'x-request-id': 'abc-1' })).headers.get('x-request-id'),
    ).toBe('abc-1');
    expect(
      (await server.ask('{ role }', {}, { 'x-request-id': 'a b<script>' })).headers.get('x-request-id'),
    ).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('subscriptions', () => {
  const client = (server: TestServer, connectionParams?: Record<string, unknown>) =>
    createClient({
      url: `${server.origin.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      ...(connectionParams ? { connectionParams } : {}),
    });

  async function collect(
    server: TestServer,
    query: string,
    parameters?: Record<string, unknown>,
  ): Promise<unknown[]> {
    const connection = client(server, parameters);
    try {
      const events: unknown[] = [];
      for await (const event of connection.iterate({ query })) events.push(event);
      return events;
    } finally {
      await connection.dispose();
    }
  }
  const failing = (server: TestServer, query: string, parameters?: Record<string, unknown>) =>
    collect(server, query, parameters).then(
      (events) => ({ events }),
      (error: unknown) => error,
    );

  it('arrive one by one', async () => {
    const server = await start();
    expect(await collect(server, 'subscription { count(to: 3) { number } }')).toHaveLength(3);
  });

  it('ask for the same keys', async () => {
    const server = await start({ config: { host: '0.0.0.0' } });
    expect(await failing(server, 'subscription { count(to: 1) { number } }')).toMatchObject({ code: 4401 });
    expect(
      await failing(server, 'subscription { count(to: 1) { number } }', { authorization: 'Bearer wrong' }),
    ).toMatchObject({
      code: 4401,
    });
    expect(
      await collect(server, 'subscription { count(to: 1) { number } }', {
        authorization: `Bearer ${READER_KEY}`,
      }),
    ).toHaveLength(1);
  });

  it.each([
    ['query { role }', 'BAD_REQUEST'],
    ['subscription {', 'GRAPHQL_PARSE_FAILED'],
    ['subscription { nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    [`subscription { count(to: 1) { ${nested(13)} } }`, 'QUERY_TOO_COSTLY'],
    [`subscription { count(to: 1) { ${'number '.repeat(2_001)} } }`, 'QUERY_TOO_COSTLY'],
  ])('are under the same limits: %.40s', async (query, code) => {
    const server = await start();
    expect(await failing(server, query)).toMatchObject([{ extensions: { code } }]);
  });

  it('are not opened for pages of other origins', async () => {
    const server = await start();
    const opened = (origin: string) =>
      new Promise((resolve) => {
        const socket = new WebSocket(
          `${server.origin.replace('http', 'ws')}/graphql`,
          'graphql-transport-ws',
          { origin },
        );
        socket.on('open', () => resolve('open')).on('error', (error) => resolve(error.message));
        socket.on('open', () => socket.close());
      });
    expect(await opened('https://evil.example')).toBe('Unexpected server response: 403');
    expect(await opened(server.origin)).toBe('open');
  });

  it('count as requests when they connect', async () => {
    const server = await start({ config: { rateLimitPerMinute: 2 } });
    const answer = () =>
      new Promise((resolve) => {
        const socket = new WebSocket(
          `${server.origin.replace('http', 'ws')}/graphql`,
          'graphql-transport-ws',
        );
        socket.on('open', () => resolve('open')).on('open', () => socket.close());
        socket.on('unexpected-response', (request, response) => {
          resolve([response.statusCode, response.headers['retry-after']]);
          request.destroy();
        });
        socket.on('error', () => undefined);
      });
    expect([await answer(), await answer()]).toEqual(['open', 'open']);
    expect(await answer()).toEqual([429, expect.stringMatching(/^[1-9]\d?$/)]);
    expect((await server.ask('{ role }')).status).toBe(429);
  });

  it('end at the source when the server stops', async () => {
    const server = await start();
    const before = ended;
    const connection = client(server);
    const events = connection.iterate({ query: 'subscription { count(to: 100000000) { number } }' });
    await events.next();
    await server.close();
    await expect(
      (async () => {
        for (;;) if ((await events.next()).done) return;
      })(),
    ).rejects.toMatchObject({ code: 1001 });
    for (let waited = 0; ended === before && waited < 100; waited++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(ended).toBe(before + 1);
  });
});

/** Holds `slow` until `open` is called. */
function holdGate(): { open: () => void; arrived: Promise<void> } {
  let open: () => void = () => undefined;
  gate = new Promise((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  return { open, arrived: reached };
}

describe('stopping', () => {
  it('answers what is in flight, and takes nothing new', async () => {
    const server = await start();
    const held = holdGate();
    const inFlight = server.ask('{ slow }');
    await held.arrived;
    let closed = false;
    const closing = server.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(closed).toBe(false);
    const late = await server.ask('{ role }').then(
      (answer) => answer.status,
      (error: Error) => error.message,
    );
    held.open();
    expect((await inFlight).data).toEqual({ slow: 'done' });
    expect(late).toBe('fetch failed');
    await closing;
  });

  it('says SHUTTING_DOWN to a request that was on its way', async () => {
    const server = await start();
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    const ended = new Promise((resolve) => socket.on('close', resolve));
    const body = '{"query":"{ role }"}';
    const head = `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n`;
    socket.write(head);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closing = server.close();
    socket.write(`\r\n${body}`);
    await Promise.all([closing, ended]);
    expect(text).toMatch(/^HTTP\/1.1 503/);
    expect(text).toMatch(/connection: close/i);
    expect(text).toContain('SHUTTING_DOWN');
  });

  it('cuts what does not end in time', async () => {
    const server = await start({ config: { shutdownTimeoutMs: 200 } });
    const held = holdGate();
    const cut = expect(server.ask('{ slow }')).rejects.toThrow();
    await held.arrived;
    const before = Date.now();
    await server.close();
    expect(Date.now() - before).toBeLessThan(2_000);
    await cut;
  });

  it('says which port is taken', async () => {
    const server = await start();
    const port = Number(new URL(server.origin).port);
    await expect(startTestServer({ schema, config: { port } })).rejects.toThrow(
      `Port ${port} of 127.0.0.1 is in use. Choose another one with PORT.`,
    );
  });
});
