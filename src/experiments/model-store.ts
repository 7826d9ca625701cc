/** The models: what was trained, and which one is in service. Everything is in PostgreSQL, so that
 *  its backup is a backup of all. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type pg from 'pg';
import { IsNull } from 'typeorm';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { ConflictError, ModelNotServableError, NotFoundError, WorseModelError } from '../errors';
import { type Artifact, CorruptArtifactError, decodeArtifact } from '../models/artifact';
import type { Task } from '../models/system';
import { type SystemName, systemNamed } from '../models/systems';
import { Experiment } from './experiment.entity';
import { type ActivationReason, Model } from './model.entity';
import { type Candidate, PublicationGuard } from './publication-guard';

const SQL = join(__dirname, 'sql');

export interface NewModel {
  readonly experimentId: number;
  readonly algorithm: SystemName;
  readonly servable: boolean;
  /** As `encodeArtifact` gives it. */
  readonly artifact: Uint8Array;
}

export interface ActiveModel {
  /** Grows with every change of the model in service. */
  readonly activationId: number;
  readonly modelId: number;
}

export interface Promotion {
  readonly model: Model;
  /** How it compares with the model that was in service; null where nothing was asked or nothing
   *  was in service. */
  readonly note: string | null;
}

export class ModelStore {
  /** Asked before a model goes into service. */
  readonly guard: PublicationGuard;
  /** Called after every promotion and roll-back in this process, before the response, so that
   *  serving need not poll for it. */
  onActivation: () => void | Promise<void> = () => undefined;

  constructor(private readonly database: Database) {
    this.guard = new PublicationGuard(database);
  }

  /** Stores a model and, if asked, puts it in service: readers see the whole old model or the whole
   *  new one.
   *  @param client a transaction, so that the experiment's own record becomes true together with it
   *  @returns the model's id
   *  @throws CorruptArtifactError, ModelNotServableError */
  async save(client: pg.PoolClient, model: NewModel, activate: boolean): Promise<number> {
    decodeArtifact(model.artifact); // shapes and finiteness
    const bytes = Buffer.from(model.artifact.buffer, model.artifact.byteOffset, model.artifact.byteLength);
    const parameters = [model.experimentId, model.algorithm, model.servable, bytes, sha256(bytes)];
    const { rows } = await client.query<{ id: number }>(sqlFile(SQL, 'insert-model'), parameters);
    if (activate) {
      if (!model.servable) throw notServable(rows[0].id, model.algorithm);
      await this.activate(client, { id: rows[0].id, task: systemNamed(model.algorithm).task }, 'PUBLISHED');
    }
    return rows[0].id;
  }

  /** Puts a stored model in service for its task; one that is already stays.
   *  @param options.force also one that is worse than what is in service
   *  @throws NotFoundError, ModelNotServableError, WorseModelError, CorruptArtifactError when it
   *    was damaged since it was stored */
  async promote(modelId: number, { force = false } = {}): Promise<Promotion> {
    const model = await this.requireServable(modelId);
    const verdict = force ? null : await this.guard.judge(await this.trainingOf(model));
    if (verdict?.worse)
      throw new WorseModelError(
        `Model ${modelId} was not promoted; use \`force\` to override. ${verdict.note}`,
      );
    await this.loadArtifact(modelId);
    await this.database.transaction((client) => this.activate(client, model, 'PROMOTED'));
    await this.onActivation();
    return { model, note: verdict?.note || null };
  }

  /** Frees what a model takes. Its experiment stays, and so does its name in the log of activations
   *  and in the reports of splits.
   *  @throws NotFoundError, ConflictError for the model in service and those of the running
   *  split */
  async delete(modelId: number): Promise<Model> {
    const model = await this.get(modelId);
    if (!model) throw new NotFoundError('model', modelId);
    await this.database.transaction(async (client) => {
      await client.query(sqlFile(SQL, 'lock-activations'));
      await client.query(sqlFile(SQL, 'lock-shares'));
      const { rowCount } = await client.query(sqlFile(SQL, 'delete-model'), [modelId]);
      if (rowCount === 0)
        throw new ConflictError(
          `Model ${modelId} cannot be deleted: it is active or part of the running traffic split.`,
        );
    });
    return model;
  }

