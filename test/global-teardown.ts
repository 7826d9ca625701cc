/** Ends what the global setup started, also when tests failed. */
import pg from 'pg';
import { stopTestServer, type TestServer } from './support/test-server';

declare global {
  var nearfieldTestServer: (TestServer & { template: string }) | undefined;
}

export default async function globalTeardown(): Promise<void> {
  const server = globalThis.nearfieldTestServer;
  if (!server) return;
  if (server.url && server.origin === 'TEST_DATABASE_URL') {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(`drop database if exists ${server.template} with (force)`);
    await client.end();
  }
  await stopTestServer(server.guardian);
}
