/** Sees to it that somebody can administer: by the configured key, or by one that is made at the
 *  first start. */
import type { Config } from '../config';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { callerFor } from './caller';
import { KeyRing, keyHash, newKey } from './key-ring';
import { SQL } from './key-store';

/** Any constant will do, so long as no other code locks it. Under it, who counts the admin keys
 *  counts alone. */
export const ADMIN_KEYS_LOCK = 7_213_004_512;

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
