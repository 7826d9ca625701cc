/** The room put together: what compose.ts needs of it. */
import type { Database } from '../database/database';
import type { ModelStore } from '../experiments/model-store';
import { ImpressionLog } from './impression-log';
import { SplitStore } from './split-store';
import { TrafficRouter } from './traffic-router';
import { TrafficService } from './traffic-service';

export interface TrafficOptions {
  readonly warn: (message: string) => void;
  /** How often the split is looked for and the impressions are written. 0: when asked only. */
  readonly pollMs?: number;
  /** Lists in memory at most. */
  readonly capacity?: number;
}

export interface Traffic {
  readonly router: TrafficRouter;
  readonly impressions: ImpressionLog;
  readonly service: TrafficService;
}

export function createTraffic(
  database: Database,
  models: ModelStore,
  { pollMs, capacity, warn }: TrafficOptions,
): Traffic {
  const store = new SplitStore(database);
  const impressions = new ImpressionLog(database, { warn, ...(capacity !== undefined && { capacity }) });
  const router = new TrafficRouter({ store, impressions, warn, ...(pollMs !== undefined && { pollMs }) });
  return {
    router,
    impressions,
    service: new TrafficService({ database, store, models, router, impressions }),
  };
}
