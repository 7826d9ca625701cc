/** The experiments' part of the API over real HTTP, with a runner that trains. */
import type { Database } from '../../src/database/database';
import { createExperimentResolvers } from '../../src/experiments/resolvers';
import { buildNearfieldSchema } from '../../src/graphql/schema';
import { ADMIN_KEY, bearer, type Data, startTestServer, type TestServer } from './graphql-server';
import { type Laboratory, laboratory } from './training-runner';

export interface LaboratoryServer {
  readonly lab: Laboratory;
  readonly server: TestServer;
  /** As admin. @throws Error when anything failed */
  ask(query: string, variables?: object): Promise<Data>;
  /** As admin. @returns code and field of the one error that the query must end with */
  refusal(query: string, variables?: object): Promise<{ code: unknown; field: unknown; message: string }>;
  stop(): Promise<void>;
}

export async function startLaboratory(
  database: Database,
  options: Parameters<typeof laboratory>[1] = {},
): Promise<LaboratoryServer> {
  const lab = laboratory(database, options);
  const resolvers = createExperimentResolvers(database, lab.service, lab.store);
  const server = await startTestServer({ schema: buildNearfieldSchema(resolvers) });
  const asAdmin = (query: string, variables: object = {}) =>
    server.ask(query, variables, bearer(ADMIN_KEY));
  return {
    lab,
    server,
    async ask(query, variables) {
      const { data, errors } = await asAdmin(query, variables);
      if (errors) throw new Error(JSON.stringify(errors));
      return data;
    },
    async refusal(query, variables) {
      const { errors } = await asAdmin(query, variables);
      if (errors?.length !== 1) throw new Error(`One error was expected, not ${JSON.stringify(errors)}.`);
      const [{ extensions, message }] = errors;
      return { code: extensions?.code, field: extensions?.field, message };
    },
    async stop() {
      await lab.stop();
      await server.close();
    },
  };
}
