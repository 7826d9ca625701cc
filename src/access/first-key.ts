/** Sees to it that somebody can administer: by the configured key, or by one that is made at the first start. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../config';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { callerFor } from './caller';
import { KeyRing, keyHash } from './key-ring';

const SQL = join(__dirname, 'sql');

/** @returns a new key: 24 random bytes, so that nobody can try them out */
export function newKey(): string {
  return `nf_${randomBytes(24).toString('base64url')}`;
}

/** Puts the configured keys on a new ring, and makes an admin key when there is none.
 *  @returns the ring, and the new key in clear (`shown`) if one was just made: it cannot be had again */
export async function ensureAdminKey(
  database: Database,
  config: Pick<Config, 'adminKey' | 'readerKey'>,
): Promise<{ keys: KeyRing; shown: string | null }> {
  const keys = new KeyRing();
  if (config.readerKey !== undefined) keys.set(keyHash(config.readerKey), callerFor('MEMBER'));
  if (config.adminKey !== undefined) {
    keys.set(keyHash(config.adminKey), callerFor('ADMIN'));
    return { keys, shown: null };
  }
  const key = newKey();
  const created = await database.query(sqlFile(SQL, 'create-first-key'), [keyHash(key)]);
  const stored = await database.query<{ hash: Buffer }>(sqlFile(SQL, 'admin-keys'));
  for (const { hash } of stored) keys.set(hash, callerFor('ADMIN'));
  return { keys, shown: created.length > 0 ? key : null };
}
