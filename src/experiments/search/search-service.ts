/** What clients may do with searches: ask for one, cancel it whole, look, wait. Its trainings are
 *  experiments like others. */
import { join } from 'node:path';
import { In } from 'typeorm';
import type { Database } from '../../database/database';
import { sqlFile } from '../../database/sql';
import { BadUserInputError, ConflictError, NotFoundError } from '../../errors';
import type { ExperimentStatus } from '../enums';
import { DEFAULT_SEED, Experiment } from '../experiment.entity';
import type { SearchInput } from '../experiment.input';
import {
  checkPage,
  checkSeed,
  checkTraining,
  type ExperimentService,
  isId,
  type Page,
  type TrainingInput,
} from '../experiment-service';
import { enqueueStep } from './advance';
import { HyperparameterSearch } from './hyperparameter-search.entity';
import { DEFAULT_TRIALS, planSearch } from './plan';

const SQL = join(__dirname, '..', 'sql');

/** The input, without fields that have a default. */
export type SearchOptions = { readonly space: unknown } & {
  readonly [Name in keyof Omit<SearchInput, 'space'>]?: SearchInput[Name] | null | undefined;
};

export class SearchService {
  constructor(
    private readonly database: Database,
    private readonly experiments: ExperimentService,
  ) {}

  /** Queues the first trials and returns; the runners advance the search.
   *  @param input as for a training; its hyperparameters are fixed
   *  @throws BadUserInputError naming the field, TrainingInProgressError when too many experiments
   *    wait already */
  async start(input: TrainingInput, search: SearchOptions): Promise<HyperparameterSearch> {
    const { algorithm, protocol, seed: trainingSeed } = checkTraining(input);
    if (input.measureColdItems) {
      const message = 'A search does not measure cold items: train the winning hyperparameters again.';
      throw new BadUserInputError('input.measureColdItems', message);
    }
    const seed = checkSeed('input.search.seed', search.seed ?? DEFAULT_SEED);
    const { space, strategy, trials } = search;
    const plan = { space, strategy: strategy ?? 'RANDOM', trials: trials ?? DEFAULT_TRIALS, seed };
    const { rungs, first } = planSearch(algorithm, input.hyperparameters, plan);
    const asked = [space, input.hyperparameters ?? {}, rungs].map((value) => JSON.stringify(value));
    const id = await this.database.transaction(async (client) => {
      const { rows } = await client.query<{ id: number }>(sqlFile(SQL, 'enqueue-search'), [
        algorithm.name,
        protocol,
        plan.strategy,
        ...asked,
        seed,
        trainingSeed,
        input.publish ?? true,
        this.experiments.maxQueued,
      ]);
      if (rows.length === 0) throw this.experiments.full();
      const trainings = first.map((hyperparameters, i) => ({ trial: i + 1, hyperparameters }));
      await enqueueStep(client, { searchId: rows[0].id, role: 'TRIAL', rung: 1 }, trainings);
      return rows[0].id;
    });
    this.experiments.wake();
    return this.require(id);
  }

  /** All its trainings with it: those that wait at once, one that runs within two seconds.
   *  @throws NotFoundError, ConflictError when it is over already */
  async cancel(id: number): Promise<HyperparameterSearch> {
    const search = await this.require(id);
    const stopped = await this.database.transaction(async (client) => {
      // The search first, so that no process advances it in between.
      const { rowCount } = await client.query(sqlFile(SQL, 'finish-search'), [id, 'CANCELLED', null]);
      if (rowCount === 0) return null;
      const statement = sqlFile(SQL, 'cancel-search-trainings');
      return (await client.query<{ id: number; status: ExperimentStatus }>(statement, [id])).rows;
    });
    if (stopped === null) throw new ConflictError(`Search ${id} has already ended (${search.status}).`);
    for (const experiment of stopped)
      if (experiment.status === 'RUNNING') this.experiments.interrupt(experiment.id);
    return this.require(id);
  }

  async get(id: number): Promise<HyperparameterSearch | null> {
    return isId(id) ? this.searches.findOneBy({ id }) : null;
  }

  /** @throws NotFoundError */
  async require(id: number): Promise<HyperparameterSearch> {
    const search = await this.get(id);
    if (!search) throw new NotFoundError('search', id);
    return search;
  }

  /** @returns newest first
   *  @throws BadUserInputError on a limit outside 1 to 200 or a negative offset */
  async list(page: Page): Promise<HyperparameterSearch[]> {
    checkPage(page);
    return this.searches.find({ order: { id: 'DESC' }, take: page.limit, skip: page.offset });
  }

  /** @returns once it is over
   *  @throws NotFoundError, ShuttingDownError */
  async wait(id: number): Promise<HyperparameterSearch> {
    for (;;) {
      const search = await this.require(id);
      if (search.status !== 'RUNNING') return search;
      await this.experiments.pause();
    }
  }

  searchesByIds(ids: readonly number[]): Promise<HyperparameterSearch[]> {
    return this.searches.findBy({ id: In([...ids]) });
  }

  /** Its trials by rung and point, the final training last. */
  async trainingsOf(searchIds: readonly number[]): Promise<Experiment[]> {
    const order = { searchId: 'ASC', rung: { direction: 'ASC', nulls: 'LAST' }, trial: 'ASC' } as const;
    return this.database.dataSource
      .getRepository(Experiment)
      .find({ where: { searchId: In([...searchIds]) }, order });
  }

  private get searches() {
    return this.database.dataSource.getRepository(HyperparameterSearch);
  }
}
