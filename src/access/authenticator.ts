/** Who is calling: an `Authorization` header → a caller. */
import { UnauthenticatedError } from '../errors';
import { KEY_WANTED } from '../request/access-rules';
import { type Caller, callerFor, type KeyRing, keyHash } from './keys';
import type { TokenVerifier } from './tokens';

export interface AuthenticatorOptions {
  readonly keys: KeyRing;
  /** Absent: tokens are not taken. */
  readonly tokens?: TokenVerifier | undefined;
  /** Whether a caller without a key is a MEMBER: the server can be reached from this machine
   *  only. */
  readonly openToKeyless: boolean;
}

/** Three parts of Base64url (RFC 7515, 7.1); the last is empty where nothing was signed. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const KEYLESS = callerFor('MEMBER');

export class Authenticator {
  constructor(private readonly options: AuthenticatorOptions) {}

  /** Answers without a promise, but for a token that is new or was not seen for a minute.
   *  @param authorization the header's or the connection parameter's value
   *  @throws UnauthenticatedError on a wrong key, even where none is needed: a typing error must
   *    not go unnoticed */
  admit(authorization: string | undefined): Caller | Promise<Caller> {
    if (authorization === undefined || authorization === '') {
      if (this.options.openToKeyless) return KEYLESS;
      throw new UnauthenticatedError(KEY_WANTED);
    }
    const key = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    if (key === undefined)
      throw new UnauthenticatedError('The Authorization header must have the form `Bearer KEY`.');
    const digest = keyHash(key);
    const caller = this.options.keys.find(digest);
    const now = Date.now();
    if (caller && caller.endsAt > now) {
      caller.lastSeenAt = now;
      return caller;
    }
    if (this.options.tokens && JWT.test(key)) return this.options.tokens.verify(key, digest);
    throw new UnauthenticatedError('Unknown API key.');
  }
}
