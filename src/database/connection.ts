/** A pool of plain `pg` and a TypeORM data source over the same PostgreSQL, be it embedded or a
 *  server. */
import pg from 'pg';
import { DataSource } from 'typeorm';
import type { Database, EntityClass } from './database';
import { asDatabaseError, DatabaseVersionError } from './failures';
import { refuseInsideTransaction, runTransaction } from './transaction';

export interface ConnectionTarget {
  readonly kind: Database['kind'];
  /** For messages; without secrets. */
  readonly place: string;
  /** Host (a folder for a unix socket), port, user, password, database; or `connectionString`. */
  readonly connection: pg.PoolConfig;
  /** Appended to the server's version, such as `PGlite 0.5.14`. */
  readonly product?: string | undefined;
  /** Called after the connections are closed. */
  readonly stop?: () => Promise<void>;
}

const OLDEST_SERVER = 15;
/** TypeORM is for administration; hot statements go through the pool. */
const TYPEORM_CONNECTIONS = 4;
const INT8 = 20;

/** int8 as a number wherever a number holds it exactly; beyond 2^53 it stays text, which is what
 *  `pg` gives. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid !== INT8 || format === 'binary') return pg.types.getTypeParser(oid, format as 'text');
    return (text: string) => (Number.isSafeInteger(Number(text)) ? Number(text) : text);
  }) as typeof pg.types.getTypeParser,
};

/** @throws DatabaseUnavailableError, DatabaseVersionError */
export async function connect(
  target: ConnectionTarget,
  options: { readonly poolSize: number; readonly entities: readonly EntityClass[] },
): Promise<Database> {
  const shared = {
    ...target.connection,
    types,
    application_name: 'nearfield',
    connectionTimeoutMillis: target.kind === 'server' ? 10_000 : 0,
  };
  const pool = new pg.Pool({ ...shared, max: options.poolSize });
  // A connection that drops while nobody uses it is replaced at the next checkout; without
  // listeners it would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const dataSource = new DataSource({
    type: 'postgres',
    entities: [...options.entities],
    synchronize: false,
    installExtensions: false,
    logging: false,
    poolSize: Math.min(TYPEORM_CONNECTIONS, options.poolSize),
    poolErrorHandler: () => undefined,
    extra: shared,
  });
  try {
    const { rows } = await pool.query<{ server_version: string }>('show server_version');
    const version = rows[0].server_version.split(' ')[0];
    if (Number.parseInt(version, 10) < OLDEST_SERVER) {
      throw new DatabaseVersionError(
        `The server at ${target.place} is PostgreSQL ${version}; Nearfield needs ${OLDEST_SERVER} or newer.`,
      );
    }
    await dataSource.initialize();
    return new ConnectedDatabase(
      target,
      `PostgreSQL ${version}${target.product ? ` (${target.product})` : ''}`,
      pool,
      dataSource,
    );
  } catch (error) {
    await pool.end().catch(() => undefined);
    throw asDatabaseError(error, target.place);
  }
}

class ConnectedDatabase implements Database {
  private closing: Promise<void> | undefined;

  constructor(
    private readonly target: ConnectionTarget,
    readonly version: string,
    readonly pool: pg.Pool,
    readonly dataSource: DataSource,
  ) {}

  get kind(): Database['kind'] {
    return this.target.kind;
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    refuseInsideTransaction();
    try {
      // `pg` gives an array of results for several statements in one text: the last one answers.
      const result = (await this.pool.query(sql, [...parameters])) as pg.QueryResult | pg.QueryResult[];
      return (Array.isArray(result) ? result[result.length - 1].rows : result.rows) as Row[];
    } catch (error) {
      throw asDatabaseError(error, this.target.place);
    }
  }

  async transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    refuseInsideTransaction();
    try {
      return await runTransaction(this.pool, work);
    } catch (error) {
      throw asDatabaseError(error, this.target.place);
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
