/** Trainings that begin by themselves: on a schedule, or when enough was rated. Off unless the
 *  configuration says otherwise. Every server looks; one row of the database decides which of them
 *  starts the training, and the guard decides what becomes of its model. */
import { join } from 'node:path';
import type { Database } from '../../database/database';
import { Poller } from '../../database/poller';
import { sqlFile } from '../../database/sql';
import { refuseIncomplete } from '../../evaluation/publication';
import type { SystemName } from '../../models/systems';
import type { EvaluationProtocol } from '../enums';
import { checkTraining, type ExperimentService } from '../experiment-service';
import { completeHyperparameters } from '../hyperparameters';
import { nextAfter, type RetrainingReason, type RetrainingRules, reasonToTrain } from './schedule';

const SQL = join(__dirname, '..', 'sql');
const DEFAULT_POLL_MS = 10_000;

/** The system that is in service, as it was trained. */
interface System {
  readonly algorithm: SystemName;
  readonly hyperparameters: Record<string, unknown>;
  readonly protocol: EvaluationProtocol;
  readonly seed: number;
}

interface StateRow {
  readonly consideredAt: Date;
  /** The same to the microsecond, which a JavaScript date cuts off. */
  readonly consideredKey: string;
  readonly experimentId: number | null;
  readonly reason: RetrainingReason | null;
  readonly system: System | null;
  readonly now: Date;
  readonly busy: boolean;
  /** Null unless asked for. */
  readonly newRatings: number | null;
}

export interface RetrainingState {
  readonly rules: RetrainingRules;
  readonly nextAt: Date | null;
  readonly newRatings: number | null;
  readonly experimentId: number | null;
  readonly reason: RetrainingReason | null;
}

export interface RetrainingOptions {
  readonly database: Database;
  readonly experiments: ExperimentService;
  readonly rules: RetrainingRules;
  readonly log: { info(message: string): void; warn(message: string): void };
  /** 0: when asked only. */
  readonly pollMs?: number;
}

export class RetrainingService {
  private readonly poller: Poller | null;

  constructor(private readonly options: RetrainingOptions) {
    const { rules, log, pollMs = DEFAULT_POLL_MS } = options;
    const off = rules.cron === undefined && rules.afterRatings === undefined;
    this.poller =
      off || pollMs === 0
        ? null
        : new Poller(
            pollMs,
            async () => void (await this.look()),
            (message) => log.warn(message),
          );
  }

  /** Starts polling. A changed schedule counts from now on. */
  async start(): Promise<void> {
    const { database, rules } = this.options;
    if (rules.cron !== undefined) await database.query(sqlFile(SQL, 'set-schedule'), [rules.cron]);
    this.poller?.start();
  }

  async stop(): Promise<void> {
    await this.poller?.stop();
  }

  async state(): Promise<RetrainingState> {
    const { rules } = this.options;
    const { consideredAt, now, newRatings, experimentId, reason } = await this.read();
    const due = rules.cron === undefined ? null : nextAfter(rules.cron, consideredAt);
    const nextAt = due !== null && due < now ? now : due; // it waits for a training to end
    return { rules, nextAt, newRatings, experimentId, reason };
  }

  /** Begins a training if it is time, nothing is being trained, and no other server was faster.
   *  @returns the experiment's id, or null */
  async look(): Promise<number | null> {
    const { database, experiments, rules, log } = this.options;
    const state = await this.read();
    const reason = state.busy ? null : reasonToTrain(rules, state);
    if (reason === null) return null;
    const { algorithm, protocol, hyperparameters, seed } = asAgain(state.system);
    const parameters = [
      state.consideredKey,
      reason,
      algorithm,
      protocol,
      JSON.stringify(hyperparameters),
      seed,
    ];
    const id = await database.transaction(async (client) => {
      const { rows } = await client.query<{ id: number }>(sqlFile(SQL, 'begin-retraining'), parameters);
      if (rows.length === 0) return null;
      await client.query(sqlFile(SQL, 'name-retraining'), [rows[0].id]);
      return rows[0].id;
    });
    if (id === null) return null;
    experiments.wake();
    log.info(
      `Experiment ${id} retrains ${algorithm}: ${reason === 'SCHEDULE' ? 'scheduled' : 'enough new ratings'}.`,
    );
    return id;
  }

  private async read(): Promise<StateRow> {
    const counts = this.options.rules.afterRatings !== undefined;
    const [row] = await this.options.database.query<StateRow>(sqlFile(SQL, 'retraining-state'), [counts]);
    return row;
  }
}

/** What is in service, on today's data; the defaults where nothing is, or where that protocol's
 *  models are never published. */
function asAgain(system: System | null): System {
  const known: Partial<System> =
    system !== null && refuseIncomplete(system.protocol) === null ? system : {};
  const { algorithm, protocol, seed } = checkTraining(known);
  return {
    algorithm: algorithm.name,
    protocol,
    seed,
    hyperparameters: completeHyperparameters(algorithm, known.hyperparameters),
  };
}
