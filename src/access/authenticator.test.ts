import { UnauthenticatedError } from '../errors';
import { Authenticator } from './authenticator';
import { callerFor, KeyRing, keyHash } from './keys';

const keys = new KeyRing();
keys.set(keyHash('admin'), callerFor('ADMIN'));
keys.set(keyHash('application'), callerFor('MEMBER'));
keys.set(keyHash('user'), callerFor('USER', 42));
keys.set(keyHash('late'), callerFor('ADMIN', null, Date.now() - 1));
const local = new Authenticator({ keys, openToKeyless: true });
const remote = new Authenticator({ keys, openToKeyless: false });

describe('authentication', () => {
  it.each([local, remote])('knows each key by its role and user', (authenticator) => {
    expect(authenticator.admit('Bearer admin')).toMatchObject({ role: 'ADMIN', userId: null });
    expect(authenticator.admit('bearer  application ')).toMatchObject({ role: 'MEMBER', userId: null });
    expect(authenticator.admit('Bearer user')).toMatchObject({ role: 'USER', userId: 42 });
  });

  it('takes a caller without a key for a member on loopback only', () => {
    expect([local.admit(undefined), local.admit('')]).toMatchObject([
      { role: 'MEMBER' },
      { role: 'MEMBER' },
    ]);
    expect(() => remote.admit(undefined)).toThrow(UnauthenticatedError);
    expect(() => remote.admit('')).toThrow(UnauthenticatedError);
  });

  it.each([
    'Bearer wrong',
    'Bearer ',
    'Bearer',
    'Basic admin',
    'admin',
    'Bearer admin extra',
    'Bearer late',
  ])('refuses %j everywhere', (header) => {
    expect(() => local.admit(header)).toThrow(UnauthenticatedError);
    expect(() => remote.admit(header)).toThrow(UnauthenticatedError);
  });
});

describe('the key ring', () => {
  it('tells keys apart whose digests begin alike', () => {
    const ring = new KeyRing();
    const [a, b] = [Buffer.alloc(32, 1), Buffer.alloc(32, 1)];
    b[31] = 2;
    ring.set(a, callerFor('READER'));
    ring.set(b, callerFor('ADMIN'));
    ring.set(a, callerFor('ANALYST'));
    expect([ring.find(a)?.role, ring.find(b)?.role]).toEqual(['ANALYST', 'ADMIN']);
    expect(ring.find(Buffer.alloc(32, 3))).toBeUndefined();
  });
});
