/** Traffic splits in the database: which share of the users is answered from which model. At most
 *  one runs; a change keeps its id and its seed, so that few users move. */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { NotFoundError } from '../errors';

const SQL = join(__dirname, 'sql');
/** The lock that keeps a model from being deleted while it comes into a split is shared with the
 *  deletion. */
const EXPERIMENTS_SQL = join(__dirname, '..', 'experiments', 'sql');

export interface Share {
  readonly modelId: number;
  /** Relative to the other weights. 0: removed while the split ran; its outcomes are kept. */
  readonly weight: number;
}

export interface Split {
  readonly id: number;
  /** Decides, with a user's id, which model they get. */
  readonly seed: number;
  /** Grows with every change of the shares. */
  readonly version: number;
  readonly startedAt: Date;
  /** Null while it runs. */
  readonly endedAt: Date | null;
  /** The first is what the others are compared with; those with weight 0 come last. */
  readonly shares: readonly Share[];
}

export class SplitStore {
  constructor(private readonly database: Database) {}

  /** One small statement: it runs twice a second. @returns null while none runs */
  async running(): Promise<Split | null> {
    const [split] = await this.read(null, true, 1);
    return split ?? null;
  }

  async get(id: number): Promise<Split | null> {
    const [split] = await this.read(id, false, 1);
    return split ?? null;
  }

  /** @returns newest first */
  list(limit: number): Promise<Split[]> {
    return this.read(null, false, limit);
  }

  /** Changes the running split, or begins one.
   *  @param shares weights above 0, each model once
   *  @throws NotFoundError when a model was deleted meanwhile */
  async put(shares: readonly Share[]): Promise<void> {
    const modelIds = shares.map(({ modelId }) => modelId);
    await this.database.transaction(async (client) => {
      await client.query(sqlFile(EXPERIMENTS_SQL, 'lock-shares'));
      const { rows } = await client.query<{ id: number }>(sqlFile(SQL, 'servable-models'), [modelIds]);
      const gone = modelIds.find((modelId) => !rows.some(({ id }) => id === modelId));
      if (gone !== undefined) throw new NotFoundError('model', gone);
      const running = await client.query<{ id: number }>(sqlFile(SQL, 'touch-split'));
      const begun =
        running.rows[0] ??
        (await client.query<{ id: number }>(sqlFile(SQL, 'begin-split'), [randomInt(2 ** 31)])).rows[0];
      await client.query(sqlFile(SQL, 'retire-shares'), [begun.id]);
      await client.query(sqlFile(SQL, 'put-shares'), [
        begun.id,
        modelIds,
        shares.map(({ weight }) => weight),
      ]);
    });
  }

  /** Ends the running split; without one, nothing happens. */
  async end(): Promise<void> {
    await this.database.query(sqlFile(SQL, 'end-split'));
  }

  private read(id: number | null, running: boolean, limit: number): Promise<Split[]> {
    return this.database.query<Split>(sqlFile(SQL, 'splits'), [id, running, limit]);
  }
}
