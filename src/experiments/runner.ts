/** Takes experiments from the queue and trains them, one at a time, each in its own thread. The
 *  server has one, and so has each `nearfield worker`; the lease in the database decides who trains
 *  what. */

import type { Database } from '../database/database';
import { AppError, reasonOf } from '../errors';
import { runInThread } from '../lab/run';
import { systemNamed } from '../models/systems';
import { threadFile } from '../threads';
import { type CatalogColumns, transferOf } from './catalog-columns';
import type { ExperimentStage } from './enums';
import { type ExperimentLease, LeaseLostError, leaseNext, recoverAbandoned } from './experiment-lease';
import { loadCatalogColumns } from './load-training-data';
import type { ModelStore } from './model-store';
import { advanceSearch, advanceStalledSearches } from './search/advance';
import type { DataDescription, TrainingRequest, TrainingResult } from './training';

/** What of a logger is needed (pino's fits). */
export interface RunnerLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

export interface RunnerOptions {
  readonly backend: TrainingRequest['backend'];
  readonly log: RunnerLog;
  /** False: only requeues experiments whose runner died (a server that leaves training to
   *  workers). */
  readonly trains?: boolean;
  readonly pollMs?: number;
  readonly leaseMs?: number;
  readonly heartbeatMs?: number;
  /** Another main file for the training thread: tests of what a crash does. */
  readonly threadFile?: string;
  /** Limit of the training thread's heap. */
  readonly heapMegabytes?: number;
}

/** Why a running training is interrupted. */
class Interruption extends AppError {
  readonly code = 'INTERNAL_SERVER_ERROR';
  constructor(readonly why: 'CANCELLED' | 'STOPPING' | 'LEASE_LOST') {
    super(why);
  }
}

/** Share of the whole that each stage has, for `progress`. */
const STAGES: Readonly<
  Record<'LOADING' | 'TRAINING' | 'EVALUATING' | 'PUBLISHING', readonly [from: number, to: number]>
> = {
  LOADING: [0, 0.05],
  TRAINING: [0.05, 0.85],
  EVALUATING: [0.85, 0.98],
  PUBLISHING: [0.98, 0.99],
};
/** Often enough that a cancelled training stops within 2 s: this, and the 1.5 s a thread may
 *  take. */
const WATCH_MS = 300;
const NOTEWORTHY_PROGRESS = 0.01;

export class ExperimentRunner {
  private readonly pollMs: number;
  private readonly leaseMs: number;
  private readonly heartbeatMs: number;
  private current: { readonly id: number; readonly interruption: AbortController } | null = null;
  private loop: Promise<void> | null = null;
  private stopping = false;
  private recoveredAt = 0;
  private rouse: () => void = () => undefined;
  private awake = false;

  constructor(
    private readonly database: Database,
    private readonly models: ModelStore,
    private readonly options: RunnerOptions,
  ) {
    this.pollMs = options.pollMs ?? 1_000;
    this.leaseMs = options.leaseMs ?? 20_000;
    this.heartbeatMs = options.heartbeatMs ?? this.leaseMs / 4;
  }

  /** Begins to take experiments, and returns.
   *  @param soleOwner whether nothing else can be training (the owner of an embedded database that
   *    has just started): what the database calls running is then queued again at once, instead of
   *    when its lease expires
   *  @throws DatabaseUnavailableError */
  async start({ soleOwner = false } = {}): Promise<void> {
    if (this.loop) throw new Error('The runner has already been started.');
    await this.recover(soleOwner);
    this.loop = this.run();
  }

  /** An experiment was queued: polls immediately. */
  wake(): void {
    this.awake = true;
    this.rouse();
  }

  /** A training was cancelled: if it runs here, stops it now instead of at the next poll. */
  cancel(experimentId: number): void {
    if (this.current?.id === experimentId) this.current.interruption.abort(new Interruption('CANCELLED'));
  }

