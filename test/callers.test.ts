/** Keys and tokens over real HTTP and WebSocket: who gets in as whom, and how a connection ends
 *  when its caller does. */
import 'reflect-metadata';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { Authorized, Ctx, Query, Resolver, Subscription } from 'type-graphql';
import { WebSocket } from 'ws';
import { Authenticator } from '../src/access/authenticator';
import { type Caller, callerFor, KeyRing, keyHash } from '../src/access/keys';
import { TokenVerifier } from '../src/access/tokens';
import { buildNearfieldSchema } from '../src/graphql/schema';
import type { RequestContext } from '../src/request/context';
import { bearer, startTestServer, type TestServer } from './support/graphql-server';
import { until } from './support/training-runner';

@Resolver()
class MeResolver {
  @Authorized('READER', 'USER')
  @Query(() => String, { description: 'Who asks.' })
  me(@Ctx() { role, userId }: RequestContext): string {
    return `${role} ${userId}`;
  }

  @Authorized('READER', 'USER')
  @Subscription(() => String, {
    description: 'Who asks, again and again.',
    subscribe: async function* () {
      for (;;) {
        yield 'tick';
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  })
  again(@Ctx() { role, userId }: RequestContext): string {
    return `${role} ${userId}`;
  }
}

const SECRET = 'a secret of thirty-two characters';
const analyst = callerFor('ANALYST');
let server: TestServer;

const sign = (claims: object, seconds: number) =>
  new SignJWT({ ...claims, exp: Math.floor(Date.now() / 1000) + seconds })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(SECRET));

beforeAll(async () => {
  const keys = new KeyRing();
  keys.set(keyHash('key-of-an-analyst'), analyst);
  const jwt = {
    keys: { secret: SECRET },
    issuer: undefined,
    audience: undefined,
    roleClaim: 'role',
    userIdClaim: 'sub',
    clockToleranceSeconds: 0,
  };
  const authenticator = new Authenticator({
    keys,
    tokens: new TokenVerifier(jwt, () => undefined),
    openToKeyless: false,
  });
  const schema = buildNearfieldSchema([new MeResolver()]);
  server = await startTestServer({ schema, config: { host: '0.0.0.0' }, authenticator });
});
afterAll(() => server.close());

describe('over HTTP', () => {
  it('a token is as good as a key', async () => {
    const token = await sign({ role: 'USER', sub: '42' }, 60);
    for (let i = 0; i < 2; i++)
      expect((await server.ask('{ me }', {}, bearer(token))).data).toEqual({ me: 'USER 42' });
    expect((await server.ask('{ me }', {}, bearer('key-of-an-analyst'))).data).toEqual({
      me: 'ANALYST null',
    });
  });

  it('a token that has expired is refused at the door', async () => {
    const { status, headers, errors } = await server.ask(
      '{ me }',
      {},
      bearer(await sign({ role: 'ADMIN' }, -10)),
    );
    expect([status, headers.get('www-authenticate'), errors?.[0].message]).toEqual([
      401,
      'Bearer',
      'The token has expired.',
    ]);
    expect(errors?.[0].extensions).toEqual({ code: 'UNAUTHENTICATED', retryable: false });
  });
});

describe('over WebSocket', () => {
  async function connect(authorization: string) {
    const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    const closed = once(socket, 'close').then(([code]) => code as number);
    const messages: { type: string; payload?: { data: { again: string } } }[] = [];
    socket.on('message', (data) => messages.push(JSON.parse(String(data))));
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
    const answer = await Promise.race([once(socket, 'message'), closed]);
    if (typeof answer !== 'number') {
      socket.send(
        JSON.stringify({ id: 'a', type: 'subscribe', payload: { query: 'subscription { again }' } }),
      );
      await Promise.race([once(socket, 'message'), closed]);
    }
    return {
      messages,
      closed,
      heard: () => messages.find(({ type }) => type === 'next')?.payload?.data.again,
    };
  }

  it('a token lets in, until it ends', async () => {
    const { closed, heard } = await connect(`Bearer ${await sign({ role: 'USER', sub: '42' }, 2)}`);
    expect(heard()).toBe('USER 42');
    expect(await closed).toBe(4401);
  });

  it('a wrong token does not', async () => {
    expect(await (await connect(`Bearer ${await sign({ role: 'ADMIN' }, -10)}`)).closed).toBe(4401);
  });

  it('a client that goes while its token is verified is forgotten', async () => {
    const looks = jest.fn(() => Number.POSITIVE_INFINITY);
    const caller = Object.defineProperty(callerFor('ANALYST'), 'endsAt', { get: looks });
    let verified: (caller: Caller) => void = () => undefined;
    const asked = jest.fn(() => new Promise<Caller>((resolve) => (verified = resolve)));
    const authenticator = Object.assign(new Authenticator({ keys: new KeyRing(), openToKeyless: false }), {
      admit: asked,
    });
    const slow = await startTestServer({
      schema: buildNearfieldSchema([new MeResolver()]),
      authenticator,
    });
    const socket = new WebSocket(`${slow.origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await until(async () => asked.mock.calls.length === 1);
    socket.close();
    await once(socket, 'close');
    await sleep(50); // the server's side closes too
    verified(caller);
    await sleep(1_200); // connections are looked over twice a second
    expect(looks).not.toHaveBeenCalled();
    await slow.close();
  });

  it('a revoked key ends what it opened', async () => {
    const { closed, heard } = await connect('Bearer key-of-an-analyst');
    expect(heard()).toBe('ANALYST null');
    analyst.endsAt = 0;
    expect(await closed).toBe(4401);
  });
});
