/** Who is calling: a bearer key → a role. Keys are compared as SHA-256 digests in constant time; only digests are stored. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../config';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { ForbiddenError, UnauthenticatedError } from '../errors';
import type { RequestContext, Role } from './context';

const SQL = join(__dirname, 'sql');

/** What `@Authorized(…)` asks for is ADMIN or MEMBER; ADMIN may do all that MEMBER may.
 *  @returns true when the caller may go on
 *  @throws UnauthenticatedError, ForbiddenError */
export function checkRole(context: RequestContext, roles: readonly string[]): boolean {
  if (context.role === 'ADMIN') return true;
  if (context.role === 'ANONYMOUS') throw new UnauthenticatedError(KEY_WANTED);
  if (roles.includes('MEMBER')) return true;
  throw new ForbiddenError('This needs the admin key, sent as `Authorization: Bearer KEY`.');
}

const KEY_WANTED = 'A key is needed, sent as `Authorization: Bearer KEY`.';

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

export interface KeyRing {
  /** SHA-256 digests of keys that make their bearer an ADMIN. */
  readonly adminHashes: readonly Buffer[];
  /** SHA-256 digest of the reader key, which makes its bearer a MEMBER. */
  readonly readerHash?: Buffer | undefined;
  /** Whether a caller without a key is a MEMBER: the server can be reached from this machine only. */
  readonly openToKeyless: boolean;
}

export class Authenticator {
  constructor(private readonly keys: KeyRing) {}

  /** @param authorization the header's or the connection parameter's value
   *  @throws UnauthenticatedError on a wrong key, even where none is needed: a typing error must not go unnoticed */
  roleOf(authorization: string | undefined): Role {
    if (authorization === undefined || authorization === '') return this.keys.openToKeyless ? 'MEMBER' : 'ANONYMOUS';
    const key = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    if (key === undefined) throw new UnauthenticatedError('The Authorization header must read `Bearer KEY`.');
    const digest = keyHash(key);
    let admin = false;
    for (const hash of this.keys.adminHashes) admin = timingSafeEqual(hash, digest) || admin;
    const reader = this.keys.readerHash !== undefined && timingSafeEqual(this.keys.readerHash, digest);
    if (admin) return 'ADMIN';
    if (reader) return 'MEMBER';
    throw new UnauthenticatedError('This key is not known here.');
  }

  /** As `roleOf`, for the door of the server.
   *  @throws UnauthenticatedError for ANONYMOUS too */
  admit(authorization: string | undefined): Role {
    const role = this.roleOf(authorization);
    if (role === 'ANONYMOUS') throw new UnauthenticatedError(KEY_WANTED);
    return role;
  }
}

export function keyHash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** Makes sure that there is an admin key: the configured one, or one that is generated at the first start and stored as a digest.
 *  @returns the ring for the Authenticator, and the new key in clear (`shown`) if one was just made: it cannot be had again */
export async function ensureAdminKey(
  database: Database,
  config: Pick<Config, 'adminKey' | 'readerKey' | 'host'>,
): Promise<{ keys: KeyRing; shown: string | null }> {
  const ring = {
    readerHash: config.readerKey === undefined ? undefined : keyHash(config.readerKey),
    openToKeyless: isLoopback(config.host),
  };
  if (config.adminKey !== undefined) return { keys: { ...ring, adminHashes: [keyHash(config.adminKey)] }, shown: null };
  const key = `nf_${randomBytes(24).toString('base64url')}`;
  const created = await database.query(sqlFile(SQL, 'create-first-key'), [keyHash(key)]);
  const stored = await database.query<{ hash: Buffer }>(sqlFile(SQL, 'admin-keys'));
  return { keys: { ...ring, adminHashes: stored.map((row) => row.hash) }, shown: created.length > 0 ? key : null };
}
