/** Every example of schema/operations runs as written, over real HTTP. Adding a file adds a test. */
import { readOperations } from '../src/graphql/landing-page';
import { seedCatalog } from './support/catalog-fixture';
import { describeEachDatabase } from './support/databases';
import { catalogSchema, startTestServer, type TestServer } from './support/graphql-server';

describeEachDatabase('example operations', (getDatabase) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ schema: catalogSchema(getDatabase()) });
  });
  afterAll(() => server.close());
  beforeEach(() => seedCatalog(getDatabase()));

  it.each(readOperations())('$name', async ({ query, variables }) => {
    const answer = await server.ask(query, variables);
    expect(answer.errors).toBeUndefined();
    expect(answer.status).toBe(200);
    expect(Object.values(answer.data)).not.toHaveLength(0);
    for (const value of Object.values(answer.data)) expect(value).not.toBeNull();
  });
});
