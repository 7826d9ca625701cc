/** The catalog through the API: reads, pages, searches and writes, on both kinds of database. */
import type { CatalogListener } from '../src/catalog/catalog-listener';
import { seedCatalog } from './support/catalog-fixture';
import { describeEachDatabase } from './support/databases';
import { catalogSchema, type Data, startTestServer, type TestServer } from './support/graphql-server';

describeEachDatabase('catalog', (getDatabase) => {
  let server: TestServer;
  const heard: string[] = [];
  const listener: CatalogListener = {
    historyChanged: (id) => void heard.push(`history ${id}`),
    movieChanged: (id) => void heard.push(`movie ${id}`),
    tagsChanged: () => void heard.push('tags'),
  };

  beforeAll(async () => {
    server = await startTestServer({
      schema: catalogSchema(getDatabase(), listener),
      config: { maxQueryCost: 1_000_000 },
    });
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    heard.length = 0;
    await seedCatalog(getDatabase());
  });

  async function data(query: string, variables: object = {}): Promise<Data> {
    const answer = await server.ask(query, variables);
    expect(answer.errors).toBeUndefined();
    return answer.data;
  }

  async function failure(
    query: string,
    variables: object = {},
  ): Promise<{ code: unknown; field: unknown; message: string }> {
    const { errors } = await server.ask(query, variables);
    expect(errors).toHaveLength(1);
    const [{ message, extensions }] = errors!;
    return { code: extensions?.code, field: extensions?.field, message };
  }

  it('answers a movie with all its fields, and null for one that is not there', async () => {
    const movie = `{ movie(id: 1) { id title year genres imdbId tmdbId ratingCount averageRating tags(k: 1) { count tag { name } } } none: movie(id: 99) { id } }`;
    expect(await data(movie)).toEqual({
      movie: {
        id: '1',
        title: 'Toy Story (1995)',
        year: 1995,
        genres: ['Adventure', 'Animation', 'Children'],
        imdbId: '0114709',
        tmdbId: 862,
        ratingCount: 3,
        averageRating: 3,
        tags: [{ count: 2, tag: { name: 'fun' } }],
      },
      none: null,
    });
    const rare = await data(
      '{ movie(id: 5) { year ratingCount averageRating tags { count } } user(id: 4) { ratingCount ratings { totalCount } } }',
    );
    expect(rare).toEqual({
      movie: { year: null, ratingCount: 0, averageRating: null, tags: [] },
      user: { ratingCount: 0, ratings: { totalCount: 0 } },
    });
  });

  it.each([
    ['toy sto', ['1', '4']],
    ['STORY toy', ['1', '4']],
    ['e.t.', ['3']],
    ['Extra-Terr', ['3']],
    ["schindler's", ['5']],
    ['toy zzz', []],
    ['!!!', []],
    ["'; drop table movie; --", []],
    ["\\' & | ! ( ) <-> :* *", []],
    ['   ', ['1', '2', '3', '4', '5']],
  ])('searches titles by %j', async (search, ids) => {
    const { movies } = await data(
      'query ($search: String) { movies(search: $search) { edges { node { id } } totalCount } }',
      { search },
    );
    expect(movies.edges.map((edge: Data) => edge.node.id)).toEqual(ids);
    expect(movies.totalCount).toBe(ids.length);
  });

  it.each([
    [{ genresAnyOf: ['Animation', 'Crime'] }, ['1', '2', '4']],
    [{ genresAnyOf: [] }, []],
    [{ genresNoneOf: ['Children'] }, ['2', '5']],
    [{ yearFrom: 1995 }, ['1', '2', '4']],
    [{ yearTo: 1990 }, ['3']],
    [{ genresAnyOf: ['Children'], yearFrom: 1983, yearTo: 1998 }, ['1']],
    [{ excludeIds: ['1', '3'] }, ['2', '4', '5']],
    [{}, ['1', '2', '3', '4', '5']],
  ])('filters movies by %j', async (where, ids) => {
    const { movies } = await data(
      'query ($where: MovieFilter) { movies(where: $where) { edges { node { id } } totalCount } }',
      { where },
    );
    expect(movies.edges.map((edge: Data) => edge.node.id)).toEqual(ids);
    expect(movies.totalCount).toBe(ids.length);
  });

  it.each([
    [
      'movies',
      (page: string) =>
        `movies${page} { edges { node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } }`,
      (node: Data) => node.id,
      '1 2 3 4 5',
    ],
    [
      'users',
      (page: string) =>
        `users${page} { edges { node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } }`,
      (node: Data) => node.id,
      '1 2 3 4',
    ],
    [
      'tags',
      (page: string) =>
        `tags${page} { edges { node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } }`,
      (node: Data) => node.id,
      '1 2 3',
    ],
  ])('pages %s one by one, without loss or repetition', async (name, query, idOf, expected) => {
    const seen: string[] = [];
    for (let page = '(first: 1)', more = true; more; ) {
      const connection = (await data(`{ ${query(page)} }`))[name];
      seen.push(...connection.edges.map((edge: Data) => idOf(edge.node)));
      more = connection.pageInfo.hasNextPage;
      expect(connection.pageInfo.hasPreviousPage).toBe(page.includes('after'));
      page = `(first: 1, after: "${connection.pageInfo.endCursor}")`;
    }
    expect(seen.join(' ')).toBe(expected);
  });

  it('pages ratings newest first, also where moments differ by a microsecond or not at all', async () => {
    const walk = async (field: string, of: (node: Data) => string): Promise<string> => {
      const seen: string[] = [];
      for (let page = 'first: 1', more = true; more; ) {
        const [root] = Object.values(await data(`{ ${field.replace('PAGE', page)} }`)) as Data[];
        seen.push(...root.ratings.edges.map((edge: Data) => of(edge.node)));
        more = root.ratings.pageInfo.hasNextPage;
        page = `first: 1, after: "${root.ratings.pageInfo.endCursor}"`;
      }
      return seen.join(' ');
    };
    const page =
      'ratings(PAGE) { edges { node { value user { id } movie { id } } } pageInfo { hasNextPage endCursor } }';
    expect(await walk(`user(id: 1) { ${page} }`, (rating) => rating.movie.id)).toBe('3 2 1');
    expect(await walk(`movie(id: 1) { ${page} }`, (rating) => rating.user.id)).toBe('3 2 1');
  });

  it.each([
    '',
    'x',
    'MQ==',
    'MSwy',
    '!!!',
    'LTE',
    'x'.repeat(500),
    Buffer.from('1e3').toString('base64url'),
  ])('refuses the cursor %j', async (after) => {
    const error = await failure(
      'query ($after: String) { user(id: 1) { ratings(after: $after) { totalCount } } }',
      { after },
    );
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
  });

  it.each([
    ['{ movies(first: 0) { totalCount } }', 'first', 'first must be from 1 to 100; got 0.'],
    ['{ movies(first: 101) { totalCount } }', 'first', 'first must be from 1 to 100; got 101.'],
    ['{ movie(id: 1) { tags(k: -1) { count } } }', 'k', 'k must be from 1 to 100; got -1.'],
    ['{ movie(id: "abc") { id } }', 'id', 'id must be a whole number from 1 to 2147483647; got "abc".'],
    ['{ movie(id: 0) { id } }', 'id', 'id must be a whole number from 1 to 2147483647; got "0".'],
    [
      '{ movie(id: "2147483648") { id } }',
      'id',
      'id must be a whole number from 1 to 2147483647; got "2147483648".',
    ],
    [
      '{ movies(where: { yearFrom: 99999 }) { totalCount } }',
      'where.yearFrom',
      'where.yearFrom must be from 1870 to 2100; got 99999.',
    ],
    [
      `{ movies(search: "${'x'.repeat(201)}") { totalCount } }`,
      'search',
      'search may have at most 200 characters; got 201.',
    ],
  ])('refuses %s', async (query, field, message) => {
    expect(await failure(query)).toEqual({ code: 'BAD_USER_INPUT', field, message });
  });

  const RATE =
    'mutation ($input: RateMovieInput!) { rateMovie(input: $input) { rating { value ratedAt user { ratingCount } movie { averageRating } } } }';

  it('writes a rating, tells the listener, and reads it back in the same answer', async () => {
    const before = Date.now();
    const { rateMovie } = await data(RATE, { input: { userId: '1', movieId: '4', value: 4.5 } });
    expect(rateMovie.rating).toMatchObject({
      value: 4.5,
      user: { ratingCount: 4 },
      movie: { averageRating: 2.5 },
    });
    expect(Math.abs(Date.parse(rateMovie.rating.ratedAt) - before)).toBeLessThan(60_000);
    expect(heard).toEqual(['history 1']);
    const [user] = await getDatabase().query<{ at: Date | null }>(
      'select history_changed_at as at from app_user where id = 1',
    );
    expect(user.at?.getTime()).toBe(Date.parse(rateMovie.rating.ratedAt));
    const again = await data(RATE, { input: { userId: '1', movieId: '4', value: 1 } });
    expect(again.rateMovie.rating).toMatchObject({
      value: 1,
      user: { ratingCount: 4 },
      movie: { averageRating: 0.75 },
    });
  });

  it.each([0, 0.4, 5.5, 3.3, -1, 1e300])('refuses %d stars', async (value) => {
    expect(await failure(RATE, { input: { userId: '1', movieId: '1', value } })).toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'input.value',
    });
    expect(heard).toEqual([]);
  });

  it('says which of user and movie is not there, and then writes nothing', async () => {
    expect(await failure(RATE, { input: { userId: '99', movieId: '1', value: 3 } })).toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no user with id 99.',
    });
    expect(await failure(RATE, { input: { userId: '1', movieId: '99', value: 3 } })).toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no movie with id 99.',
    });
    const tag =
      'mutation { tagMovie(input: { userId: 1, movieId: 99, tag: "brand new" }) { tagging { taggedAt } } }';
    expect(await failure(tag)).toMatchObject({ code: 'NOT_FOUND' });
    const [row] = await getDatabase().query(
      'select (select count(*) from tag) as tags, history_changed_at as at from app_user where id = 1',
    );
    expect(row).toEqual({ tags: 3, at: null });
    expect(heard).toEqual([]);
  });

  it('takes a rating back, once', async () => {
    const unrate =
      'mutation { unrateMovie(input: { userId: 1, movieId: 1 }) { removed user { ratingCount } movie { ratingCount } } }';
    expect((await data(unrate)).unrateMovie).toEqual({
      removed: true,
      user: { ratingCount: 2 },
      movie: { ratingCount: 2 },
    });
    expect((await data(unrate)).unrateMovie.removed).toBe(false);
    expect(heard).toEqual(['history 1']);
    expect(await failure(unrate.replace('movieId: 1', 'movieId: 99'))).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('reads what was written before it in the same request', async () => {
    const answer = await data(`mutation {
      a: unrateMovie(input: { userId: 1, movieId: 1 }) { movie { ratingCount } }
      b: rateMovie(input: { userId: 1, movieId: 1, value: 5 }) { rating { movie { ratingCount } } }
      c: rateMovie(input: { userId: 4, movieId: 1, value: 5 }) { rating { movie { ratingCount } } }
    }`);
    expect([
      answer.a.movie.ratingCount,
      answer.b.rating.movie.ratingCount,
      answer.c.rating.movie.ratingCount,
    ]).toEqual([2, 3, 4]);
  });

  it('puts a tag under one id whatever its spelling, and takes it off', async () => {
    const tag =
      'mutation ($tag: String!) { tagMovie(input: { userId: 4, movieId: 5, tag: $tag }) { tagging { taggedAt tag { id name taggingCount } } } }';
    const first = (await data(tag, { tag: '  Slow  Burn ' })).tagMovie.tagging;
    const second = (await data(tag, { tag: 'slow burn' })).tagMovie.tagging;
    expect(second).toEqual(first);
    expect(first.tag).toMatchObject({ name: 'Slow  Burn', taggingCount: 1 });
    expect(heard).toEqual(['tags', 'history 4', 'tags', 'history 4']);
    const untag = `mutation { untagMovie(input: { userId: 4, movieId: 5, tagId: ${first.tag.id} }) { removed tag { name taggingCount } } }`;
    expect((await data(untag)).untagMovie).toEqual({
      removed: true,
      tag: { name: 'Slow  Burn', taggingCount: 0 },
    });
    expect((await data(untag)).untagMovie.removed).toBe(false);
  });

  it.each(['', '   ', 'a\u0000b', 'x'.repeat(256), '\ud800'])('refuses the tag %j', async (tag) => {
    const mutation =
      'mutation ($tag: String!) { tagMovie(input: { userId: 1, movieId: 1, tag: $tag }) { tagging { taggedAt } } }';
    expect(await failure(mutation, { tag })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.tag' });
  });

  it('finds tags by a part of their name', async () => {
    const { tags } = await data(
      '{ tags(search: "FUN") { totalCount edges { node { name taggingCount } } } }',
    );
    expect(tags).toEqual({
      totalCount: 2,
      edges: [{ node: { name: 'fun', taggingCount: 2 } }, { node: { name: 'Funny', taggingCount: 1 } }],
    });
    expect((await data('{ tags(search: "%") { totalCount } }')).tags.totalCount).toBe(0);
  });

  it('makes users and movies with ids after the largest', async () => {
    expect((await data('mutation { createUser { user { id gender } } }')).createUser.user).toEqual({
      id: '5',
      gender: null,
    });
    const input = { title: 'Nope (2022)', genres: ['Horror', 'Horror', 'Sci-Fi'] };
    const { createMovie } = await data(
      'mutation ($input: CreateMovieInput!) { createMovie(input: $input) { movie { id title year genres } } }',
      { input },
    );
    expect(createMovie.movie).toEqual({
      id: '6',
      title: 'Nope (2022)',
      year: 2022,
      genres: ['Horror', 'Sci-Fi'],
    });
    expect(heard).toEqual(['movie 6']);
  });

  it('makes a user together with the first ratings, in their order', async () => {
    const input = {
      gender: 'F',
      ratings: [
        { movieId: '3', value: 4.5 },
        { movieId: '1', value: 1 },
      ],
    };
    const { createUser } = await data(
      'mutation ($input: CreateUserInput) { createUser(input: $input) { user { id ratingCount ratings { edges { node { value movie { id } } } } } } }',
      { input },
    );
    const { id, ratingCount, ratings } = createUser.user;
    expect(ratingCount).toBe(2);
    expect(ratings.edges.map(({ node }: { node: object }) => node)).toEqual([
      { value: 1, movie: { id: '1' } },
      { value: 4.5, movie: { id: '3' } },
    ]);
    expect(heard).toEqual([`history ${id}`]);
  });

  it.each([
    [
      [
        { movieId: '1', value: 3 },
        { movieId: '999', value: 3 },
      ],
      'input.ratings.1.movieId',
    ],
    [
      [
        { movieId: '1', value: 3 },
        { movieId: 'x', value: 3 },
      ],
      'input.ratings.1.movieId',
    ],
    [
      [
        { movieId: '1', value: 3 },
        { movieId: '1', value: 4 },
      ],
      'input.ratings.1.movieId',
    ],
    [
      [
        { movieId: '1', value: 3 },
        { movieId: '2', value: 4.2 },
      ],
      'input.ratings.1.value',
    ],
    [Array.from({ length: 501 }, (_, i) => ({ movieId: String(i + 1), value: 3 })), 'input.ratings'],
  ])('refuses the first ratings %#, and makes nobody', async (ratings, field) => {
    const count = async () =>
      (await getDatabase().query<{ n: number }>('select count(*)::int as n from app_user'))[0].n;
    const before = await count();
    const error = await failure(
      'mutation ($input: CreateUserInput) { createUser(input: $input) { user { id } } }',
      { input: { ratings } },
    );
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', field });
    expect(await count()).toBe(before);
  });

  it.each([
    [{ gender: 'X' }, 'input.gender'],
    [{ age: 131 }, 'input.age'],
    [{ occupation: '' }, 'input.occupation'],
    [{ zipCode: '1'.repeat(21) }, 'input.zipCode'],
  ])('refuses the user %j', async (input, field) => {
    const error = await failure(
      'mutation ($input: CreateUserInput) { createUser(input: $input) { user { id } } }',
      { input },
    );
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', field });
  });

  it.each([
    [{ title: ' ' }, 'input.title'],
    [{ title: 'A', year: 1492 }, 'input.year'],
    [{ title: 'A', genres: [''] }, 'input.genres.0'],
    [{ title: 'A', imdbId: 'tt1' }, 'input.imdbId'],
    [{ title: 'A', tmdbId: 0 }, 'input.tmdbId'],
  ])('refuses the movie %j', async (input, field) => {
    const error = await failure(
      'mutation ($input: CreateMovieInput!) { createMovie(input: $input) { movie { id } } }',
      { input },
    );
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', field });
  });

  it('takes a fixed number of SQL statements, however many rows an answer has', async () => {
    const database = getDatabase();
    const query = database.query.bind(database);
    const statements: string[] = [];
    database.query = (sql, parameters) => {
      statements.push(sql);
      return query(sql, parameters);
    };
    const tree = (first: number) => `{ users(first: ${first}) { edges { node { id ratingCount
      ratings(first: ${first}) { totalCount edges { node { value user { id } movie { title ratingCount averageRating tags(k: 3) { tag { name taggingCount } } } } } }
      taggings(first: ${first}) { totalCount edges { node { tag { name taggingCount } movie { title } user { id } } } }
    } } } }`;
    try {
      await data(tree(1));
      // Users, their ratings, their taggings and both counts; then users, movies, tags, statistics,
      // top tags and tag counts by id.
      expect(new Set(statements).size).toBe(11);
      const one = statements.splice(0).length;
      await query('insert into app_user (id) select generate_series(101, 150)');
      await query(
        'insert into rating (user_id, movie_id, value, rated_at) select u, m, 3, now() from generate_series(101, 150) u, generate_series(1, 5) m',
      );
      await query(
        'insert into tagging (user_id, movie_id, tag_id, tagged_at) select u, m, 1 + m % 3, now() from generate_series(101, 150) u, generate_series(1, 5) m',
      );
      await data(tree(50));
      expect(new Set(statements).size).toBe(11);
      // The same id is wanted at two depths; whether both fall into one batch is a matter of
      // timing, not of the number of rows.
      expect(Math.max(one, statements.length)).toBeLessThanOrEqual(14);
    } finally {
      database.query = query;
    }
  });

  it('survives 200 writes at once by people who rate the same movies', async () => {
    const writes = Array.from({ length: 200 }, (_, i) =>
      server.ask(RATE, {
        input: { userId: String(1 + (i % 4)), movieId: String(1 + (i % 5)), value: 0.5 + (i % 10) / 2 },
      }),
    );
    for (const { errors } of await Promise.all(writes)) expect(errors).toBeUndefined();
    const [{ count }] = await getDatabase().query<{ count: number }>(
      'select count(*)::integer as count from rating',
    );
    expect(count).toBe(20);
  });
});
