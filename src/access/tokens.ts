/** JSON Web Tokens (RFC 7519) → callers, by `jose`. The algorithms are pinned to the kind of key: a
 *  shared secret takes HS256 and nothing else, a key set takes signatures of key pairs and nothing
 *  else, so that neither `none` nor a public key used as a secret gets in (RFC 8725, 3.1). */
import { readFileSync } from 'node:fs';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import { LRUCache } from 'lru-cache';
import type { JwtConfig } from '../config';
import { UnauthenticatedError } from '../errors';
import { ROLES, type Role } from '../request/access-rules';
import { type Caller, callerFor } from './keys';

const KEY_PAIR_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
];
const KEY_SET_TIMEOUT_MS = 3_000;
const LARGEST_ID = 2_147_483_647;
/** A signature is checked once, and again after this time, so that a key withdrawn from the set
 *  ends with it. */
const REMEMBERED_MS = 60_000;
const REMEMBERED = 10_000;

/** The keys that sign tokens cannot be fetched: not the caller's fault, and over when they can
 *  be. */
export class TokensUncheckableError extends UnauthenticatedError {
  override get retryable(): boolean {
    return true;
  }
}

type Verify = (token: string) => Promise<JWTPayload>;

export class TokenVerifier {
  private readonly callers = new LRUCache<string, Caller>({ max: REMEMBERED, ttl: REMEMBERED_MS });
  private readonly check: Verify;
  private failing = false;

  /** @throws Error when a file of keys cannot be read */
  constructor(
    private readonly config: JwtConfig,
    private readonly warn: (message: string) => void,
  ) {
    this.check = verifierOf(config);
  }

  /** @param digest SHA-256 of the token, under which it is remembered
   *  @throws UnauthenticatedError, with a reason that tells nothing of the keys or the
   *    configuration */
  verify(token: string, digest: Buffer): Caller | Promise<Caller> {
    const id = digest.toString('latin1');
    const known = this.callers.get(id);
    return known && known.endsAt > Date.now() ? known : this.verifyAnew(token, id);
  }

  private async verifyAnew(token: string, id: string): Promise<Caller> {
    let payload: JWTPayload;
    try {
      payload = await this.check(token);
      this.failing = false;
    } catch (error) {
      throw this.refusal(error);
    }
    const caller = callerOf(payload, this.config);
    this.callers.set(id, caller);
    return caller;
  }

  private refusal(error: unknown): UnauthenticatedError {
    if (error instanceof errors.JWTExpired) return new UnauthenticatedError('The token has expired.');
    if (error instanceof errors.JWTClaimValidationFailed) {
      if (error.claim === 'nbf') return new UnauthenticatedError('The token is not valid yet.');
      if (error.claim === 'exp') return new UnauthenticatedError('The token has no expiry time (exp).');
      return new UnauthenticatedError('The token has the wrong issuer or audience.');
    }
    if (isCallersFault(error)) return new UnauthenticatedError('The token is invalid.');
    if (!this.failing)
      this.warn(`Tokens cannot be verified: ${error instanceof Error ? error.message : String(error)}`); // once an outage
    this.failing = true;
    return new TokensUncheckableError('Tokens cannot be verified at the moment. Try again shortly.');
  }
}

function verifierOf({ keys, issuer, audience, clockToleranceSeconds }: JwtConfig): Verify {
  const options: JWTVerifyOptions = { clockTolerance: clockToleranceSeconds, requiredClaims: ['exp'] };
  if (issuer !== undefined) options.issuer = issuer;
  if (audience !== undefined) options.audience = audience;
  if ('secret' in keys) {
    const secret = new TextEncoder().encode(keys.secret);
    return async (token) => (await jwtVerify(token, secret, { ...options, algorithms: ['HS256'] })).payload;
  }
  const keySet = /^https?:/.test(keys.jwks)
    ? createRemoteJWKSet(new URL(keys.jwks), { timeoutDuration: KEY_SET_TIMEOUT_MS })
    : createLocalJWKSet(JSON.parse(readFileSync(keys.jwks, 'utf8')) as JSONWebKeySet);
  return async (token) =>
    (await jwtVerify(token, keySet, { ...options, algorithms: KEY_PAIR_ALGORITHMS })).payload;
}

/** What else goes wrong has to do with fetching the key set. */
function isCallersFault(error: unknown): boolean {
  return (
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  );
}

/** @throws UnauthenticatedError when the claims name no role, or a USER without a user */
function callerOf(
  payload: JWTPayload,
  { roleClaim, userIdClaim, clockToleranceSeconds }: JwtConfig,
): Caller {
  const endsAt = ((payload.exp ?? 0) + clockToleranceSeconds) * 1000;
  const roles = [claim(payload, roleClaim)].flat().filter(isRole);
  if (roles.length !== 1) throw new UnauthenticatedError('The token must have exactly one role.');
  if (roles[0] !== 'USER') return callerFor(roles[0], null, endsAt);
  const id = String(claim(payload, userIdClaim));
  if (!/^[1-9]\d{0,9}$/.test(id) || Number(id) > LARGEST_ID)
    throw new UnauthenticatedError('The token has no valid user id.');
  return callerFor('USER', Number(id), endsAt);
}

function isRole(value: unknown): value is Role {
  return (ROLES as readonly unknown[]).includes(value);
}

/** @param name a claim, or the way to one inside others, such as `realm_access.roles` */
function claim(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  let value: unknown = payload;
  for (const part of name.split('.')) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Record<string, unknown>)[part]
        : undefined;
  }
  return value;
}
