/** Advances a search when its trainings have ended. Safe to call from any process at any time: the
 *  row is locked, and the step depends only on what is stored. */
import { join } from 'node:path';
import type pg from 'pg';
import type { Database } from '../../database/database';
import { sqlFile } from '../../database/sql';
import { decidingProtocolOf } from '../../evaluation/protocols';
import type { EvaluationProtocol } from '../enums';
import { OBJECTIVE } from '../user-figures';
import { nextStep, type Rung, type TrialState, withBudget } from './plan';

const SQL = join(__dirname, '..', 'sql');

interface StateRow extends TrialState {
  readonly hyperparameters: Record<string, unknown>;
}

/** Queues the next rung, or marks the winner and queues its final training, or closes the search;
 *  nothing while a training is open. */
export async function advanceSearch(database: Database, searchId: number): Promise<void> {
  await database.transaction((client) => advance(client, searchId));
}

/** All searches that are due to advance; called at the start and periodically. */
export async function advanceStalledSearches(database: Database): Promise<void> {
  const stalled = await database.query<{ id: number }>(sqlFile(SQL, 'stalled-searches'));
  for (const { id } of stalled) await advanceSearch(database, id);
}

async function advance(client: pg.PoolClient, searchId: number): Promise<void> {
  const locked = await client.query<{ protocol: EvaluationProtocol; rungs: Rung[] }>(
    sqlFile(SQL, 'lock-search'),
    [searchId],
  );
  if (locked.rows.length === 0) return;
  const [{ protocol, rungs }] = locked.rows;
  const { rows } = await client.query<StateRow>(sqlFile(SQL, 'search-states'), [
    searchId,
    decidingProtocolOf(protocol),
    OBJECTIVE,
  ]);
  const step = nextStep(rungs, rows);
  const hyperparametersOf = ({ experimentId }: TrialState) =>
    rows.find((row) => row.experimentId === experimentId)!.hyperparameters;
  if (step.kind === 'RUNG') {
    const trials = step.from.map((from) => ({
      trial: from.trial,
      hyperparameters: withBudget(hyperparametersOf(from), step.epochs),
    }));
    await enqueueStep(client, { searchId, role: 'TRIAL', rung: step.rung }, trials);
  } else if (step.kind === 'FINAL') {
    await client.query(sqlFile(SQL, 'mark-winner'), [step.winner.experimentId]);
    const final = { trial: null, hyperparameters: hyperparametersOf(step.winner) };
    await enqueueStep(client, { searchId, role: 'FINAL', rung: null }, [final]);
  } else if (step.kind === 'END') {
    await client.query(sqlFile(SQL, 'finish-search'), [searchId, step.status, step.error]);
  }
}

interface Step {
  readonly searchId: number;
  readonly role: 'TRIAL' | 'FINAL';
  readonly rung: number | null;
}

/** @returns the experiments' ids, in order */
export async function enqueueStep(
  client: pg.PoolClient,
  { searchId, role, rung }: Step,
  trainings: readonly {
    readonly trial: number | null;
    readonly hyperparameters: Record<string, unknown>;
  }[],
): Promise<number[]> {
  const points = trainings.map(({ trial }) => trial);
  const settings = trainings.map(({ hyperparameters }) => JSON.stringify(hyperparameters));
  const { rows } = await client.query<{ id: number }>(sqlFile(SQL, 'enqueue-step'), [
    searchId,
    role,
    rung,
    points,
    settings,
  ]);
  return rows.map(({ id }) => id).sort((a, b) => a - b);
}
