/** Who may do what: the roles, their order, and the rules that fields state with them. No other
 *  module decides about roles.
 *
 *  @Authorized('READER', 'USER')          readers and above, and every user
 *  @Authorized('READER', own('userId'))   readers and above; a user for themselves, whom that
 *    argument names
 *  @Authorized('MEMBER')                  members and above; no user
 *
 *  `schema/access.md` is the table that follows from the rules of all root fields. */
import { ForbiddenError, UnauthenticatedError } from '../errors';

/** Each may do all that those before it may. */
export const LADDER = ['READER', 'ANALYST', 'MEMBER', 'ADMIN'] as const;
/** USER is outside the hierarchy: bound to one user of the catalog, who reads and writes their own
 *  data. */
export const ROLES = ['READER', 'USER', 'ANALYST', 'MEMBER', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];
type Rung = (typeof LADDER)[number];

const RANK: Readonly<Record<Rung, number>> = { READER: 0, ANALYST: 1, MEMBER: 2, ADMIN: 3 };

/** A user may, for themselves: the argument at the path (such as `input.userId`) is their id. */
export type Own = `own:${string}`;

export function own(path: string): Own {
  return `own:${path}`;
}

/** What `@Authorized(…)` is given: the lowest role, and the rule for a USER (refused when
 *  omitted). */
export type AccessRule = readonly [least: Rung, user?: 'USER' | Own];

/** @throws Error on anything that is no rule */
export function readRule(rule: readonly string[]): AccessRule {
  const [least, user, ...rest] = rule;
  const sound = user === undefined || user === 'USER' || user.startsWith('own:');
  if (rest.length > 0 || !(LADDER as readonly string[]).includes(least) || !sound) {
    throw new Error(`${JSON.stringify(rule)} is not an access rule; see src/request/access-rules.ts.`);
  }
  return rule as unknown as AccessRule;
}

/** @returns whether the rule admits the role; for a USER admitted only for themselves, the path of
 *    the argument with the user id */
export function admits([least, user]: AccessRule, role: Role): boolean | string {
  if (role !== 'USER') return RANK[role] >= RANK[least];
  return user === 'USER' || (user?.slice('own:'.length) ?? false);
}

/** Who is calling, as rules see it. ANONYMOUS does not get as far as this: the door asks for a
 *  key. */
export interface CallerRole {
  readonly role: Role | 'ANONYMOUS';
  /** The user that a USER is bound to; null for every other role. */
  readonly userId: number | null;
}

export const KEY_WANTED = 'An API key is required: `Authorization: Bearer KEY`.';

/** @param args the field's arguments
 *  @throws UnauthenticatedError, ForbiddenError */
export function checkAccess(
  { role, userId }: CallerRole,
  args: Readonly<Record<string, unknown>>,
  rule: AccessRule,
): true {
  if (role === 'ANONYMOUS') throw new UnauthenticatedError(KEY_WANTED);
  const admitted = admits(rule, role);
  if (admitted === true) return true;
  if (admitted === false)
    throw new ForbiddenError(`This requires the role ${rule[0]}; the caller has the role ${role}.`);
  if (userId !== null && valueAt(args, admitted.split('.')) === String(userId)) return true;
  throw new ForbiddenError(`The caller is user ${userId}, who may do this only for themselves.`);
}

function valueAt(args: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  let value: unknown = args;
  for (const name of path)
    value =
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return value;
}
