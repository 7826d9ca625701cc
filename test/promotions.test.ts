/** 100 promotions and roll-backs while lists are asked for over HTTP: no request fails, and no list
 *  mixes two models. */

import { ExperimentService } from '../src/experiments/experiment-service';
import { ModelStore } from '../src/experiments/model-store';
import { createExperimentResolvers } from '../src/experiments/resolvers';
import { buildNearfieldSchema } from '../src/graphql/schema';
import { encodeArtifact } from '../src/models/artifact';
import { RecommendationResolver } from '../src/recommendations/recommendation.resolver';
import { Recommender } from '../src/serving/recommender';
import { describeEachDatabase } from './support/databases';
import { ADMIN_KEY, bearer, startTestServer, type TestServer } from './support/graphql-server';
import { handMadeArtifact, readHandMade } from './support/hand-made-space';

const CHANGES = 100;
const CLIENTS = 2;
const USERS = 5;
const MOVIES = Array.from({ length: 20 }, (_, i) => ({ id: i + 1, x: 2 ** (i / 4), y: 0 }));

describeEachDatabase('promotions under load', (getDatabase) => {
  let server: TestServer;
  let recommender: Recommender;

  beforeAll(async () => {
    const database = getDatabase();
    await database.query('insert into app_user (id) select generate_series(1, $1::int)', [USERS]);
    await database.query(
      `insert into movie (id, title, year, genres) select id, 'Movie ' || id, 2000, '{Drama}' from unnest($1::int[]) as m (id)`,
      [MOVIES.map(({ id }) => id)],
    );
    await database.query(
      `insert into rating (user_id, movie_id, value, rated_at) select id, id, 5, now() from app_user`,
    );
    const store = new ModelStore(database);
    // The second model is exactly three times as large: a distance tells which model measured it.
    for (const factor of [1, 3]) {
      const [{ id: experimentId }] = await database.query<{ id: number }>(
        `insert into experiment (algorithm, protocol, seed) values ('TWO_TOWER', 'FULL_LAST_ITEM', 1) returning id`,
      );
      const model = {
        experimentId,
        algorithm: 'TWO_TOWER' as const,
        servable: true,
        artifact: encodeArtifact(handMadeArtifact(MOVIES, [], factor)),
      };
      await database.transaction((client) => store.save(client, model, true));
    }
    const log = { info: () => undefined, warn: () => undefined };
    recommender = new Recommender({ database, models: store, readSpace: readHandMade, log });
    await recommender.start();
    store.onActivation = () => recommender.refresh();
    const resolvers = [
      ...createExperimentResolvers(database, new ExperimentService(database), store),
      new RecommendationResolver(recommender),
    ];
    server = await startTestServer({
      schema: buildNearfieldSchema(resolvers),
    });
  });
  afterAll(async () => {
    await server?.close();
    await recommender?.close();
  });

  /** @returns the factor of the one model that measured all distances; NaN for a mixture. User u
   *    lies where movie u lies. */
  function factorOf(user: number, list: { distance: number; movie: { id: string } }[]): number {
    const factors = list.map(
      ({ distance, movie }) => distance / Math.abs(MOVIES[Number(movie.id) - 1].x - MOVIES[user - 1].x),
    );
    const [factor] = factors.map(Math.round);
    return factors.every((each) => Math.abs(each - factor) < 1e-3) ? factor : Number.NaN;
  }

  async function askFor(user: number): Promise<number> {
    const { data, errors } = await server.ask(
      'query ($id: ID!) { recommendations(userId: $id, k: 8) { distance movie { id } } }',
      {
        id: String(user),
      },
    );
    if (errors) throw new Error(JSON.stringify(errors));
    expect(data.recommendations).toHaveLength(8);
    return factorOf(user, data.recommendations);
  }

  it('tells a mixture from a list of one model', () => {
    const list = [2, 3, 4].map((id) => ({
      distance: MOVIES[id - 1].x - MOVIES[0].x,
      movie: { id: String(id) },
    }));
    expect(factorOf(1, list)).toBe(1);
    expect(factorOf(1, [...list.slice(0, 2), { ...list[2], distance: 3 * list[2].distance }])).toBeNaN();
  });

  it('answers every list from one model, and from the new one as soon as a change is answered', async () => {
    let running = true;
    const seen = new Map<number, number>();
    const clients = Array.from({ length: CLIENTS }, async (_, c) => {
      for (let turn = c; running; turn++) {
        const factor = await askFor(1 + (turn % USERS));
        seen.set(factor, (seen.get(factor) ?? 0) + 1);
      }
    });
    const change = async (mutation: string) => {
      const { data, errors } = await server.ask(
        `mutation { change: ${mutation} { model { id } } }`,
        {},
        bearer(ADMIN_KEY),
      );
      expect(errors).toBeUndefined();
      return data.change.model.id;
    };
    try {
      for (let turn = 0; turn < CHANGES; turn++) {
        const modelId = await change(
          turn % 2 === 0 ? 'promoteModel(modelId: "1", force: true)' : 'rollbackModel',
        );
        expect(modelId).toBe(turn % 2 === 0 ? '1' : '2');
        expect(await askFor(1 + (turn % USERS))).toBe(modelId === '1' ? 1 : 3);
      }
    } finally {
      running = false;
    }
    await Promise.all(clients);
    expect([...seen.keys()].sort()).toEqual([1, 3]);
  }, 180_000);
});
