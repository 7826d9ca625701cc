import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTPayload,
  type KeyLike,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import type { JwtConfig } from '../config';
import { UnauthenticatedError } from '../errors';
import { Authenticator } from './authenticator';
import { type Caller, callerFor, KeyRing, keyHash } from './keys';
import { TokensUncheckableError, TokenVerifier } from './tokens';

const SECRET = 'a secret of thirty-two characters';
const secretKey = new TextEncoder().encode(SECRET);
const shared = {
  issuer: 'https://id.example',
  audience: 'nearfield',
  roleClaim: 'role',
  userIdClaim: 'sub',
  clockToleranceSeconds: 5,
};
const bySecret: JwtConfig = { ...shared, keys: { secret: SECRET } };
const now = () => Math.floor(Date.now() / 1000);
/** An undefined claim is left out of the token. */
const claims = (more: Record<string, unknown> = {}): JWTPayload => ({
  iss: 'https://id.example',
  aud: 'nearfield',
  exp: now() + 60,
  role: 'ANALYST',
  ...more,
});
const sign = (payload: JWTPayload, key: KeyLike | Uint8Array = secretKey, alg = 'HS256', kid?: string) =>
  new SignJWT(payload).setProtectedHeader({ alg, ...(kid && { kid }) }).sign(key);

const warnings: string[] = [];
const verifierOf = (config: JwtConfig) => new TokenVerifier(config, (message) => warnings.push(message));
const verify = async (verifier: TokenVerifier, token: string): Promise<Caller> =>
  verifier.verify(token, keyHash(token));
const refusal = async (verifier: TokenVerifier, token: string): Promise<string> => {
  const error = await verify(verifier, token).then(
    () => new Error('It was accepted.'),
    (it: Error) => it,
  );
  expect(error).toBeInstanceOf(UnauthenticatedError);
  for (const inside of [SECRET, 'id.example', 'nearfield', 'RS256', 'HS256'])
    expect(error.message).not.toContain(inside);
  return error.message;
};

