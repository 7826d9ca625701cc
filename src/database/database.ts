/** Opens PostgreSQL: a server when DATABASE_URL names one, else the embedded one. The rest of the
 *  code sees no difference: a pool of plain `pg` for its statements, TypeORM for administration. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { type EmbeddedOptions, openEmbedded } from './embedded';
import { asDatabaseError, DatabaseVersionError, describePlace, NestedTransactionError } from './failures';

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
  /** Commits what `work` did, or nothing. `work` uses only its client and has no effect outside of
   *  the database, because it runs again after a deadlock or a serialization failure.
   *  @throws NestedTransactionError, DatabaseUnavailableError, whatever `work` throws */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /** Ends the connections and, for its owner, the embedded server. May be called twice. */
  close(): Promise<void>;
}

/** A class with TypeORM's @Entity. */
export type EntityClass = new () => object;

export interface DatabaseOptions extends EmbeddedOptions {
  readonly databaseUrl?: string | undefined;
  readonly poolSize: number;
  readonly entities: readonly EntityClass[];
}

/** What to connect to. */
interface Target {
  readonly kind: Database['kind'];
  /** For messages; without secrets. */
  readonly place: string;
  readonly connection: pg.PoolConfig;
  /** Appended to the server's version, such as `PGlite 0.5.14`. */
  readonly product?: string;
  /** Called after the connections are closed. */
  readonly stop?: () => Promise<void>;
}

const OLDEST_SERVER = 15;
const TYPEORM_CONNECTIONS = 4;
const INT8 = 20;
const TRANSACTION_ATTEMPTS = 6;
/** serialization_failure and deadlock_detected: another attempt is the remedy. */
const RETRYABLE = new Set(['40001', '40P01']);

/** @throws DatabaseUnavailableError, DataDirectoryInUseError, DatabaseVersionError */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { databaseUrl, dataDir, onProgress } = options;
  if (databaseUrl) {
    const place = describePlace(databaseUrl);
    onProgress?.(`Connecting to PostgreSQL at ${place}`);
    return connect({ kind: 'server', place, connection: { connectionString: databaseUrl } }, options);
  }
  const target: Target = { kind: 'embedded', place: dataDir, ...(await openEmbedded(options)) };
  try {
    return await connect(target, options);
  } catch (error) {
    await target.stop?.();
    throw error;
  }
}

/** @throws DatabaseUnavailableError, DatabaseVersionError */
async function connect(target: Target, { poolSize, entities }: DatabaseOptions): Promise<Database> {
  const shared = {
    ...target.connection,
    types,
    application_name: 'nearfield',
    connectionTimeoutMillis: target.kind === 'server' ? 10_000 : 0,
  };
  const pool = new pg.Pool({ ...shared, max: poolSize });
  // A connection that drops while idle is replaced at the next checkout; without listeners it would
  // end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const dataSource = new DataSource({
    type: 'postgres',
    entities: [...entities],
    synchronize: false,
    installExtensions: false,
    logging: false,
    poolSize: Math.min(TYPEORM_CONNECTIONS, poolSize),
    poolErrorHandler: () => undefined,
    extra: shared,
  });
  try {
    const { rows } = await pool.query<{ server_version: string }>('show server_version');
    const version = rows[0].server_version.split(' ')[0];
    if (Number.parseInt(version, 10) < OLDEST_SERVER) {
      throw new DatabaseVersionError(
        `The server at ${target.place} is PostgreSQL ${version}; Nearfield requires ${OLDEST_SERVER} or newer.`,
      );
    }
    await dataSource.initialize();
    const product = target.product ? ` (${target.product})` : '';
    return new ConnectedDatabase(target, `PostgreSQL ${version}${product}`, pool, dataSource);
  } catch (error) {
    await pool.end().catch(() => undefined);
    throw asDatabaseError(error, target.place);
  }
}

/** int8 as a number where a number holds it exactly; beyond 2^53 as text, which is `pg`'s
 *  default. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid !== INT8 || format === 'binary') return pg.types.getTypeParser(oid, format as 'text');
    return (text: string) => (Number.isSafeInteger(Number(text)) ? Number(text) : text);
  }) as typeof pg.types.getTypeParser,
};

class ConnectedDatabase implements Database {
  readonly kind: Database['kind'];
  private closing: Promise<void> | undefined;

  constructor(
    private readonly target: Target,
    readonly version: string,
    readonly pool: pg.Pool,
    readonly dataSource: DataSource,
  ) {
    this.kind = target.kind;
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    refuseInsideTransaction();
    try {
      // `pg` returns an array of results for several statements in one text: the last one counts.
      const result = (await this.pool.query(sql, [...parameters])) as pg.QueryResult | pg.QueryResult[];
      return (Array.isArray(result) ? result[result.length - 1].rows : result.rows) as Row[];
    } catch (error) {
      throw asDatabaseError(error, this.target.place);
    }
  }

  async transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    refuseInsideTransaction();
    for (let attempt = 1; ; attempt++) {
      try {
        return await runTransaction(this.pool, work);
      } catch (error) {
        const code = (error as { code?: unknown } | null)?.code;
        if (typeof code !== 'string' || !RETRYABLE.has(code) || attempt === TRANSACTION_ATTEMPTS)
          throw asDatabaseError(error, this.target.place);
        await sleep(Math.random() * 10 * 2 ** attempt);
      }
    }
  }

  close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  private async closeOnce(): Promise<void> {
    try {
      await Promise.all([this.pool.end(), this.dataSource.destroy()]);
    } finally {
      await this.target.stop?.();
    }
  }
}

const currentTransaction = new AsyncLocalStorage<{ open: boolean }>();

function refuseInsideTransaction(): void {
  if (currentTransaction.getStore()?.open) throw new NestedTransactionError();
}

/** Runs `work` between BEGIN and COMMIT; rolls back on any error. */
async function runTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  const scope = { open: true };
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await currentTransaction.run(scope, () => work(client));
    await client.query('commit');
    return result;
  } catch (error) {
    // A connection that cannot even roll back is not returned to the pool.
    await client.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    scope.open = false;
    client.release(broken);
  }
}
