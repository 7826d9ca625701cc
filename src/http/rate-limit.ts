/** Rate limit per client and minute: a fixed window in memory, per process. Not
 *  `@fastify/rate-limit` 11.2: it counts Fastify requests only, while WebSocket upgrades and each
 *  operation of a socket share the client's window here; and `/graphql` counts without a
 *  promise. */
import { LRUCache } from 'lru-cache';

const WINDOW_MS = 60_000;
/** Clients remembered at once; the longest unseen is forgotten first. */
const MOST_CLIENTS = 50_000;

export class RateLimiter {
  private readonly windows = new LRUCache<string, { startedAt: number; requests: number }>({
    max: MOST_CLIENTS,
  });

  /** @param perMinute 0: no limit */
  constructor(
    private readonly perMinute: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Counts one request.
   *  @returns 0 when it may go on, else the seconds after which the next one may */
  take(client: string): number {
    if (this.perMinute === 0) return 0;
    const time = this.now();
    let window = this.windows.get(client);
    if (!window || time - window.startedAt >= WINDOW_MS) {
      window = { startedAt: time, requests: 0 };
      this.windows.set(client, window);
    }
    window.requests += 1;
    return window.requests <= this.perMinute
      ? 0
      : Math.max(1, Math.ceil((window.startedAt + WINDOW_MS - time) / 1000));
  }
}
