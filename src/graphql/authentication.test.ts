import { ForbiddenError, UnauthenticatedError } from '../errors';
import { Authenticator, checkRole, isLoopback, keyHash } from './authentication';
import type { Role } from './context';
import { ServerContext } from './request-context';

const keys = { adminHashes: [keyHash('old-admin'), keyHash('new-admin')], readerHash: keyHash('reader') };
const local = new Authenticator({ ...keys, openToKeyless: true });
const remote = new Authenticator({ ...keys, openToKeyless: false });

describe('authentication', () => {
  it.each([local, remote])('knows each key by its role', (authenticator) => {
    expect(authenticator.roleOf('Bearer old-admin')).toBe('ADMIN');
    expect(authenticator.roleOf('bearer  new-admin ')).toBe('ADMIN');
    expect(authenticator.roleOf('Bearer reader')).toBe('MEMBER');
  });

  it('takes a caller without a key for a member on loopback only', () => {
    expect([local.roleOf(undefined), remote.roleOf(undefined)]).toEqual(['MEMBER', 'ANONYMOUS']);
    expect(local.admit(undefined)).toBe('MEMBER');
    expect(() => remote.admit(undefined)).toThrow(UnauthenticatedError);
  });

  it.each(['Bearer wrong', 'Bearer ', 'Bearer', 'Basic reader', 'reader', 'Bearer reader extra'])('refuses %j everywhere', (header) => {
    expect(() => local.roleOf(header)).toThrow(UnauthenticatedError);
    expect(() => remote.roleOf(header)).toThrow(UnauthenticatedError);
  });

  it('has no reader without a reader key', () => {
    const authenticator = new Authenticator({ adminHashes: [], openToKeyless: false });
    expect(() => authenticator.roleOf('Bearer reader')).toThrow(UnauthenticatedError);
  });

  it('lets an admin do what a member may, and nobody else more than their own', () => {
    const check = (role: Role, wanted: string) => checkRole(new ServerContext(role, 'test'), [wanted]);
    expect([check('ADMIN', 'ADMIN'), check('ADMIN', 'MEMBER'), check('MEMBER', 'MEMBER')]).toEqual([true, true, true]);
    expect(() => check('MEMBER', 'ADMIN')).toThrow(ForbiddenError);
    expect(() => check('ANONYMOUS', 'MEMBER')).toThrow(UnauthenticatedError);
    expect(() => check('ANONYMOUS', 'ADMIN')).toThrow(UnauthenticatedError);
  });

  it.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['localhost', true],
    ['::1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['127.0.0.1.example.org', false],
    ['example.org', false],
  ])('%s is loopback: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