  /** Stops within some two seconds; what runs goes back to the queue, and the next start takes it
   *  up again. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.current?.interruption.abort(new Interruption('STOPPING'));
    this.rouse();
    await this.loop;
  }

  private async run(): Promise<void> {
    let failing = false;
    while (!this.stopping) {
      try {
        if (Date.now() - this.recoveredAt >= this.leaseMs / 2) await this.recover(false);
        const lease = this.options.trains === false ? null : await leaseNext(this.database, this.leaseMs);
        if (lease) await this.train(lease);
        else await this.rest();
        failing = false;
      } catch (error) {
        if (!failing)
          this.options.log.warn({ err: error }, 'The runner cannot reach its queue and keeps retrying.');
        failing = true;
        await this.rest();
      }
    }
  }

  private async recover(everyLease: boolean): Promise<void> {
    const count = await recoverAbandoned(this.database, everyLease);
    this.recoveredAt = Date.now();
    if (count > 0)
      this.options.log.warn({ count }, 'Experiments without a runner were queued again or closed.');
    await advanceStalledSearches(this.database);
  }

  /** Until the next poll, or `wake`, or `stop`. */
  private async rest(): Promise<void> {
    if (!this.awake && !this.stopping) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.pollMs);
        this.rouse = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.awake = false;
  }

  private async train(lease: ExperimentLease): Promise<void> {
    const { id, algorithm, searchId } = lease.experiment;
    const { log } = this.options;
    const interruption = new AbortController();
    this.current = { id, interruption };
    if (this.stopping) interruption.abort(new Interruption('STOPPING'));
    log.info({ experiment: id, algorithm }, 'Training started.');
    try {
      const note = await this.trainAndPublish(lease, interruption);
      log.info({ experiment: id, algorithm }, `Training finished. ${note}`);
    } catch (error) {
      await this.close(lease, error);
    } finally {
      this.current = null;
    }
    if (searchId !== null) await advanceSearch(this.database, searchId);
  }

  private async trainAndPublish(lease: ExperimentLease, interruption: AbortController): Promise<string> {
    const { algorithm, hyperparameters, seed, protocol, searchRole, measureColdItems } = lease.experiment;
    const report = new Report(lease, interruption, this.leaseMs, this.heartbeatMs);
    const startedAt = performance.now();
    let datasetHash = '';
    try {
      const request: TrainingRequest = {
        algorithm,
        hyperparameters,
        seed,
        protocol,
        backend: this.options.backend,
        trial: searchRole === 'TRIAL',
        measureColdItems,
      };
      const result = await runInThread<TrainingRequest, CatalogColumns, TrainingResult, DataDescription>(
        {
          file: this.options.threadFile ?? threadFile(__filename, 'training-thread'),
          request,
          data: async (signal) => {
            const data = await loadCatalogColumns(this.database, {
              task: systemNamed(algorithm).task,
              signal,
              onProgress: (fraction) => report.at('LOADING', fraction),
            });
            return { data, transfer: transferOf(data) };
          },
          signal: interruption.signal,
          onDescription: (data) => {
            ({ datasetHash } = data);
            report.write(() => lease.recordData(data, (performance.now() - startedAt) / 1000));
          },
          onEpoch: (_, record) => report.write(() => lease.recordEpoch(record)),
          onProgress: (stage, fraction) =>
            report.at(stage === 'EVALUATING' ? 'EVALUATING' : 'TRAINING', fraction),
        },
        { heapMegabytes: this.options.heapMegabytes },
      );
      report.at('PUBLISHING', 0);
      const publication = await this.decide(lease, result, datasetHash); // may take seconds, during which the heartbeat continues
      await report.flush();
      interruption.signal.throwIfAborted();
      return await this.publish(lease, result, publication);
    } finally {
      await report.end();
    }
  }

  /** First the verdict of the training thread on the model itself, then that of the guard against
   *  the model in service. */
  private async decide(
    lease: ExperimentLease,
    { publication, userFigures }: TrainingResult,
    datasetHash: string,
  ): Promise<TrainingResult['publication']> {
    const { id: experimentId, protocol, publish } = lease.experiment;
    if (!publication.publish) return publication;
    if (!publish) return { publish: false, note: `Not published, as requested. ${publication.note}` };
    const verdict = await this.models.guard.judge({
      experimentId,
      protocol,
      datasetHash,
      figures: userFigures,
    });
    if (verdict.worse)
      return { publish: false, note: `Not published. ${verdict.note} ${publication.note}` };
    return { publish: true, note: `${publication.note} ${verdict.note}`.trimEnd() };
  }

  /** Model, activation, measurements and the final status become true together. */
  private async publish(
    lease: ExperimentLease,
    result: TrainingResult,
    { publish, note }: TrainingResult['publication'],
  ): Promise<string> {
    const { id, algorithm, searchRole } = lease.experiment;
    await this.database.transaction(async (client) => {
      await lease.succeed(client, { ...result, note });
      if (searchRole === 'TRIAL') return; // models of trials are never served
      await this.models.save(
        client,
        { experimentId: id, algorithm, servable: result.servable, artifact: result.artifact },
        publish,
      );
    });
    return note;
  }

  private async close(lease: ExperimentLease, error: unknown): Promise<void> {
    const { log } = this.options;
    const { id } = lease.experiment;
    const why =
      error instanceof Interruption ? error.why : error instanceof LeaseLostError ? 'LEASE_LOST' : null;
    if (why === 'STOPPING') {
      await lease.giveBack();
      log.info({ experiment: id }, 'Training was interrupted; it resumes at the next start.');
    } else if (why === 'CANCELLED') {
      await lease.cancel();
      log.info({ experiment: id }, 'Training was cancelled.');
    } else if (why === 'LEASE_LOST') {
      // Cancelled in the very moment of its success, or taken by another runner: then this changes
      // nothing.
      await lease.cancelIfRequested();
      log.warn({ experiment: id }, 'Training stopped because its lease was lost.');
    } else {
      await lease.fail(reasonOf(error));
      log.warn({ experiment: id, err: error }, 'Training failed.');
    }
  }
}

