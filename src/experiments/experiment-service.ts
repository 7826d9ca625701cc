/** What clients may do with experiments: ask for one, cancel, look, wait. The queue is the table; a
 *  runner somewhere does the work. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { In, IsNull, type SelectQueryBuilder } from 'typeorm';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import {
  BadUserInputError,
  ConflictError,
  NotFoundError,
  ShuttingDownError,
  TrainingInProgressError,
} from '../errors';
import { TAG_PROTOCOL } from '../evaluation/protocols';
import { type AnySystem, SYSTEM_NAMES, systemNamed } from '../models/systems';
import {
  EVALUATION_PROTOCOLS,
  type EvaluationProtocol,
  type ExperimentStatus,
  FINAL_STATUSES,
  MetricName,
} from './enums';
import { DEFAULT_SEED, Experiment } from './experiment.entity';
import type { ExperimentFilter, TrainModelInput } from './experiment.input';
import { completeHyperparameters } from './hyperparameters';
import { ColdStartPoint, EpochRecord, Metric } from './metric.entity';
import { Model } from './model.entity';
import { advanceSearch } from './search/advance';

const SQL = join(__dirname, 'sql');
const LARGEST_INTEGER = 2_147_483_647;
export const LARGEST_LIST = 200;

/** Absent fields have the defaults of TrainModelInput. */
export type TrainingInput = Optional<Omit<TrainModelInput, 'hyperparameters' | 'search' | 'wait'>> & {
  /** As the client sends them: checked and completed by the algorithm. */
  readonly hyperparameters?: unknown;
};
export type ExperimentQuery = Optional<Omit<ExperimentFilter, 'searchId'>> & {
  readonly searchId?: number | null;
};
type Optional<Fields> = { readonly [Name in keyof Fields]?: Fields[Name] | null | undefined };

export interface ExperimentSort {
  /** Of the experiment's own protocol on TEST; absent: by time of creation. */
  readonly metric?: MetricName | null | undefined;
  readonly direction: 'ASCENDING' | 'DESCENDING';
}

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** Who trains in this process, if anyone. */
export interface LocalRunner {
  wake(): void;
  cancel(experimentId: number): void;
}

export interface ExperimentServiceOptions {
  /** How many experiments may wait at once. */
  readonly maxQueued?: number;
  readonly runner?: LocalRunner | undefined;
  readonly pollMs?: number;
}

/** A subscriber's view of one experiment. */
export class ExperimentWatch {
  /** The last record was sent, or the subscriber disconnected. */
  over = false;
  private shown = '';

  constructor(readonly experimentId: number) {}

  isNews({ status, stage, progress, datasetHash, attempts }: Experiment): boolean {
    const state = JSON.stringify([status, stage, progress, datasetHash, attempts]);
    const news = state !== this.shown;
    this.shown = state;
    return news;
  }
}

export class ExperimentService {
  private readonly closing = new AbortController();

  constructor(
    private readonly database: Database,
    private readonly options: ExperimentServiceOptions = {},
  ) {}

  /** Queues a training and answers at once.
   *  @throws BadUserInputError naming the field, TrainingInProgressError when too many wait
   *  already */
  async start(input: TrainingInput = {}): Promise<Experiment> {
    const { algorithm, protocol, seed } = checkTraining(input);
    const hyperparameters = completeHyperparameters(algorithm, input.hyperparameters);
    // In the order of enqueue.sql. A field of TrainModelInput that is not stored does not compile.
    const stored = {
      algorithm: algorithm.name,
      protocol,
      hyperparameters: JSON.stringify(hyperparameters),
      seed,
      publish: input.publish ?? true,
      measureColdItems: input.measureColdItems ?? false,
    } satisfies Record<keyof Omit<TrainModelInput, 'search' | 'wait'>, unknown>;
    const [row] = await this.database.query<{ id: number }>(sqlFile(SQL, 'enqueue'), [
      ...Object.values(stored),
      this.maxQueued,
    ]);
    if (!row) throw this.full();
    const experiment = await this.require(row.id);
    this.wake();
    return experiment;
  }

  /** How many experiments may wait at once. */
  get maxQueued(): number {
    return this.options.maxQueued ?? 100;
  }

  full(): TrainingInProgressError {
    return new TrainingInProgressError(
      `${this.maxQueued} experiments are already queued; wait for some to finish, or cancel them.`,
    );
  }

