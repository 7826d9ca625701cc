/** The database behind its one door: what holds on each kind. */
import { describeEachDatabase } from './support/databases';

interface Counted {
  n: number;
}

describeEachDatabase('database', (getDatabase, kind) => {
  it('says which PostgreSQL it is', () => {
    expect(getDatabase().kind).toBe(kind);
    expect(getDatabase().version).toMatch(
      kind === 'embedded' ? /^PostgreSQL 18\.\d+ \(PGlite 0\.5\.14\)$/ : /^PostgreSQL \d+\.\d+$/,
    );
  });

  it('gives int8 as a number where it is exact, and dates as Date', async () => {
    const [row] = await getDatabase().query<Record<string, unknown>>(
      `select count(*) as small, 9007199254740993::int8 as large, '2001-02-03 04:05:06+00'::timestamptz as moment from generate_series(1, 7)`,
    );
    expect(row).toEqual({ small: 7, large: '9007199254740993', moment: new Date('2001-02-03T04:05:06Z') });
  });

  it('is one database for the pool and for TypeORM', async () => {
    await getDatabase().query(`insert into movie (id, title) values (90001, 'Seen by both')`);
    expect(await getDatabase().dataSource.query('select title from movie where id = 90001')).toEqual([
      { title: 'Seen by both' },
    ]);
  });

  describe('a transaction', () => {
    it('is undone as a whole when the work throws', async () => {
      const failing = getDatabase().transaction(async (client) => {
        await client.query(`insert into movie (id, title) values (90010, 'Never')`);
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
      expect(
        await getDatabase().query<Counted>('select count(*) as n from movie where id = 90010'),
      ).toEqual([{ n: 0 }]);
    });

    it.each(['40001', '40P01'])('is tried again after SQLSTATE %s, and commits once', async (code) => {
      let attempts = 0;
      const id = code === '40001' ? 90020 : 90021;
      await getDatabase().transaction(async (client) => {
        attempts++;
        await client.query(`insert into movie (id, title) values ($1, 'Third time')`, [id]);
        if (attempts < 3)
          await client.query(`do $$ begin raise exception 'a rival' using errcode = '${code}'; end $$`);
      });
      expect(attempts).toBe(3);
      expect(
        await getDatabase().query<Counted>('select count(*) as n from movie where id = $1', [id]),
      ).toEqual([{ n: 1 }]);
    });

    it('is not tried again after another failure', async () => {
      let attempts = 0;
      const failing = getDatabase().transaction(async (client) => {
        attempts++;
        await client.query('select 1/0');
      });
      await expect(failing).rejects.toMatchObject({ code: '22012' });
      expect(attempts).toBe(1);
    });

    it('refuses to wait for itself', async () => {
      const nested = getDatabase().transaction(() => getDatabase().query('select 1'));
      await expect(nested).rejects.toMatchObject({ name: 'NestedTransactionError' });
    });

    it('does not see another connection’s statements inside it', async () => {
      const database = getDatabase();
      await database.query('create table counter (n integer not null)');
      await database.query('insert into counter values (0)');
      const increment = () =>
        database.transaction(async (client) => {
          const { rows } = await client.query<Counted>('select n from counter for update');
          await client.query('update counter set n = $1', [rows[0].n + 1]);
        });
      await Promise.all(Array.from({ length: 40 }, increment));
      expect(await database.query<Counted>('select n from counter')).toEqual([{ n: 40 }]);
    });
  });

  // @electric-sql/pglite-socket gave each of the large statements to a small one's parse (electric-sql/pglite#1046).
  it('keeps large statements and small ones of other connections apart', async () => {
    const large = Array.from({ length: 60_000 }, (_, index) => index);
    const sizes = Array.from({ length: 5 }, async () => {
      const [row] = await getDatabase().query<Counted>('select count(*) as n from unnest($1::int[])', [
        large,
      ]);
      return row.n;
    });
    const echoes = Array.from({ length: 400 }, async (_, value) => {
      const [row] = await getDatabase().query<Counted>('select $1::int as n', [value]);
      return row.n === value;
    });
    expect(await Promise.all(sizes)).toEqual([60_000, 60_000, 60_000, 60_000, 60_000]);
    expect((await Promise.all(echoes)).every(Boolean)).toBe(true);
  });

  // The same server gave a second ReadyForQuery after an error, and later answers went to the wrong
  // question (electric-sql/pglite#958).
  it('answers rightly after a statement that failed', async () => {
    const client = await getDatabase().pool.connect();
    try {
      for (let round = 0; round < 20; round++) {
        await expect(client.query('select 1 / $1::int', [0])).rejects.toMatchObject({ code: '22012' });
        await expect(client.query('selec $1', [0])).rejects.toMatchObject({ code: '42601' });
        expect((await client.query('select $1::int as n', [round])).rows).toEqual([{ n: round }]);
      }
    } finally {
      client.release();
    }
  });

  it('frees the others when a client vanishes inside a transaction', async () => {
    const client = await getDatabase().pool.connect();
    await client.query('begin');
    await client.query(`insert into movie (id, title) values (90030, 'Abandoned')`);
    client.release(true); // ends the connection without a word
    expect(await getDatabase().query<Counted>('select count(*) as n from movie where id = 90030')).toEqual([
      { n: 0 },
    ]);
  });
});
