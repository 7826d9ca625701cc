import { ForbiddenError, UnauthenticatedError } from '../errors';
import { type AccessRule, type CallerRole, checkAccess, own, readRule } from './access-rules';

const someone = (role: CallerRole['role']): CallerRole => ({ role, userId: role === 'USER' ? 42 : null });
const roles = (['READER', 'USER', 'ANALYST', 'MEMBER', 'ADMIN'] as const).map(someone);
const admitted = (rule: AccessRule, args: Record<string, unknown> = {}) =>
  roles.filter((caller) => {
    try {
      return checkAccess(caller, args, rule);
    } catch (error) {
      expect(error).toBeInstanceOf(ForbiddenError);
      return false;
    }
  });

describe('access rules', () => {
  it.each([
    [['READER', 'USER'], 'READER USER ANALYST MEMBER ADMIN'],
    [['READER'], 'READER ANALYST MEMBER ADMIN'],
    [['ANALYST'], 'ANALYST MEMBER ADMIN'],
    [['MEMBER'], 'MEMBER ADMIN'],
    [['ADMIN'], 'ADMIN'],
  ] as const)('%j admits %s', (rule, names) => {
    expect(admitted(readRule(rule)).map(({ role }) => role)).toEqual(names.split(' '));
  });

  it.each([
    [{ input: { userId: '42' } }, true],
    [{ input: { userId: '43' } }, false],
    [{ input: { userId: '042' } }, false],
    [{ input: { userId: null } }, false],
    [{ input: null }, false],
    [{ userId: '42' }, false],
    [{}, false],
  ])('with %j a user is admitted for themselves: %s', (args, expected) => {
    expect(admitted(['MEMBER', own('input.userId')], args).some(({ role }) => role === 'USER')).toBe(
      expected,
    );
  });

  it('asks strangers for a key', () => {
    expect(() => checkAccess(someone('ANONYMOUS'), {}, ['READER', 'USER'])).toThrow(UnauthenticatedError);
  });

  it('admits no user without an id', () => {
    expect(() =>
      checkAccess({ role: 'USER', userId: null }, { userId: 'null' }, ['READER', own('userId')]),
    ).toThrow(ForbiddenError);
  });

  it.each([[[]], [['USER']], [['READER', 'ADMIN']], [['READER', 'USER', 'ADMIN']], [['reader']]])(
    '%j is no rule',
    (rule) => {
      expect(() => readRule(rule)).toThrow('is not an access rule');
    },
  );
});
