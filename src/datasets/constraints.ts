/** Keys and indices of empty tables, put aside while millions of rows come in: one sort at the end
 *  is cheaper than as many look-ups. */
import type pg from 'pg';

/** @returns what puts them back, each under its name; a row that breaks one is refused then
 *  @throws pg.DatabaseError when another table's key depends on one */
export async function putAside(
  client: pg.ClientBase,
  tables: readonly string[],
): Promise<() => Promise<void>> {
  const { rows: constraints } = await client.query<{ table: string; name: string; definition: string }>(
    // Keys before the foreign keys, which may stand on them.
    `select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
       from pg_constraint where conrelid = any ($1::text[]::regclass[]) and contype in ('p', 'u', 'f')
      order by contype = 'f', oid`,
    [tables],
  );
  const { rows: indices } = await client.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
       from pg_index where indrelid = any ($1::text[]::regclass[])
        and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))
      order by indexrelid`,
    [tables],
  );
  for (const { table, name } of [...constraints].reverse())
    await client.query(`alter table ${table} drop constraint ${name}`);
  for (const { name } of indices) await client.query(`drop index ${name}`);
  return async () => {
    for (const { table, name, definition } of constraints) {
      await client.query(`alter table ${table} add constraint ${name} ${definition}`);
    }
    for (const { definition } of indices) await client.query(definition);
  };
}
