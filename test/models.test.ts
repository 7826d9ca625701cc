/** The model store: what is in service, atomically, and the way back. */

import { ModelStore } from '../src/experiments/model-store';
import { saveUserFigures } from '../src/experiments/user-figures';
import { type Artifact, CorruptArtifactError, encodeArtifact } from '../src/models/artifact';
import { describeEachDatabase } from './support/databases';
import { forgetExperiments } from './support/tiny-catalog';

function artifact(value: number): Artifact {
  return {
    kind: 'TEST',
    format: 1,
    settings: {},
    arrays: { points: { data: Float32Array.of(value, 2, 3, 4), shape: [2, 2] } },
  };
}

describeEachDatabase('the model store', (getDatabase) => {
  let store: ModelStore;
  beforeEach(async () => {
    await forgetExperiments(getDatabase());
    store = new ModelStore(getDatabase());
  });

  async function save({
    activate = false,
    servable = true,
    bytes = encodeArtifact(artifact(1)),
  } = {}): Promise<number> {
    const [{ id: experimentId }] = await getDatabase().query<{ id: number }>(
      `insert into experiment (algorithm, protocol, seed) values ('TWO_TOWER', 'FULL_LAST_ITEM', 1) returning id`,
    );
    const model = { experimentId, algorithm: 'TWO_TOWER' as const, servable, artifact: bytes };
    return getDatabase().transaction((client) => store.save(client, model, activate));
  }
  const activeId = async () => (await store.active())?.modelId ?? null;
  const count = async () => {
    const [row] = await getDatabase().query<{ models: number; activations: number }>(
      'select (select count(*) from model) as models, (select count(*) from activation) as activations',
    );
    return row;
  };

  it('has nothing in service at first, and gives back what was stored', async () => {
    expect(await store.active()).toBeNull();
    const id = await save({ bytes: encodeArtifact(artifact(7)) });
    expect(await store.loadArtifact(id)).toEqual(artifact(7));
    expect(await store.active()).toBeNull();
    await expect(store.loadArtifact(id + 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('publishes a model and its activation together or not at all', async () => {
    const truncated = encodeArtifact(artifact(1)).slice(0, -4);
    await expect(save({ activate: true, bytes: truncated })).rejects.toBeInstanceOf(CorruptArtifactError);
    await expect(save({ activate: true, servable: false })).rejects.toMatchObject({
      code: 'MODEL_NOT_SERVABLE',
    });
    expect(await count()).toEqual({ models: 0, activations: 0 });
    const id = await save({ activate: true });
    expect(await activeId()).toBe(id);
    expect(await count()).toEqual({ models: 1, activations: 1 });
  });

  it('refuses numbers that are not finite', async () => {
    const bytes = encodeArtifact(artifact(1));
    new DataView(bytes.buffer, bytes.byteOffset).setFloat32(bytes.length - 16, Number.NaN, true);
    await expect(save({ bytes })).rejects.toBeInstanceOf(CorruptArtifactError);
  });

  it('refuses a model that was damaged since it was stored', async () => {
    const good = await save({ activate: true });
    const bad = await save();
    await getDatabase().query(
      'update model set artifact = set_byte(artifact, length(artifact) - 1, 65) where id = $1',
      [bad],
    );
    await expect(store.loadArtifact(bad)).rejects.toBeInstanceOf(CorruptArtifactError);
    await expect(store.promote(bad)).rejects.toBeInstanceOf(CorruptArtifactError);
    expect(await activeId()).toBe(good);
  });

  it('promotes, and goes back one by one', async () => {
    const [a, b, c] = [await save({ activate: true }), await save({ activate: true }), await save()];
    await store.promote(c);
    await store.promote(c); // nothing new: no step in the chain
    expect((await store.rollback()).id).toBe(b);
    expect(await activeId()).toBe(b);
    expect((await store.rollback()).id).toBe(a);
    await expect(store.rollback()).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await activeId()).toBe(a);
    await store.promote(c);
    expect((await store.rollback()).id).toBe(a);
  });

  it('promotes neither what is not there nor what has no space', async () => {
    const id = await save({ servable: false });
    await expect(store.promote(id)).rejects.toMatchObject({ code: 'MODEL_NOT_SERVABLE' });
    await expect(store.promote(id + 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(store.rollback()).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('deletes what is not in service, keeps its experiment, and passes it by on the way back', async () => {
    const [a, b, c] = [
      await save({ activate: true }),
      await save({ activate: true }),
      await save({ activate: true }),
    ];
    await expect(store.delete(c)).rejects.toMatchObject({ code: 'CONFLICT' });
    await store.delete(b);
    expect(await store.get(b)).toBeNull();
    expect((await store.list()).map(({ id }) => id)).toEqual([c, a]);
    const left = await getDatabase().query(
      'select experiment.id, artifact from model join experiment on experiment.id = experiment_id',
    );
    expect(left).toHaveLength(3);
    for (const gone of [
      () => store.delete(b),
      () => store.promote(b),
      () => store.loadArtifact(b),
      () => store.delete(99),
    ]) {
      await expect(gone()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    expect((await store.rollback()).id).toBe(a);
    await expect(store.rollback()).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('does not roll back to what is in service anyway when what lay between was deleted', async () => {
    const [a, b] = [await save({ activate: true }), await save({ activate: true })];
    await store.promote(a);
    await store.delete(b);
    await expect(store.rollback()).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await activeId()).toBe(a);
  });

  it("neither promotes nor deletes the other one's model when both come at once", async () => {
    await save({ activate: true });
    for (let round = 0; round < 5; round++) {
      const id = await save();
      const outcomes = await Promise.allSettled([store.promote(id), store.delete(id)]);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await activeId()) === id).toBe(outcomes[0].status === 'fulfilled');
      expect((await store.get(id)) === null).toBe(outcomes[1].status === 'fulfilled');
    }
  });

  describe('the guard', () => {
    const USERS = Int32Array.from({ length: 60 }, (_, u) => u + 1);

    /** A model whose users got these figures on the validation data. */
    async function measured(
      figure: (user: number) => number,
      { hash = 'h', protocol = 'FULL_LAST_ITEM', activate = false, users = USERS } = {},
    ) {
      const id = await save({ activate });
      const [{ experimentId }] = await getDatabase().query<{ experimentId: number }>(
        `update experiment set dataset_hash = $2, protocol = $3 from model where experiment.id = experiment_id and model.id = $1
         returning experiment.id as "experimentId"`,
        [id, hash, protocol],
      );
      const column = {
        protocol: 'FULL_LAST_ITEM' as const,
        metric: 'ndcg' as const,
        k: 20,
        values: Float32Array.from(users, figure),
      };
      const figures = [{ split: 'VALIDATION' as const, userIds: users, columns: [column] }];
      await getDatabase().transaction((client) => saveUserFigures(client, experimentId, figures));
      return id;
    }
    const usual = (user: number) => 0.3 + (user % 7) / 50;

    it('refuses a model that is worse than the one in service beyond the interval, unless forced', async () => {
      const good = await measured(usual, { activate: true });
      const worse = await measured((user) => usual(user) - 0.1 - (user % 3) / 100);
      const refusal = await store.promote(worse).catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: 'MODEL_WORSE' });
      expect(String(refusal)).toMatch(
        /Worse than model 1, .* 0\.\d{4} against 0\.\d{4}, difference -0\.1\d{3}, 95 % interval -0\.1/,
      );
      expect(await activeId()).toBe(good);
      expect(await store.promote(worse, { force: true })).toMatchObject({ note: null });
      expect(await activeId()).toBe(worse);
      expect((await store.promote(good)).note).toMatch(/^Not worse than model 2/);
    });

    it('lets pass what is worse within the interval only', async () => {
      await measured(usual, { activate: true });
      const noisy = await measured((user) => usual(user) + (user % 2 === 0 ? 0.1 : -0.104));
      expect((await store.promote(noisy)).note).toMatch(
        /^Not worse than model 1.*interval -0\.0\d{3} to 0\.0/,
      );
    });

    it.each([
      [
        'other data of other people',
        { hash: 'other', users: USERS.map((id) => id + 31) },
        'it was trained on different data and measured mostly on different users',
      ],
      ['another split', { protocol: 'FULL_HOLDOUT' }, 'it was trained for FULL_LAST_ITEM'],
    ])('says that it did not compare: %s', async (_what, options, reason) => {
      await measured(usual, { activate: true });
      const other = await measured(() => 0, options);
      expect((await store.promote(other)).note).toBe(
        `Not compared with model 1, which is in service: ${reason}.`,
      );
    });

    it('compares after new ratings, too, each on its own training data', async () => {
      const active = await measured(usual, { activate: true });
      const after = { hash: 'a rating more', users: USERS.map((id) => id + 29) };
      await expect(store.promote(await measured((id) => usual(id) - 0.2, after))).rejects.toMatchObject({
        code: 'MODEL_WORSE',
      });
      expect(await activeId()).toBe(active);
      const { note } = await store.promote(await measured((id) => usual(id) + 0.1, after));
      expect(note).toMatch(
        /^Not worse than model 1.*\(full catalogue, each on its own training data\).*, 31 users\.$/,
      );
    });

    it('says so, too, when figures by user are missing', async () => {
      await save({ activate: true });
      expect((await store.promote(await save())).note).toMatch(/per-user figures are missing/);
    });
  });

  it('makes one chain of promotions that come at once', async () => {
    const ids = [await save(), await save(), await save(), await save()];
    await Promise.all(ids.map((id) => store.promote(id)));
    const rows = await getDatabase().query<{ id: number; previous_id: number | null }>(
      'select id, previous_id from activation order by id',
    );
    expect(rows.map((row) => row.previous_id)).toEqual([null, ...rows.slice(0, -1).map((row) => row.id)]);
    expect(rows).toHaveLength(4);
    expect((await store.list()).map(({ id }) => id)).toEqual([...ids].reverse());
  });
});
