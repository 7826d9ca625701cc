/** The running split, seen from the service that answers: which user gets which model, and a note
 *  of what they were shown. */

import { Poller } from '../database/poller';
import type { ModelRouter, ServedList } from '../serving/models/served-models';
import { assign } from './assignment';
import type { ImpressionLog } from './impression-log';
import type { Share, Split, SplitStore } from './split-store';

/** Twice a second: with the loading of the models, another server's split is followed within 2
 *  s. */
const DEFAULT_POLL_MS = 500;

export interface TrafficRouterOptions {
  readonly store: SplitStore;
  readonly impressions: ImpressionLog;
  readonly warn: (message: string) => void;
  /** How often the split is looked for and the impressions are written. 0: when asked only. */
  readonly pollMs?: number;
}

interface Routed {
  readonly splitId: number;
  readonly version: number;
  readonly seed: number;
  readonly shares: readonly Share[];
  readonly modelIds: ReadonlySet<number>;
}

export class TrafficRouter implements ModelRouter {
  /** Told when other models are wanted in memory; users are sent to them when it has come back. */
  onModels: () => void | Promise<void> = () => undefined;

  private current: Routed | null = null;
  private next: Routed | null = null;
  private readonly poller: Poller | null;
  private work: Promise<void> = Promise.resolve();

  constructor(private readonly options: TrafficRouterOptions) {
    const pollMs = options.pollMs ?? DEFAULT_POLL_MS;
    this.poller = pollMs > 0 ? new Poller(pollMs, () => this.poll(), options.warn) : null;
  }

  /** Reads the running split, then watches it. Call it before the service loads its models. */
  async start(): Promise<void> {
    this.current = routedBy(await this.options.store.running());
    this.poller?.start();
  }

  /** What was shown is written before it comes back; what cannot be is logged. */
  async stop(): Promise<void> {
    await this.poller?.stop();
    await this.work;
    await this.options.impressions.flush().catch((error: unknown) => {
      this.options.warn(
        `Impressions could not be written before shutdown: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
  }

  modelIds(): readonly number[] {
    return [...new Set([...(this.current?.modelIds ?? []), ...(this.next?.modelIds ?? [])])];
  }

  modelFor(userId: number): number | null {
    return this.current === null ? null : assign(this.current.seed, userId, this.current.shares);
  }

  served({ userId, modelId, movieIds, source }: ServedList): void {
    const { current } = this;
    // A model that could not be read was stood in for: its lists say nothing of it, nor of the one
    // that stood in.
    if (current === null || modelId === null || modelId !== this.modelFor(userId)) return;
    this.options.impressions.note({ splitId: current.splitId, modelId, userId, movieIds, source });
  }

  /** Checks immediately whether the split has changed, and applies it. */
  refresh(): Promise<void> {
    const turn = this.work.then(() => this.follow());
    this.work = turn.catch(() => undefined);
    return turn;
  }

  private async poll(): Promise<void> {
    await this.refresh();
    await this.options.impressions.flush();
  }

  private async follow(): Promise<void> {
    const split = routedBy(await this.options.store.running());
    if (split?.splitId === this.current?.splitId && split?.version === this.current?.version) return;
    // Into memory first: meanwhile everyone stays where they are.
    this.next = split;
    try {
      await this.onModels();
      this.current = split;
    } finally {
      this.next = null;
    }
    await this.onModels(); // models without users any more
  }
}

function routedBy(split: Split | null): Routed | null {
  if (split === null) return null;
  const shares = split.shares.filter(({ weight }) => weight > 0);
  return {
    splitId: split.id,
    version: split.version,
    seed: split.seed,
    shares,
    modelIds: new Set(shares.map(({ modelId }) => modelId)),
  };
}
