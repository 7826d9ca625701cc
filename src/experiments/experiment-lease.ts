/** The queue: a runner leases an experiment, and its writes count only while it holds the lease. */

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { AppError } from '../errors';
import type { ColdStartRow } from '../evaluation/cold-start/curve';
import type { MetricRow } from '../evaluation/evaluate';
import { type MetricName, measurementName } from '../evaluation/metrics';
import type { AnyProtocolName } from '../evaluation/protocols';
import { type EpochProgress } from '../models/system';
import type { ExperimentStage } from './enums';
import { codeRevision, trainingEnvironment } from './environment';
import { Experiment } from './experiment.entity';
import type { DataDescription } from './training';
import { saveUserFigures, type UserFigures } from './user-figures';

const SQL = join(__dirname, 'sql');
/** How often a training is tried whose runner vanishes. */
export const ATTEMPTS = 2;

/** @param everyLease true at the start of the only process that can train: all leases are stale
 *  @returns how many experiments were queued again, or failed or cancelled for good */
export async function recoverAbandoned(database: Database, everyLease: boolean): Promise<number> {
  const reason = `The server stopped during training, ${ATTEMPTS} times.`;
  const rows = await database.query(sqlFile(SQL, 'recover'), [everyLease, ATTEMPTS, reason]);
  return rows.length;
}

/** The lease was taken by another runner, or the experiment was deleted: nothing more may be
 *  written. */
export class LeaseLostError extends AppError {
  readonly code = 'INTERNAL_SERVER_ERROR';
}

/** @returns null when nothing waits */
export async function leaseNext(database: Database, leaseMs: number): Promise<ExperimentLease | null> {
  const owner = `${hostname()}:${process.pid}:${randomUUID()}`;
  const parameters = [owner, leaseMs, codeRevision(), JSON.stringify(trainingEnvironment())];
  const [row] = await database.query<{ id: number }>(sqlFile(SQL, 'lease'), parameters);
  if (!row) return null;
  const experiment = await database.dataSource.getRepository(Experiment).findOneByOrFail({ id: row.id });
  return new ExperimentLease(database, owner, leaseMs, experiment);
}

export class ExperimentLease {
  constructor(
    private readonly database: Database,
    private readonly owner: string,
    private readonly leaseMs: number,
    readonly experiment: Experiment,
  ) {}

  /** Holds the lease and shows how far it is.
   *  @returns whether it is to be cancelled
   *  @throws LeaseLostError */
  async heartbeat(stage: ExperimentStage, progress: number): Promise<boolean> {
    return this.cancelRequested('heartbeat', [this.leaseMs, stage, progress]);
  }

  /** As `heartbeat`, writing nothing. */
  async watch(): Promise<boolean> {
    return this.cancelRequested('watch', []);
  }

  private async cancelRequested(statement: string, more: readonly unknown[]): Promise<boolean> {
    const rows = await this.database.query<{ cancel_requested: boolean }>(sqlFile(SQL, statement), [
      ...this.key,
      ...more,
    ]);
    if (rows.length === 0)
      throw new LeaseLostError(`The lease of experiment ${this.experiment.id} was lost.`);
    return rows[0].cancel_requested;
  }

  async recordData(
    { datasetHash, counts, backend }: DataDescription,
    loadingSeconds: number,
  ): Promise<void> {
    await this.database.query(sqlFile(SQL, 'record-data'), [
      ...this.key,
      datasetHash,
      JSON.stringify(counts),
      backend,
      loadingSeconds,
    ]);
  }

  async recordEpoch({ epoch, loss, validationMetric, seconds }: EpochProgress): Promise<void> {
    await this.database.query(sqlFile(SQL, 'record-epoch'), [
      ...this.key,
      epoch,
      loss,
      validationMetric ?? null,
      seconds,
    ]);
  }

  /** Writes measurements, seconds and the final status in the caller's transaction.
   *  @throws LeaseLostError, also when cancellation was requested */
  async succeed(
    client: pg.PoolClient,
    end: {
      metrics: readonly MetricRow<AnyProtocolName>[];
      userFigures: readonly UserFigures[];
      coldStart: readonly ColdStartRow[];
      note: string;
      trainingSeconds: number;
      evaluationSeconds: number;
    },
  ): Promise<void> {
    const { id } = this.experiment;
    await client.query(sqlFile(SQL, 'insert-metrics'), [id, ...columnsOf(end.metrics, METRIC_COLUMNS)]);
    await saveUserFigures(client, id, end.userFigures);
    await client.query(sqlFile(SQL, 'insert-cold-start'), [id, ...columnsOf(end.coldStart, CURVE_COLUMNS)]);
    const values = ['SUCCEEDED', null, end.note, end.trainingSeconds, end.evaluationSeconds];
    const { rowCount } = await client.query(sqlFile(SQL, 'finish'), [...this.key, ...values]);
    if (rowCount === 0)
      throw new LeaseLostError(`Experiment ${this.experiment.id} was cancelled, or its lease was lost.`);
  }

  /** Does nothing when the lease is lost. */
  async fail(reason: string): Promise<void> {
    await this.database.query(sqlFile(SQL, 'finish'), [...this.key, 'FAILED', reason, null, null, null]);
  }

  /** Does nothing when the lease is lost. */
  async cancel(): Promise<void> {
    await this.database.query(sqlFile(SQL, 'finish'), [...this.key, 'CANCELLED', null, null, null, null]);
  }

  /** For the moment between the last look and a success: a cancellation that came then counts. */
  async cancelIfRequested(): Promise<void> {
    const requested = await this.watch().catch((error: unknown) => {
      if (error instanceof LeaseLostError) return false;
      throw error;
    });
    if (requested) await this.cancel();
  }

  /** Gives it back to the queue, as if it had never been taken. */
  async giveBack(): Promise<void> {
    await this.database.query(sqlFile(SQL, 'requeue-own'), this.key);
  }

  private get key(): [number, string] {
    return [this.experiment.id, this.owner];
  }
}

const METRIC_COLUMNS = ['protocol', 'split', 'name', 'mean', 'ciLow', 'ciHigh', 'users'] as const;
const CURVE_COLUMNS = ['knownRatings', 'name', 'mean', 'ciLow', 'ciHigh', 'users'] as const;

/** @returns the array parameters of a statement that inserts measurements; those at a cut-off that
 *    is not stored are skipped */
function columnsOf<Row extends { readonly metric: MetricName; readonly k: number }>(
  rows: readonly Row[],
  columns: readonly (keyof Row | 'name')[],
): unknown[][] {
  const stored = rows
    .map((row) => ({ ...row, name: measurementName(row.metric, row.k) }))
    .filter(({ name }) => name !== undefined);
  return columns.map((column) => stored.map((row) => row[column]));
}
