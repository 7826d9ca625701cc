/** The one door to PostgreSQL: a server when DATABASE_URL names one, else the embedded one. The
 *  rest of the code sees no difference. */
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { connect } from './connection';
import { openEmbedded } from './embedded';
import { describePlace } from './failures';

export interface Database {
  readonly kind: 'embedded' | 'server';
  /** For people, such as `PostgreSQL 18.1 (PGlite 0.5.14)`. */
  readonly version: string;
  /** For hot statements. Unnamed statements only: embedded, all connections share one session. */
  readonly pool: pg.Pool;
  readonly dataSource: DataSource;
  /** @throws DatabaseUnavailableError when the connection fails; pg.DatabaseError when the
   *    statement does */
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Commits what `work` did, or nothing. `work` uses its client only, and runs again after a
   *  deadlock (SQLSTATE 40001, 40P01).
   *  @throws NestedTransactionError, DatabaseUnavailableError, whatever `work` throws */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /** Ends the connections and, for its owner, the embedded server. May be called twice. */
  close(): Promise<void>;
}

/** A class with TypeORM's @Entity. */
export type EntityClass = new () => object;

export interface DatabaseOptions {
  readonly databaseUrl?: string | undefined;
  readonly dataDir: string;
  readonly poolSize: number;
  readonly entities: readonly EntityClass[];
  /** `owner` starts the embedded server and takes the folder's lock; `guest` (a command beside a
   *  running server) connects to the running one, or becomes the owner when none runs. Of no
   *  meaning with `databaseUrl`. */
  readonly role: 'owner' | 'guest';
  readonly onProgress?: (message: string) => void;
}

/** @throws DatabaseUnavailableError, DataDirectoryInUseError, DatabaseVersionError */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  if (options.databaseUrl) {
    options.onProgress?.(`Connecting to PostgreSQL at ${describePlace(options.databaseUrl)}`);
    return connect(
      {
        kind: 'server',
        place: describePlace(options.databaseUrl),
        connection: { connectionString: options.databaseUrl },
      },
      options,
    );
  }
  const target = await openEmbedded(options);
  try {
    return await connect(target, options);
  } catch (error) {
    await target.stop?.();
    throw error;
  }
}
