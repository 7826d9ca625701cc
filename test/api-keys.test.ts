/** API keys: made, used, revoked, seen by other processes, and never to be read again. */
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiKeyResolver } from '../src/access/api-key.resolver';
import { Authenticator } from '../src/access/authenticator';
import { KeyStore } from '../src/access/key-store';
import { type Caller, configuredKeys, keyHash, makeFirstKey } from '../src/access/keys';
import type { Database } from '../src/database/database';
import { describeEachDatabase } from './support/databases';
import { apiKeySchema, bearer, startTestServer, type TestServer } from './support/graphql-server';

const CREATE = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key apiKey { id name role userId active expiresAt revokedAt lastUsedAt } } }`;
const REVOKE = 'mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { id active revokedAt } } }';
const LIST = '{ apiKeys(first: 100) { totalCount edges { node { id name role active lastUsedAt } } } }';

/** What one server process has of keys. */
async function aProcess(database: Database, config: { adminKey?: string; readerKey?: string } = {}) {
  const configured = { adminKey: config.adminKey, readerKey: config.readerKey };
  const shown = await makeFirstKey(database, configured);
  const ring = configuredKeys(configured);
  const options = { database, ring, adminConfigured: config.adminKey !== undefined, warn: () => undefined };
  const store = new KeyStore(options);
  await store.start();
  const authenticator = new Authenticator({ keys: ring, openToKeyless: false });
  return {
    shown,
    store,
    authenticator,
    admit: (key: string) => authenticator.admit(`Bearer ${key}`) as Caller,
  };
}

describeEachDatabase('API keys', (getDatabase) => {
  let first: Awaited<ReturnType<typeof aProcess>>;
  let second: Awaited<ReturnType<typeof aProcess>>;
  let server: TestServer;
  const admin = () => bearer(first.shown!);
  const ask = (query: string, variables: object, headers = admin()) =>
    server.ask(query, variables, headers);
  const create = async (input: object) => (await ask(CREATE, { input })).data.createApiKey;
  const code = async (query: string, variables: object, headers = admin()) => {
    const extensions = (await ask(query, variables, headers)).errors?.[0].extensions;
    return extensions?.field === undefined ? extensions?.code : `${extensions?.code} ${extensions?.field}`;
  };

  beforeAll(async () => {
    await getDatabase().query('insert into app_user (id) values (42)');
    [first, second] = [await aProcess(getDatabase()), await aProcess(getDatabase())];
    const schema = apiKeySchema(getDatabase(), new ApiKeyResolver(getDatabase(), first.store, false));
    server = await startTestServer({
      schema,
      config: { host: '0.0.0.0' },
      authenticator: first.authenticator,
    });
  });
  afterAll(async () => {
    await server.close();
    await first.store.stop();
    await second.store.stop();
  });

  it('begin with one for an admin, shown by the process that made it', async () => {
    expect([first.shown, second.shown]).toEqual([expect.stringMatching(/^nf_[\w-]{32}$/), null]);
    expect(second.admit(first.shown!)).toMatchObject({ role: 'ADMIN' });
  });

  it('are made for every role, work at once, and are stored as digests', async () => {
    for (const role of ['READER', 'ANALYST', 'MEMBER', 'ADMIN', 'USER']) {
      const { key, apiKey } = await create({
        name: `for ${role}`,
        role,
        userId: role === 'USER' ? '42' : null,
      });
      expect(apiKey).toMatchObject({ role, active: true, revokedAt: null, lastUsedAt: null });
      expect(first.admit(key)).toMatchObject({ role, userId: role === 'USER' ? 42 : null });
      const [row] = await getDatabase().query<{ hash: Buffer; text: string }>(
        'select hash, api_key::text as text from api_key where id = $1',
        [apiKey.id],
      );
      expect(row.hash.equals(keyHash(key))).toBe(true);
      expect(row.text).not.toContain(key);
    }
  });

  it('are seen by another process within 2 s, and so is their end', async () => {
    const { key, apiKey } = await create({ name: 'short', role: 'READER' });
    await sleep(2_000);
    const held = second.admit(key);
    expect(held).toMatchObject({ role: 'READER' });
    expect((await ask(REVOKE, { id: apiKey.id })).data.revokeApiKey.apiKey).toMatchObject({
      active: false,
    });
    expect(() => first.admit(key)).toThrow('Unknown API key');
    await sleep(2_000);
    expect(() => second.admit(key)).toThrow('Unknown API key');
    expect(held.endsAt).toBe(0); // whoever holds the caller, such as a WebSocket, learns of it too
  });

  it('end by themselves', async () => {
    const expiresAt = new Date(Date.now() + 300).toISOString();
    const { key, apiKey } = await create({ name: 'brief', role: 'ADMIN', expiresAt });
    expect(apiKey.expiresAt).toBe(expiresAt);
    expect(first.admit(key)).toMatchObject({ role: 'ADMIN' });
    await sleep(350);
    expect(() => first.admit(key)).toThrow('Unknown API key');
  });

  it('are for admins to make, see and revoke', async () => {
    const { key } = await create({ name: 'no admin', role: 'MEMBER' });
    for (const [query, variables] of [
      [CREATE, { input: { name: 'a', role: 'ADMIN' } }],
      [LIST, {}],
      [REVOKE, { id: '1' }],
    ] as const) {
      expect(await code(query, variables, bearer(key))).toBe('FORBIDDEN');
      expect(await code(query, variables, {})).toBe('UNAUTHENTICATED');
    }
  });

  it.each([
    [{ name: ' ', role: 'READER' }, 'BAD_USER_INPUT input.name'],
    [{ name: 'x'.repeat(101), role: 'READER' }, 'BAD_USER_INPUT input.name'],
    [{ name: 'a', role: 'USER' }, 'BAD_USER_INPUT input.userId'],
    [{ name: 'a', role: 'USER', userId: 'me' }, 'BAD_USER_INPUT input.userId'],
    [{ name: 'a', role: 'ADMIN', userId: '42' }, 'BAD_USER_INPUT input.userId'],
    [{ name: 'a', role: 'USER', userId: '4242' }, 'NOT_FOUND'],
    [{ name: 'a', role: 'READER', expiresAt: '2020-01-01T00:00:00Z' }, 'BAD_USER_INPUT input.expiresAt'],
    [{ name: 'a', role: 'ROOT' }, 'BAD_USER_INPUT'],
  ])('are not made of %j', async (input, expected) => {
    expect(await code(CREATE, { input })).toBe(expected);
  });

  it('are listed without themselves, and with their last use once it was noted', async () => {
    const { key, apiKey } = await create({ name: 'used', role: 'ADMIN' });
    expect((await ask(LIST, {}, bearer(key))).errors).toBeUndefined();
    await first.store.stop(); // notes what was used since the last time
    await first.store.start();
    const { apiKeys } = (await ask(LIST, {})).data;
    const node = apiKeys.edges
      .map((edge: { node: object }) => edge.node)
      .find(({ id }: { id: string }) => id === apiKey.id);
    expect(node).toMatchObject({ name: 'used', active: true });
    expect(Math.abs(Date.now() - Date.parse(node.lastUsedAt))).toBeLessThan(60_000);
    expect(apiKeys.totalCount).toBe(apiKeys.edges.length);
    expect(JSON.stringify(apiKeys)).not.toContain('nf_');
  });

  it('cannot be all revoked: the last admin key stays, whoever tries at the same time', async () => {
    expect(await code(REVOKE, { id: '999999' })).toBe('NOT_FOUND');
    const { edges } = (await ask(LIST, {})).data.apiKeys;
    const admins = edges
      .map(({ node }: { node: { id: string; role: string; active: boolean } }) => node)
      .filter(isActiveAdmin);
    expect(admins.length).toBeGreaterThan(1);
    const codes = await Promise.all(admins.map(({ id }: { id: string }) => code(REVOKE, { id })));
    expect(codes.filter((it) => it === 'CONFLICT').length).toBeLessThanOrEqual(1);
    const left = await getDatabase().query(
      `select id from api_key where role = 'ADMIN' and revoked_at is null and (expires_at is null or expires_at > now())`,
    );
    expect(left).toHaveLength(1);
    // Should even that one end, the next start makes another.
    await getDatabase().query(
      'update api_key set revoked_at = now(), changed_at = now() where revoked_at is null',
    );
    expect(await makeFirstKey(getDatabase(), { adminKey: undefined })).toMatch(/^nf_/);
  });
});

describeEachDatabase('the first admin key', (getDatabase) => {
  beforeEach(() => getDatabase().query('delete from api_key'));

  it('is made once, whoever starts at the same time', async () => {
    const starts = await Promise.all(
      Array.from({ length: 8 }, () => makeFirstKey(getDatabase(), { adminKey: undefined })),
    );
    expect(starts.filter((shown) => shown !== null)).toHaveLength(1);
  });

  it('gives way to a configured one, and the keys that were made stay', async () => {
    const { shown, store } = await aProcess(getDatabase());
    await getDatabase().query(`insert into api_key (name, role, hash) values ('made', 'ANALYST', $1)`, [
      keyHash('made-key-1234567'),
    ]);
    const configured = await aProcess(getDatabase(), {
      adminKey: 'configured-key-1234',
      readerKey: 'reader-key-12345678',
    });
    expect(configured.shown).toBeNull();
    expect(configured.admit('configured-key-1234')).toMatchObject({ role: 'ADMIN' });
    expect(configured.admit('reader-key-12345678')).toMatchObject({ role: 'MEMBER' });
    expect(configured.admit('made-key-1234567')).toMatchObject({ role: 'ANALYST' });
    expect(() => configured.admit(shown!)).toThrow('Unknown API key');
    await Promise.all([store.stop(), configured.store.stop()]);
  });
});

function isActiveAdmin({ role, active }: { role: string; active: boolean }): boolean {
  return role === 'ADMIN' && active;
}
