/** Who a request comes from. */
import type { CallerRole, Role } from '../request/access-rules';

export interface Caller extends CallerRole {
  readonly role: Role;
  /** Milliseconds since 1970 from which this caller is nobody any more. A revocation sets it, and
   *  whoever holds the caller sees it. */
  endsAt: number;
  /** Milliseconds since 1970 of the last request; 0 before the first. */
  lastSeenAt: number;
}

export function callerFor(
  role: Role,
  userId: number | null = null,
  endsAt = Number.POSITIVE_INFINITY,
): Caller {
  return { role, userId, endsAt, lastSeenAt: 0 };
}
