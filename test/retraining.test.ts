/** Trainings that begin by themselves: when they are due, one at a time, from one of several
 *  servers. */
import { RetrainingService } from '../src/experiments/retraining/retraining-service';
import { describeEachDatabase } from './support/databases';
import { forgetExperiments, seedTinyCatalog } from './support/tiny-catalog';
import { type Laboratory, laboratory, SILENT, until } from './support/training-runner';

const EVERY_MINUTE = { cron: '* * * * *' };

describeEachDatabase('retraining', (getDatabase) => {
  let lab: Laboratory;
  const service = (rules: { cron?: string; afterRatings?: number }, pollMs = 0) =>
    new RetrainingService({
      database: getDatabase(),
      experiments: lab.service,
      rules,
      log: SILENT,
      pollMs,
    });
  const considered = (ago: string) =>
    getDatabase().query(`update retraining set considered_at = now() - $1::interval`, [ago]);
  const rate = (userId: number, movieIds: readonly number[]) =>
    getDatabase().query(
      `with u as (update app_user set history_changed_at = now() where id = $1)
       insert into rating (user_id, movie_id, value, rated_at) select $1, id, 4, now() from unnest($2::int[]) as m (id)
       on conflict (user_id, movie_id) do update set rated_at = now()`,
      [userId, movieIds],
    );
  const finish = (id: number) =>
    getDatabase().query(
      `update experiment set status = 'SUCCEEDED', stage = null, started_at = now(), finished_at = now() where id = $1`,
      [id],
    );

  beforeAll(() => seedTinyCatalog(getDatabase()));
  beforeEach(async () => {
    await forgetExperiments(getDatabase());
    await getDatabase().query('truncate retraining');
    await getDatabase().query('insert into retraining default values');
    lab = laboratory(getDatabase());
  });
  afterEach(() => lab.stop());

  it('begins at its time, once, however many servers look', async () => {
    const servers = Array.from({ length: 4 }, () => service(EVERY_MINUTE));
    await considered('2 minutes');
    const begun = await Promise.all(servers.map((server) => server.look()));
    expect(begun.filter((id) => id !== null)).toHaveLength(1);
    const experiments = await lab.service.find();
    expect(experiments).toMatchObject([
      { algorithm: 'TWO_TOWER', protocol: 'SAMPLED_LAST_ITEM', publish: true, status: 'QUEUED' },
    ]);
    expect(await servers[0].state()).toMatchObject({ reason: 'SCHEDULE', experimentId: experiments[0].id });
  });

  it('waits while anything is trained, and then makes up for what was due, once', async () => {
    const server = service(EVERY_MINUTE);
    const { id } = await lab.service.start({ algorithm: 'POPULARITY' });
    await considered('1 hour');
    expect(await server.look()).toBeNull();
    const { nextAt } = await server.state();
    expect(Math.abs(nextAt!.getTime() - Date.now())).toBeLessThan(60_000);
    await finish(id);
    const begun = await server.look();
    expect(begun).not.toBeNull();
    await finish(begun!);
    expect((await server.state()).nextAt!.getTime()).toBeGreaterThan(Date.now() - 1_000);
  });

  it('does not make up for a time before the schedule was set', async () => {
    await considered('1 year');
    const server = service({ cron: '0 0 1 1 *' });
    await server.start();
    expect(await server.look()).toBeNull();
    await considered('400 days');
    const again = service({ cron: '0 0 1 1 *' });
    await again.start();
    expect(await again.look()).not.toBeNull();
  });

  it('begins when enough was rated since the last training, and counts anew from there', async () => {
    const server = service({ afterRatings: 5 });
    expect(await server.look()).toBeNull(); // before the first training nothing is new
    const first = await lab.service.start({});
    await finish(first.id);
    expect((await server.state()).newRatings).toBe(0);
    await rate(1, [2, 4, 6, 8]);
    expect((await server.state()).newRatings).toBe(4);
    expect(await server.look()).toBeNull();
    await rate(2, [1]);
    const begun = await server.look();
    expect(begun).not.toBeNull();
    expect(await server.state()).toMatchObject({ reason: 'NEW_RATINGS', newRatings: 0 });
    // A training that fails is not tried again at once.
    await getDatabase().query(
      `update experiment set status = 'FAILED', stage = null, finished_at = now() where id = $1`,
      [begun],
    );
    expect(await server.look()).toBeNull();
  });

  it('counts a release that was seeded since', async () => {
    const { id } = await lab.service.start({});
    await finish(id);
    await getDatabase().query(
      `insert into seeding (dataset, source_hash, users, movies, ratings, taggings, genome_scores) values ('x', 'x', 1, 1, 700, 0, 0)`,
    );
    expect((await service({ afterRatings: 1_000 }).state()).newRatings).toBe(700);
    await getDatabase().query('delete from seeding');
  });

  it('trains what is in service again, with its hyperparameters and seed', async () => {
    const { id } = await lab.service.start({
      algorithm: 'ITEM_KNN',
      hyperparameters: { neighbours: 7 },
      seed: 3,
      protocol: 'FULL_HOLDOUT',
    });
    await finish(id);
    await getDatabase().query(
      `with m as (insert into model (experiment_id, algorithm, servable, artifact, sha256) values ($1, 'ITEM_KNN', true, '', '') returning id)
       insert into activation (model_id, reason) select id, 'PROMOTED' from m`,
      [id],
    );
    await considered('2 minutes');
    const begun = await service(EVERY_MINUTE).look();
    const again = await lab.service.require(begun!);
    expect(again).toMatchObject({
      algorithm: 'ITEM_KNN',
      seed: 3,
      protocol: 'FULL_HOLDOUT',
      hyperparameters: { neighbours: 7 },
    });
  });

  it('looks by itself, and not at all when it is off', async () => {
    await considered('2 minutes');
    const off = service({}, 20);
    await off.start();
    const on = service(EVERY_MINUTE, 20);
    await getDatabase().query(`update retraining set cron = '* * * * *'`);
    await on.start();
    await until(async () => (await lab.service.find()).length === 1);
    await Promise.all([on.stop(), off.stop()]);
    expect(await off.state()).toMatchObject({ nextAt: null, newRatings: null, rules: {} });
  });
});
