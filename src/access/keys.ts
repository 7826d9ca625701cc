/** Keys → callers. Only SHA-256 digests are held: a key is 24 random bytes, which cannot be
 *  guessed, so a slow password hash would only cost time in each request. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../config';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import type { CallerRole, Role } from '../request/access-rules';

export const SQL = join(__dirname, 'sql');
/** Any constant will do, so long as no other code locks it. Under it, who counts the admin keys
 *  counts alone. */
export const ADMIN_KEYS_LOCK = 7_213_004_512;

export interface Caller extends CallerRole {
  readonly role: Role;
  /** Milliseconds since 1970 at which this caller expires. A revocation sets it, visible to all
   *  holders of the object. */
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

export function newKey(): string {
  return `nf_${randomBytes(24).toString('base64url')}`;
}

export function keyHash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

interface Entry {
  readonly hash: Buffer;
  readonly caller: Caller;
}

export class KeyRing {
  /** By the first four bytes of the digest, so that a key is found in the same time however many
   *  there are. */
  private readonly entries = new Map<number, Entry[]>();

  set(hash: Buffer, caller: Caller): void {
    const others = (this.entries.get(hash.readUInt32BE()) ?? []).filter(
      (entry) => !entry.hash.equals(hash),
    );
    this.entries.set(hash.readUInt32BE(), [...others, { hash, caller }]);
  }

  /** @param digest of the key that was sent; of what it is compared with, the time taken tells at
   *    most four bytes */
  find(digest: Buffer): Caller | undefined {
    let found: Caller | undefined;
    for (const { hash, caller } of this.entries.get(digest.readUInt32BE()) ?? [])
      if (timingSafeEqual(hash, digest)) found = caller;
    return found;
  }
}

/** @returns the keys of the configuration */
export function configuredKeys(config: Pick<Config, 'adminKey' | 'readerKey'>): KeyRing {
  const ring = new KeyRing();
  if (config.readerKey !== undefined) ring.set(keyHash(config.readerKey), callerFor('MEMBER'));
  if (config.adminKey !== undefined) ring.set(keyHash(config.adminKey), callerFor('ADMIN'));
  return ring;
}

/** Makes an admin key when none is configured and none is stored that still counts.
 *  @returns the new key in clear, if one was just made: it cannot be had again */
export async function makeFirstKey(
  database: Database,
  config: Pick<Config, 'adminKey'>,
): Promise<string | null> {
  if (config.adminKey !== undefined) return null;
  const key = newKey();
  const made = await database.transaction(async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [ADMIN_KEYS_LOCK]);
    return (await client.query(sqlFile(SQL, 'create-first-key'), [keyHash(key)])).rows;
  });
  return made.length > 0 ? key : null;
}
