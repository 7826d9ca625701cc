/** Keys → callers. Only SHA-256 digests are held: a key is 24 random bytes, which nobody can try
 *  out, so a slow password hash would protect nothing and cost each request. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Caller } from './caller';

/** @returns a new key: 24 random bytes, so that nobody can try them out */
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
    const others = (this.entries.get(hash.readUInt32BE()) ?? []).filter((entry) => !entry.hash.equals(hash));
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
