/** The model store: what is in service, atomically, and the way back. */
import { ModelStore } from '../src/experiments/model-store';
import type { Artifact } from '../src/space/artifact';
import { CorruptArtifactError } from '../src/space/artifact';
import { encodeArtifact } from '../src/space/codec';
import { describeEachDatabase } from './support/databases';
import { forgetExperiments } from './support/tiny-catalog';

function artifact(value: number): Artifact {
  return { kind: 'TEST', format: 1, settings: {}, arrays: { points: { data: Float32Array.of(value, 2, 3, 4), shape: [2, 2] } } };
}

describeEachDatabase('the model store', (getDatabase) => {
  let store: ModelStore;
  beforeEach(async () => {
    await forgetExperiments(getDatabase());
    store = new ModelStore(getDatabase());
  });

  async function save({ activate = false, servable = true, bytes = encodeArtifact(artifact(1)) } = {}): Promise<number> {
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
    await expect(save({ activate: true, servable: false })).rejects.toMatchObject({ code: 'MODEL_NOT_SERVABLE' });
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
    await getDatabase().query('update model set artifact = set_byte(artifact, length(artifact) - 1, 65) where id = $1', [bad]);
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