/** Writes of a running training: small statements, one after another, and the heartbeat of its
 *  lease. */
class Report {
  private stage: ExperimentStage = 'LOADING';
  private progress = 0;
  private written: { stage: ExperimentStage; progress: number; at: number } = {
    stage: 'LOADING',
    progress: 0,
    at: Date.now(),
  };
  private readonly timer: NodeJS.Timeout;
  private writes: Promise<void> = Promise.resolve();
  private looking = false;

  constructor(
    private readonly lease: ExperimentLease,
    private readonly interruption: AbortController,
    private readonly leaseMs: number,
    private readonly heartbeatMs: number,
  ) {
    this.timer = setInterval(() => {
      if (this.looking) return;
      this.looking = true;
      this.write(() => this.look());
    }, WATCH_MS);
  }

  at(stage: keyof typeof STAGES, fraction: number): void {
    const [from, to] = STAGES[stage];
    this.stage = stage;
    this.progress = Math.max(this.progress, from + (to - from) * Math.min(1, Math.max(0, fraction)));
  }

  /** In the order of the calls. A database that is away for a moment does not end the training; a
   *  lost lease does. */
  write(statement: () => Promise<void>): void {
    this.writes = this.writes.then(statement).catch((error: unknown) => {
      const expired = Date.now() - this.written.at > this.leaseMs;
      if (error instanceof LeaseLostError || expired)
        this.interruption.abort(new Interruption('LEASE_LOST'));
    });
  }

  private async look(): Promise<void> {
    try {
      const { stage, progress } = this;
      const news = stage !== this.written.stage || progress - this.written.progress >= NOTEWORTHY_PROGRESS;
      const due = news || Date.now() - this.written.at >= this.heartbeatMs;
      const cancelled = due ? await this.lease.heartbeat(stage, progress) : await this.lease.watch();
      if (due) this.written = { stage, progress, at: Date.now() };
      if (cancelled) this.interruption.abort(new Interruption('CANCELLED'));
    } finally {
      this.looking = false;
    }
  }

  /** Shows the stage now, and then nothing more. */
  async flush(): Promise<void> {
    clearInterval(this.timer);
    this.write(async () => {
      if (await this.lease.heartbeat(this.stage, this.progress))
        this.interruption.abort(new Interruption('CANCELLED'));
    });
    await this.writes;
  }

  /** Writes nothing from now on. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.writes;
  }
}