  /** Tells this process's runner, if it has one, that something waits. */
  wake(): void {
    this.options.runner?.wake();
  }

  /** Stops what this process's runner trains, if it is this; runners elsewhere learn it from the
   *  database. */
  interrupt(id: number): void {
    this.options.runner?.cancel(id);
  }

  /** What waits is cancelled at once; what runs stops within two seconds. To cancel again what is
   *  being cancelled changes nothing.
   *  @throws NotFoundError, ConflictError when it is over already */
  async cancel(id: number): Promise<Experiment> {
    const [row] = isId(id)
      ? await this.database.query<{ status: ExperimentStatus }>(sqlFile(SQL, 'cancel'), [id])
      : [];
    if (row?.status === 'RUNNING') this.interrupt(id);
    const experiment = await this.require(id);
    if (!row) throw new ConflictError(`Experiment ${id} has already ended (${experiment.status}).`);
    // Perhaps the last that its search waited for; what runs, its runner looks after.
    if (experiment.searchId !== null) await advanceSearch(this.database, experiment.searchId);
    return experiment;
  }

  async get(id: number): Promise<Experiment | null> {
    return isId(id) ? this.database.dataSource.getRepository(Experiment).findOneBy({ id }) : null;
  }

  /** @throws NotFoundError */
  async require(id: number): Promise<Experiment> {
    const experiment = await this.get(id);
    if (!experiment) throw new NotFoundError('experiment', id);
    return experiment;
  }

  /** @returns newest first, unless `sort` says otherwise; experiments without the metric come last
   *  @throws BadUserInputError on a limit outside 1 to 200 or a negative offset */
  async find(
    query: ExperimentQuery = {},
    sort: ExperimentSort | null = null,
    page: Page = { limit: 50, offset: 0 },
  ): Promise<Experiment[]> {
    checkPage(page);
    const builder = this.database.dataSource.getRepository(Experiment).createQueryBuilder('experiment');
    filter(builder, query);
    order(builder, sort);
    return builder.limit(page.limit).offset(page.offset).getMany();
  }

  /** @returns once the status is final
   *  @throws NotFoundError, ShuttingDownError */
  async wait(id: number): Promise<Experiment> {
    const watch = new ExperimentWatch(id);
    for (;;) {
      const experiment = await this.next(watch);
      if (watch.over) return experiment;
    }
  }

  /** @returns the record at the first call, and then whenever it has changed; `watch.over` says
   *    that this was the last. Works for trainings in any process
   *  @throws NotFoundError, ShuttingDownError */
  async next(watch: ExperimentWatch): Promise<Experiment> {
    try {
      for (;;) {
        const experiment = await this.require(watch.experimentId);
        if (FINAL_STATUSES.has(experiment.status)) watch.over = true;
        if (watch.isNews(experiment) || watch.over) return experiment;
        await this.pause();
      }
    } catch (error) {
      watch.over = true;
      throw error;
    }
  }

  /** Until it is time to look again.
   *  @throws ShuttingDownError */
  async pause(): Promise<void> {
    await sleep(this.options.pollMs ?? 300, undefined, { signal: this.closing.signal }).catch(() => {
      throw new ShuttingDownError('The server is stopping; the training resumes at its next start.');
    });
  }

  /** Ends what waits and follows, so that the server can stop. */
  close(): void {
    this.closing.abort();
  }

  experimentsByIds(ids: readonly number[]): Promise<Experiment[]> {
    return this.database.dataSource.getRepository(Experiment).findBy({ id: In([...ids]) });
  }

  metricsOf(experimentIds: readonly number[]): Promise<Metric[]> {
    const order = { experimentId: 'ASC', protocol: 'DESC', split: 'ASC', name: 'ASC' } as const;
    return this.database.dataSource
      .getRepository(Metric)
      .find({ where: { experimentId: In([...experimentIds]) }, order });
  }

  coldStartOf(experimentIds: readonly number[]): Promise<ColdStartPoint[]> {
    const order = { experimentId: 'ASC', name: 'ASC', knownRatings: 'ASC' } as const;
    return this.database.dataSource
      .getRepository(ColdStartPoint)
      .find({ where: { experimentId: In([...experimentIds]) }, order });
  }

