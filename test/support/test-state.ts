/** What the global setup tells the tests. Jest runs them in other processes, which inherit the
 *  environment. */

export interface TestState {
  /** A temporary folder of this run; goes away with it. */
  readonly folder: string;
  /** A data folder with a migrated, closed embedded database: `postgres/` in it is copied for each
   *  test. */
  readonly embeddedTemplate: string;
  readonly server: { readonly url: string; readonly template: string; readonly origin: string } | null;
}

const VARIABLE = 'NEARFIELD_TEST_STATE';

export function writeTestState(state: TestState): void {
  process.env[VARIABLE] = JSON.stringify(state);
}

/** @throws Error outside the integration project: its global setup has not run */
export function readTestState(): TestState {
  const text = process.env[VARIABLE];
  if (!text)
    throw new Error(
      'Test databases are for the integration tests in test/: run jest with --selectProjects integration.',
    );
  return JSON.parse(text) as TestState;
}

/** @returns the same server's URL, with another database */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
