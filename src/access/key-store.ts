/** The stored keys, in memory: a request costs no SQL. What other processes made or revoked is seen
 *  within 2 s, by polling; while the database cannot be reached, the keys that are known go on. */
import type { Database } from '../database/database';
import { Poller } from '../database/poller';
import { sqlFile } from '../database/sql';
import type { ApiKey } from './api-key.entity';
import { type Caller, callerFor, type KeyRing, SQL } from './keys';

const POLL_MS = 1_000;
const NOTE_USE_MS = 60_000;

export type StoredKey = Pick<
  ApiKey,
  'id' | 'hash' | 'role' | 'userId' | 'generated' | 'expiresAt' | 'revokedAt'
>;

export interface KeyStoreOptions {
  readonly database: Database;
  /** Receives the keys, in addition to the configured ones. */
  readonly ring: KeyRing;
  /** Whether an admin key is configured; it replaces the one that the first start created. */
  readonly adminConfigured: boolean;
  readonly warn: (message: string) => void;
}

export class KeyStore {
  private readonly known = new Map<number, { readonly caller: Caller; notedAt: number }>();
  private readonly pollers: readonly Poller[];
  /** Seconds since 1970, by the database's clock, of the newest change that was read. */
  private readTo = 0;

  constructor(private readonly options: KeyStoreOptions) {
    const every = (ms: number, task: () => Promise<void>) => new Poller(ms, task, options.warn);
    this.pollers = [every(POLL_MS, () => this.read()), every(NOTE_USE_MS, () => this.noteUse())];
  }

  /** Reads all keys and keeps polling for changes. */
  async start(): Promise<void> {
    await this.read();
    for (const poller of this.pollers) poller.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.pollers.map((poller) => poller.stop()));
    await this.noteUse().catch(() => undefined);
  }

  /** A key that was just made or revoked: from now on it counts, or does not. */
  apply(key: StoredKey): void {
    const endsAt = key.revokedAt ? 0 : (key.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
    const known = this.known.get(key.id);
    // A read that began before a revocation may finish after it.
    if (known) known.caller.endsAt = Math.min(known.caller.endsAt, endsAt);
    if (known || endsAt <= Date.now() || (key.generated && this.options.adminConfigured)) return;
    const caller = callerFor(key.role, key.userId, endsAt);
    this.known.set(key.id, { caller, notedAt: 0 });
    this.options.ring.set(key.hash, caller);
  }

  private async read(): Promise<void> {
    const rows = await this.options.database.query<StoredKey & { changedAt: number }>(
      sqlFile(SQL, 'changed-keys'),
      [this.readTo],
    );
    for (const row of rows) {
      this.apply(row);
      this.readTo = Math.max(this.readTo, row.changedAt);
    }
  }

  private async noteUse(): Promise<void> {
    const used = [...this.known].filter(([, { caller, notedAt }]) => caller.lastSeenAt > notedAt);
    if (used.length === 0) return;
    const at = used.map(([, { caller }]) => caller.lastSeenAt);
    await this.options.database.query(sqlFile(SQL, 'note-use'), [
      used.map(([id]) => id),
      at.map((ms) => ms / 1000),
    ]);
    used.forEach(([, entry], i) => {
      entry.notedAt = at[i];
    });
  }
}