  epochsOf(experimentIds: readonly number[]): Promise<EpochRecord[]> {
    const order = { experimentId: 'ASC', epoch: 'ASC' } as const;
    return this.database.dataSource
      .getRepository(EpochRecord)
      .find({ where: { experimentId: In([...experimentIds]) }, order });
  }

  modelsOf(experimentIds: readonly number[]): Promise<Model[]> {
    return this.database.dataSource
      .getRepository(Model)
      .findBy({ experimentId: In([...experimentIds]), deletedAt: IsNull() });
  }
}

/** What every training is asked for with, checked.
 *  @throws BadUserInputError naming the field */
export function checkTraining(input: TrainingInput): {
  algorithm: AnySystem;
  protocol: EvaluationProtocol;
  seed: number;
} {
  const algorithm = systemNamed(checkedName('algorithm', input.algorithm ?? 'TWO_TOWER', SYSTEM_NAMES));
  const { name, task } = algorithm;
  const usual = task === 'TAGS' ? TAG_PROTOCOL : 'SAMPLED_LAST_ITEM';
  const protocol = checkedName('protocol', input.protocol ?? usual, EVALUATION_PROTOCOLS);
  if ((protocol === TAG_PROTOCOL) !== (task === 'TAGS')) {
    const fitting =
      task === 'TAGS' ? `${name} ranks tags and requires ${TAG_PROTOCOL}` : `${name} ranks movies`;
    throw new BadUserInputError('input.protocol', `${fitting}: it does not support ${protocol}.`);
  }
  if (input.measureColdItems && protocol !== 'COLD_ITEMS') {
    throw new BadUserInputError(
      'input.measureColdItems',
      `input.measureColdItems requires the protocol COLD_ITEMS, not ${protocol}.`,
    );
  }
  return {
    algorithm,
    protocol,
    seed: checkSeed('input.seed', input.seed ?? DEFAULT_SEED),
  };
}

/** @throws BadUserInputError on a limit outside 1 to 200 or a negative offset */
export function checkPage(page: Page): void {
  if (!(page.limit > 0 && page.limit <= LARGEST_LIST))
    throw new BadUserInputError('limit', `limit must be from 1 to ${LARGEST_LIST}.`);
  if (!(page.offset >= 0)) throw new BadUserInputError('offset', 'offset must be 0 or more.');
}

/** @throws BadUserInputError naming the field */
export function checkSeed(field: string, seed: number): number {
  if (Number.isInteger(seed) && seed >= 0 && seed <= LARGEST_INTEGER) return seed;
  throw new BadUserInputError(field, `A seed must be a whole number from 0 to ${LARGEST_INTEGER}.`);
}

function filter(builder: SelectQueryBuilder<Experiment>, query: ExperimentQuery): void {
  for (const field of ['algorithm', 'status', 'protocol', 'datasetHash', 'searchId'] as const) {
    if (query[field] != null)
      builder.andWhere(`experiment.${field} = :${field}`, { [field]: query[field] });
  }
  const { createdAfter, createdBefore } = query;
  if (createdAfter) builder.andWhere('experiment.createdAt >= :createdAfter', { createdAfter });
  if (createdBefore) builder.andWhere('experiment.createdAt < :createdBefore', { createdBefore });
}

function order(builder: SelectQueryBuilder<Experiment>, sort: ExperimentSort | null): void {
  const direction = sort?.direction === 'ASCENDING' ? 'ASC' : 'DESC';
  if (sort?.metric != null) {
    const own =
      'metric.experimentId = experiment.id and metric.protocol = experiment.protocol and ' +
      'metric.split = :split and metric.name = :name';
    const name = checkedName('orderBy.metric', sort.metric, Object.values(MetricName));
    builder
      .leftJoin(Metric, 'metric', own, { split: 'TEST', name })
      .addOrderBy('metric.mean', direction, 'NULLS LAST');
    builder.addOrderBy('experiment.id', 'DESC');
  } else {
    builder.addOrderBy('experiment.createdAt', direction).addOrderBy('experiment.id', direction);
  }
}

function checkedName<Name extends string>(field: string, name: string, names: readonly Name[]): Name {
  if (names.includes(name as Name)) return name as Name;
  throw new BadUserInputError(
    field === 'orderBy.metric' ? field : `input.${field}`,
    `${name} is not one of ${names.join(', ')}.`,
  );
}

export function isId(id: number): boolean {
  return Number.isInteger(id) && Math.abs(id) <= LARGEST_INTEGER;
}
