/** Trainings that do not go well: crashes, cancellations, stops, kills, and runners that want the
 *  same experiment. */
import { openDatabase } from '../src/database/database';
import type { Experiment } from '../src/experiments/experiment.entity';
import {
  createServerDatabase,
  DATABASE_KINDS,
  type DatabaseKind,
  describeEachDatabase,
  makeDataDir,
} from './support/databases';
import { ENTITIES } from './support/entities';
import { killDuringTraining } from './support/kill-during-training';
import { forgetExperiments, seedTinyCatalog } from './support/tiny-catalog';
import { type Laboratory, laboratory, until } from './support/training-runner';

describeEachDatabase('a runner', (getDatabase) => {
  const open: Laboratory[] = [];
  const lab = (options: Parameters<typeof laboratory>[1] = {}) => {
    const made = laboratory(getDatabase(), options);
    open.push(made);
    return made;
  };
  const hasProgress = async (of: Laboratory, id: number) =>
    ((await of.service.get(id))?.progress ?? 0) > 0.2;

  beforeAll(() => seedTinyCatalog(getDatabase()));
  afterEach(async () => {
    for (const each of open.splice(0)) await each.stop();
    await forgetExperiments(getDatabase());
  });

  it.each([
    ['throws', 'The training thread crashed: a screw came loose'],
    ['exits', 'The training thread exited unexpectedly with code 7.'],
    ['out-of-memory', 'The training thread ran out of memory.'],
  ])('survives a thread that %s, and says what happened', async (thread, reason) => {
    const { service, runner } = lab({ thread, heapMegabytes: 64 });
    await runner.start();
    const failed = await service.wait((await service.start({ algorithm: 'POPULARITY' })).id);
    expect(failed).toMatchObject({ status: 'FAILED', error: expect.stringContaining(reason) });
    expect(await service.modelsOf([failed.id])).toEqual([]);
  });

  it.each(['patient', 'stubborn'])('cancels within two seconds (a %s thread)', async (thread) => {
    const { service, runner } = lab({ thread });
    await runner.start();
    const { id } = await service.start({ algorithm: 'POPULARITY' });
    await until(() => hasProgress({ service } as Laboratory, id));
    const startedAt = performance.now();
    await service.cancel(id);
    expect(await service.wait(id)).toMatchObject({ status: 'CANCELLED', error: null });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await expect(service.cancel(id)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('cancels what runs in another process, and what waits', async () => {
    const { service, runner } = lab({ thread: 'patient' });
    await runner.start();
    const [running, waiting] = [
      await service.start({ algorithm: 'POPULARITY' }),
      await service.start({ algorithm: 'POPULARITY' }),
    ];
    await until(() => hasProgress({ service } as Laboratory, running.id));
    const elsewhere = lab().service; // knows a runner that has nothing of the kind
    expect(await elsewhere.cancel(waiting.id)).toMatchObject({ status: 'CANCELLED' });
    const startedAt = performance.now();
    await elsewhere.cancel(running.id);
    expect(await elsewhere.wait(running.id)).toMatchObject({ status: 'CANCELLED' });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('gives back what it trains when it is stopped, and the next start takes it up', async () => {
    const first = lab({ thread: 'patient' });
    await first.runner.start();
    const { id } = await first.service.start({ algorithm: 'POPULARITY' });
    await until(() => hasProgress(first, id));
    await first.stop();
    const second = lab();
    expect(await second.service.get(id)).toMatchObject({
      status: 'QUEUED',
      stage: 'QUEUED',
      leaseOwner: null,
      attempts: 0,
    });
    await second.runner.start();
    expect(await second.service.wait(id)).toMatchObject({ status: 'SUCCEEDED', attempts: 1 });
    expect(await second.service.epochsOf([id])).toHaveLength(1); // not the epoch of the interrupted attempt as well
  });

  it('takes over from a runner whose lease has run out, and that one writes nothing more', async () => {
    const { service } = lab();
    const { id } = await service.start({ algorithm: 'POPULARITY' });
    const deaf = lab({ thread: 'patient', leaseMs: 400, heartbeatMs: 60_000 });
    await deaf.runner.start();
    await until(async () => (await service.get(id))?.status === 'RUNNING');
    const { runner } = lab({ leaseMs: 2_000 });
    await runner.start();
    expect(await service.wait(id)).toMatchObject({ status: 'SUCCEEDED', attempts: 2 });
    await deaf.stop();
    expect(await service.get(id)).toMatchObject({ status: 'SUCCEEDED', attempts: 2 });
  });

  it('fails what was abandoned twice', async () => {
    await getDatabase().query(`
      insert into experiment (algorithm, protocol, seed, status, stage, attempts, lease_owner, lease_expires_at, cancel_requested) values
        ('POPULARITY', 'FULL_LAST_ITEM', 1, 'RUNNING', 'TRAINING', 2, 'a dead one', now() - interval '1 second', false),
        ('POPULARITY', 'FULL_LAST_ITEM', 1, 'RUNNING', 'TRAINING', 1, 'a dead one', now() - interval '1 second', true),
        ('POPULARITY', 'FULL_LAST_ITEM', 1, 'RUNNING', 'TRAINING', 1, 'a dead one', now() - interval '1 second', false),
        ('POPULARITY', 'FULL_LAST_ITEM', 1, 'RUNNING', 'TRAINING', 2, 'one that lives', now() + interval '1 hour', false)`);
    const { runner, service } = lab({ trains: false });
    await runner.start();
    const states = async () =>
      (await service.find({}, { direction: 'ASCENDING' })).map(({ status, error }: Experiment) => [
        status,
        error,
      ]);
    const abandoned = ['FAILED', 'The server stopped during training, 2 times.'];
    expect(await states()).toEqual([abandoned, ['CANCELLED', null], ['QUEUED', null], ['RUNNING', null]]);
    await runner.stop();
    const soleOwner = lab({ trains: false });
    await soleOwner.runner.start({ soleOwner: true });
    expect((await states())[3]).toEqual(abandoned);
  });

  it('shares a queue with another runner: each experiment is trained once', async () => {
    const [one, two] = [lab(), lab()];
    const ids: number[] = [];
    for (let seed = 0; seed < 6; seed++)
      ids.push((await one.service.start({ algorithm: 'POPULARITY', seed })).id);
    await Promise.all([one.runner.start(), two.runner.start()]);
    const done = await Promise.all(ids.map((id) => one.service.wait(id)));
    expect(done.map(({ status, attempts }) => `${status} ${attempts}`)).toEqual(
      ids.map(() => 'SUCCEEDED 1'),
    );
    expect((await one.service.modelsOf(ids)).map(({ experimentId }) => experimentId).sort()).toEqual(ids);
  });
});

describe.each(DATABASE_KINDS)('a process killed during training (%s)', (kind: DatabaseKind) => {
  it('leaves an experiment that the next start takes up', async () => {
    const server = kind === 'server' ? await createServerDatabase() : null;
    const place = { databaseUrl: server?.url, dataDir: makeDataDir() };
    const reopen = () => openDatabase({ ...place, role: 'owner', poolSize: 4, entities: ENTITIES });
    let database = await reopen();
    await seedTinyCatalog(database);
    await database.close();

    await killDuringTraining(place);

    database = await reopen();
    const next = laboratory(database, { leaseMs: 500 });
    try {
      expect(await next.service.get(1)).toMatchObject({ status: 'RUNNING', attempts: 1 });
      await next.runner.start({ soleOwner: kind === 'embedded' });
      expect(await next.service.wait(1)).toMatchObject({ status: 'SUCCEEDED', attempts: 2, error: null });
    } finally {
      await next.stop();
      await database.close();
      await server?.drop();
    }
  });
});
