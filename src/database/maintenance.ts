/** What PostgreSQL's background processes do, for PGlite, which is a single process and has none.
 *
 *  Without it the write-ahead log is never cut (1.6 million rows, inserted and updated once: 545
 *  MB, and all of it is replayed after a kill -9), dead rows are never reclaimed, and the planner
 *  has no statistics. Thresholds are PostgreSQL's own for autovacuum. */

/** What maintenance asks of PGlite. */
export interface MaintainedEngine {
  query<Row>(sql: string, parameters?: unknown[]): Promise<{ rows: Row[] }>;
  isInTransaction(): boolean;
}

const CHECKPOINT_BYTES = 64 * 2 ** 20;
const CHECKPOINT_LOOK_MS = 1_000;

/** Autovacuum's and autoanalyze's defaults: threshold 50, scale factors 0.2 and 0.1. One table a
 *  time, the neediest first. */
const NEEDIEST = `
  select format('%I.%I', schemaname, relname) as name, n_dead_tup > 50 + 0.2 * n_live_tup as vacuum
    from pg_stat_user_tables
   where n_dead_tup > 50 + 0.2 * n_live_tup or n_mod_since_analyze > 50 + 0.1 * n_live_tup
   order by greatest(n_dead_tup, n_mod_since_analyze)::float8 / (n_live_tup + 1) desc
   limit 1`;

export class Maintenance {
  private looked = 0;
  private checkpointAt = '0/0';

  constructor(private readonly engine: MaintainedEngine) {}

  /** Between two statements, also within a transaction: cuts the log once it has grown by 64 MB. */
  async afterUnit(): Promise<void> {
    if (Date.now() - this.looked < CHECKPOINT_LOOK_MS) return;
    this.looked = Date.now();
    await orLater(async () => {
      const { rows } = await this.engine.query<{ bytes: number; now: string }>(
        'select (pg_current_wal_insert_lsn() - $1::pg_lsn)::float8 as bytes, pg_current_wal_insert_lsn()::text as now',
        [this.checkpointAt],
      );
      if (rows[0].bytes < CHECKPOINT_BYTES) return;
      await this.engine.query('checkpoint');
      this.checkpointAt = rows[0].now;
    });
  }

  /** While nobody holds the session: looks after one table, if one needs it. */
  async whenIdle(): Promise<void> {
    if (this.engine.isInTransaction()) return;
    await orLater(async () => {
      const { rows } = await this.engine.query<{ name: string; vacuum: boolean }>(NEEDIEST);
      for (const { name, vacuum } of rows)
        await this.engine.query(vacuum ? `vacuum (analyze) ${name}` : `analyze ${name}`);
    });
  }
}

/** An SQL error, such as a client's transaction that has failed and takes nothing but its end, is
 *  no harm: there will be another moment. Anything else is the engine's own failure. */
async function orLater(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!/^[0-9A-Z]{5}$/.test(String((error as { code?: unknown } | null)?.code))) throw error;
  }
}