  /** @param task what it must rank; left out: anything
   *  @throws NotFoundError, ModelNotServableError */
  async requireServable(modelId: number, task?: Task): Promise<Model> {
    const model = await this.get(modelId);
    if (!model) throw new NotFoundError('model', modelId);
    if (!model.servable) throw notServable(model.id, model.algorithm);
    if (task !== undefined && model.task !== task) {
      throw new ModelNotServableError(
        `Model ${modelId} (${model.algorithm}) ranks ${model.task.toLowerCase()}, not ${task.toLowerCase()}.`,
      );
    }
    return model;
  }

  /** Returns to the previous model in service; a repeated call returns one further. Deleted models
   *  are skipped.
   *  @returns the model in service now; for tags, where there was none before: the one that was
   *    taken out
   *  @throws ConflictError when there was none before (for tags: when none is in service) */
  async rollback(task: Task = 'MOVIES'): Promise<Model> {
    const modelId = await this.database.transaction(async (client) => {
      await client.query(sqlFile(SQL, 'lock-activations'));
      const { rows } = await client.query<{ model_id: number }>(sqlFile(SQL, 'roll-back'), [task]);
      if (rows.length > 0) return rows[0].model_id;
      const newest = await client.query<{ model_id: number | null }>(sqlFile(SQL, 'active'), [task]);
      const withdrawn = task === 'TAGS' ? newest.rows[0]?.model_id : null;
      if (withdrawn == null) throw new ConflictError('There is no earlier model to return to.');
      await client.query(sqlFile(SQL, 'withdraw'), [task]);
      return withdrawn;
    });
    await this.onActivation();
    return (await this.get(modelId))!;
  }

  /** @returns the model in service for a task, or null */
  async active(task: Task = 'MOVIES'): Promise<ActiveModel | null> {
    const [row] = await this.database.query<{ id: number; model_id: number | null }>(
      sqlFile(SQL, 'active'),
      [task],
    );
    return row?.model_id != null ? { activationId: row.id, modelId: row.model_id } : null;
  }

  /** @returns newest first, without their artifacts */
  list(): Promise<Model[]> {
    return this.models.find({ where: { deletedAt: IsNull() }, order: { id: 'DESC' } });
  }

  /** @returns null for a deleted one, too */
  get(id: number): Promise<Model | null> {
    return this.models.findOneBy({ id, deletedAt: IsNull() });
  }

  /** @throws NotFoundError, CorruptArtifactError when the bytes are not what was stored */
  async loadArtifact(modelId: number): Promise<Artifact> {
    const [row] = await this.database.query<{ artifact: Buffer; sha256: string }>(
      sqlFile(SQL, 'load-artifact'),
      [modelId],
    );
    if (!row) throw new NotFoundError('model', modelId);
    if (sha256(row.artifact) !== row.sha256)
      throw new CorruptArtifactError(
        `Model ${modelId} is corrupt: its checksum does not match the stored one.`,
      );
    return decodeArtifact(row.artifact);
  }

  private async trainingOf({ experimentId }: Model): Promise<Candidate> {
    const { protocol, datasetHash } = await this.database.dataSource
      .getRepository(Experiment)
      .findOneByOrFail({ id: experimentId });
    return { experimentId, protocol, datasetHash };
  }

  private async activate(
    client: pg.PoolClient,
    { id, task }: Pick<Model, 'id' | 'task'>,
    reason: ActivationReason,
  ): Promise<void> {
    await client.query(sqlFile(SQL, 'lock-activations'));
    const { rowCount } = await client.query(sqlFile(SQL, 'still-there'), [id]);
    if (rowCount === 0) throw new NotFoundError('model', id);
    await client.query(sqlFile(SQL, 'activate'), [id, reason, task]);
  }

  private get models() {
    return this.database.dataSource.getRepository(Model);
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function notServable(id: number, algorithm: SystemName): ModelNotServableError {
  return new ModelNotServableError(`Model ${id} (${algorithm}) has no metric space and cannot be served.`);
}
