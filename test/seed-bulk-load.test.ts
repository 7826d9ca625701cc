/** Bulk loading says the same on both kinds of database: every type, nulls, and text that needs
 *  care. */
import fc from 'fast-check';
import { bulkLoad, type Column, type RowBatch } from '../src/database/bulk-load';
import { describeEachDatabase } from './support/databases';

const COLUMNS: Column[] = [
  { name: 'i', type: 'integer' },
  { name: 's', type: 'smallint' },
  { name: 'r', type: 'real' },
  { name: 't', type: 'text' },
  { name: 'a', type: 'text[]' },
  { name: 'at', type: 'timestamptz' },
];

interface Row {
  i: number | null;
  s: number | null;
  r: number | null;
  t: string | null;
  a: string[] | null;
  at: number | null;
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => !value.includes('\0')),
  fc.constantFrom('', 'NULL', 'null', '{}', '"', '\\', '\\"', ',', '{a,b}', "'", '\n', '\t', ' ', 'é😀'),
);
const row: fc.Arbitrary<Row> = fc.record({
  i: fc.option(fc.integer()),
  s: fc.option(fc.integer({ min: -32_768, max: 32_767 })),
  r: fc.option(
    fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map((value) => value + 0),
  ),
  t: fc.option(text),
  a: fc.option(fc.array(text, { maxLength: 4 })),
  at: fc.option(fc.integer({ min: 0, max: 4_102_444_800 })),
});

const batchOf = (rows: readonly Row[]): RowBatch => ({
  length: rows.length,
  columns: [
    rows.map(({ i }) => i),
    rows.map(({ s }) => s),
    rows.map(({ r }) => r),
    rows.map(({ t }) => t),
    rows.map(({ a }) => a),
    rows.map(({ at }) => at),
  ],
});

describeEachDatabase('bulkLoad', (getDatabase, kind) => {
  const into = (
    batches: Iterable<RowBatch> | AsyncIterable<RowBatch>,
    columns: readonly Column[],
    table: string,
    signal?: AbortSignal,
  ) => getDatabase().transaction((client) => bulkLoad(client, kind, { table, columns, batches, signal }));

  beforeAll(async () => {
    await getDatabase().query(
      'create table bulk (n serial, i integer, s smallint, r real, t text, a text[], at timestamptz)',
    );
    await getDatabase().query(
      'create table figures (id integer primary key, value real check (value < 3), at timestamptz)',
    );
  });

  it('brings every value as it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(row, { maxLength: 8 }), { maxLength: 3 }), async (batches) => {
        await getDatabase().query('truncate bulk restart identity');
        expect(await into(batches.map(batchOf), COLUMNS, 'bulk')).toBe(batches.flat().length);
        const rows = await getDatabase().query<Row>(
          'select i, s, r, t, a, extract(epoch from at)::float8 as at from bulk order by n',
        );
        expect(
          rows.map((found) => ({ ...found, r: found.r === null ? null : Math.fround(found.r) + 0 })),
        ).toEqual(batches.flat());
      }),
      { numRuns: 40 },
    );
  });

  const figures: Column[] = [
    { name: 'id', type: 'integer' },
    { name: 'value', type: 'real' },
    { name: 'at', type: 'timestamptz' },
  ];
  const typed = (...ids: number[]) =>
    ({
      length: ids.length,
      columns: [
        Int32Array.from(ids),
        Float32Array.from(ids, (id) => id / 4),
        Float64Array.from(ids, (id) => id * 1e8),
      ],
    }) satisfies RowBatch;

  it('takes typed arrays, and more rows than fit one statement', async () => {
    const many = Array.from({ length: 25_000 }, (_, id) => id + 100);
    const batch = typed(...many);
    batch.columns[1].fill(0.5);
    expect(await into([batch, typed(1, 2)], figures, 'figures')).toBe(25_002);
    expect(
      await getDatabase().query('select id, value, at from figures where id <= 2 order by id'),
    ).toEqual([
      { id: 1, value: 0.25, at: new Date(1e11) },
      { id: 2, value: 0.5, at: new Date(2e11) },
    ]);
    const [sum] = await getDatabase().query<{ rows: number; sum: number }>(
      'select count(*)::int as rows, sum(value)::float8 as sum from figures',
    );
    expect(sum).toEqual({ rows: 25_002, sum: 12_500.75 });
    await getDatabase().query('truncate figures');
  });

  it('brings nothing when a row breaks a constraint, and the connection can be used again', async () => {
    await expect(into([typed(1, 2), typed(3, 13)], figures, 'figures')).rejects.toMatchObject({
      code: '23514',
    });
    await expect(into([typed(1, 2), typed(2)], figures, 'figures')).rejects.toMatchObject({
      code: '23505',
    });
    expect(await getDatabase().query('select id from figures')).toEqual([]);
  });

  it('brings nothing when the rows cannot be had, or when it is stopped', async () => {
    async function* broken(): AsyncGenerator<RowBatch> {
      yield typed(1, 2);
      throw new Error('no more');
    }
    await expect(into(broken(), figures, 'figures')).rejects.toThrow('no more');
    const abort = new AbortController();
    function* stopping(): Generator<RowBatch> {
      yield typed(1);
      abort.abort(new Error('enough'));
      yield typed(2);
    }
    await expect(into(stopping(), figures, 'figures', abort.signal)).rejects.toThrow('enough');
    expect(await getDatabase().query('select id from figures')).toEqual([]);
  });
});