describe('a token signed with the secret', () => {
  const verifier = verifierOf(bySecret);

  it('makes its bearer what its claims say', async () => {
    expect(await verify(verifier, await sign(claims()))).toMatchObject({ role: 'ANALYST', userId: null });
    expect(await verify(verifier, await sign(claims({ role: 'USER', sub: '42' })))).toMatchObject({
      role: 'USER',
      userId: 42,
    });
    expect(await verify(verifier, await sign(claims({ role: ['offline', 'READER'] })))).toMatchObject({
      role: 'READER',
    });
    expect(await verify(verifier, await sign(claims({ aud: ['other', 'nearfield'] })))).toMatchObject({
      role: 'ANALYST',
    });
  });

  it('finds its claims under other names', async () => {
    const other = verifierOf({
      ...bySecret,
      roleClaim: 'realm_access.roles',
      userIdClaim: 'https://a.example/user.id',
    });
    const token = await sign(
      claims({
        role: undefined,
        realm_access: { roles: ['USER', 'editor'] },
        'https://a.example/user.id': 7,
      }),
    );
    expect(await verify(other, token)).toMatchObject({ role: 'USER', userId: 7 });
  });

  it('is checked once a minute: after its first use the answer is no promise', async () => {
    const token = await sign(claims({ jti: 'seen once' }));
    const first = verifier.verify(token, keyHash(token));
    expect(first).toBeInstanceOf(Promise);
    expect(verifier.verify(token, keyHash(token))).toBeInstanceOf(Promise); // not before the first is done
    const caller = await first;
    expect(verifier.verify(token, keyHash(token))).toMatchObject({ role: caller.role });
  });

  it('ends with its time, also when it was checked before', async () => {
    const strict = verifierOf({ ...bySecret, clockToleranceSeconds: 0 });
    const token = await sign(claims({ exp: now() + 1 }));
    const caller = await verify(strict, token);
    expect(caller.endsAt).toBeLessThanOrEqual(Date.now() + 1_000);
    await new Promise((resolve) => setTimeout(resolve, caller.endsAt - Date.now() + 20));
    expect(await refusal(strict, token)).toBe('The token has expired.');
  });

  it('may be off by the tolerance', async () => {
    expect(await verify(verifier, await sign(claims({ exp: now() - 3, nbf: now() + 3 })))).toMatchObject({
      role: 'ANALYST',
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['expired', { exp: now() - 60 }, 'The token has expired.'],
    ['endless', { exp: undefined }, 'The token has no expiry time (exp).'],
    ['early', { nbf: now() + 60 }, 'The token is not valid yet.'],
    ['for others', { aud: 'elsewhere' }, 'The token has the wrong issuer or audience.'],
    ['for nobody', { aud: undefined }, 'The token has the wrong issuer or audience.'],
    ['by others', { iss: 'https://evil.example' }, 'The token has the wrong issuer or audience.'],
    ['without a role', { role: undefined }, 'The token must have exactly one role.'],
    ['of an unknown role', { role: 'ROOT' }, 'The token must have exactly one role.'],
    ['of a role in another case', { role: 'admin' }, 'The token must have exactly one role.'],
    ['of two roles', { role: ['ADMIN', 'USER'] }, 'The token must have exactly one role.'],
    ['of no user', { role: 'USER', sub: undefined }, 'The token has no valid user id.'],
    ['of a name', { role: 'USER', sub: 'ann' }, 'The token has no valid user id.'],
    ['of user 042', { role: 'USER', sub: '042' }, 'The token has no valid user id.'],
    ['of a user beyond all', { role: 'USER', sub: '9999999999' }, 'The token has no valid user id.'],
  ])('is refused when it is %s', async (_what, more, reason) => {
    expect(await refusal(verifier, await sign(claims(more)))).toBe(reason);
  });

  it('is refused when it is changed, signed by others, or not signed at all', async () => {
    const [header, , signature] = (await sign(claims())).split('.');
    const promoted = Buffer.from(JSON.stringify(claims({ role: 'ADMIN' }))).toString('base64url');
    const forged = [
      `${header}.${promoted}.${signature}`,
      await sign(claims(), new TextEncoder().encode('another secret of thirty-two chars')),
      new UnsecuredJWT(claims({ role: 'ADMIN' })).encode(),
      `${Buffer.from('{"alg":"None"}').toString('base64url')}.${promoted}.`,
      await sign(claims(), secretKey, 'HS512'),
      'a.b.c',
      `${header}.${promoted}.`,
    ];
    for (const token of forged) expect(await refusal(verifier, token)).toBe('The token is invalid.');
  });
});

describe('a token signed with a key pair', () => {
  let server: Server;
  let keySet: { keys: object[] };
  let rsa: KeyLike;
  let publicPem: string;
  let config: JwtConfig;

  beforeAll(async () => {
    const pair = await generateKeyPair('RS256', { extractable: true });
    rsa = pair.privateKey;
    publicPem = await exportSPKI(pair.publicKey);
    keySet = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256' }] };
    server = createServer((_request, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(keySet)),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    config = {
      ...shared,
      keys: { jwks: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks` },
    };
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it('is accepted by the fetched key set, and by one in a file', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'jwks-')), 'keys.json');
    writeFileSync(file, JSON.stringify(keySet));
    const token = await sign(claims(), rsa, 'RS256', 'one');
    for (const jwks of [config.keys, { jwks: file }]) {
      expect(await verify(verifierOf({ ...config, keys: jwks }), token)).toMatchObject({ role: 'ANALYST' });
    }
  });

  it('cannot be replaced by one that uses the public key as a secret, or none', async () => {
    const verifier = verifierOf(config);
    const confused = await sign(
      claims({ role: 'ADMIN' }),
      new TextEncoder().encode(publicPem),
      'HS256',
      'one',
    );
    const unsigned = new UnsecuredJWT(claims({ role: 'ADMIN' })).encode();
    const { privateKey } = await generateKeyPair('RS256');
    const stranger = await sign(claims({ role: 'ADMIN' }), privateKey, 'RS256', 'one');
    const unknown = await sign(claims({ role: 'ADMIN' }), privateKey, 'RS256', 'two');
    for (const token of [confused, unsigned, stranger, unknown]) {
      expect(await refusal(verifier, token)).toBe('The token is invalid.');
    }
    expect(await refusal(verifierOf(bySecret), await sign(claims(), rsa, 'RS256', 'one'))).toBe(
      'The token is invalid.',
    );
  });

  it('cannot be checked while the keys cannot be fetched, and keys go on meanwhile', async () => {
    const ring = new KeyRing();
    ring.set(keyHash('a-key'), callerFor('ADMIN'));
    const tokens = verifierOf({ ...config, keys: { jwks: 'http://127.0.0.1:9/jwks' } });
    const authenticator = new Authenticator({ keys: ring, tokens, openToKeyless: false });
    const token = await sign(claims(), rsa, 'RS256', 'one');
    warnings.length = 0;
    for (let i = 0; i < 2; i++) {
      await expect(async () => authenticator.admit(`Bearer ${token}`)).rejects.toThrow(
        TokensUncheckableError,
      );
      expect(authenticator.admit('Bearer a-key')).toMatchObject({ role: 'ADMIN' });
    }
    expect(warnings).toHaveLength(1);
  });
});
