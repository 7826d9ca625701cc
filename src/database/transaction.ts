/** One transaction on one connection, tried again where PostgreSQL says that trying again is the
 *  remedy. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { NestedTransactionError } from './failures';

/** serialization_failure and deadlock_detected: the statement was right, the moment was not. */
const RETRYABLE = new Set(['40001', '40P01']);
const ATTEMPTS = 6;

const current = new AsyncLocalStorage<{ open: boolean }>();

/** @throws NestedTransactionError when the caller runs inside `runTransaction` */
export function refuseInsideTransaction(): void {
  if (current.getStore()?.open) throw new NestedTransactionError();
}

/** Runs `work` between BEGIN and COMMIT; rolls back on any error. `work` runs again after a
 *  deadlock or serialization failure, so it must have no effect outside the database.
 *  @throws whatever `work` throws, and the last failure after 6 attempts */
export async function runTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(pool, work);
    } catch (error) {
      const code = (error as { code?: unknown } | null)?.code;
      if (typeof code !== 'string' || !RETRYABLE.has(code) || attempt === ATTEMPTS) throw error;
      await sleep(Math.random() * 10 * 2 ** attempt);
    }
  }
}

async function runOnce<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  const scope = { open: true };
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await current.run(scope, () => work(client));
    await client.query('commit');
    return result;
  } catch (error) {
    // A connection that cannot even roll back is not given back to the pool.
    await client.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    scope.open = false;
    client.release(broken);
  }
}
