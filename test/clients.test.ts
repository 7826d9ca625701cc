/** What clients build on: the typed operations are today's and compile, and a change of the schema
 *  that breaks clients is found. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, isObjectType } from 'graphql';
import { RESOLVERS } from '../src/compose';
import { maxAgeOf } from '../src/graphql/cache-policy';
import { buildNearfieldSchema } from '../src/graphql/schema';
import { readLandingPage, readOperations } from '../src/http/landing-page';
import { readTestState } from './support/test-state';

const ROOT = join(__dirname, '..');
const run = (...args: string[]) => spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8');

describe('the typed operations', () => {
  it('are those of schema/operations (else: npm run codegen)', () => {
    const { status, stderr } = run('scripts/codegen.mjs', '--check');
    expect([status, stderr]).toEqual([0, '']);
  });

  it('compile with the example page, and catch a wrong variable and a field that was not asked for', () => {
    const folder = mkdtempSync(join(readTestState().folder, 'web-'));
    const file = join(folder, 'misuse.ts');
    writeFileSync(
      file,
      `import { request } from '${join(ROOT, 'web', 'client.js')}';
       import { MovieDocument } from '${join(ROOT, 'web', 'generated', 'operations.js')}';
       const { movie } = await request(MovieDocument, { id: '1' });
       export const title: string | undefined = movie?.title;
       export const wrong = movie?.director;
       await request(MovieDocument, { movieId: '1' });`,
    );
    const project = join(folder, 'tsconfig.json');
    const compilerOptions = { noEmit: true, rootDir: '/' };
    writeFileSync(
      project,
      JSON.stringify({
        extends: join(ROOT, 'web', 'tsconfig.json'),
        compilerOptions,
        include: [file, join(ROOT, 'web', '*.ts')],
      }),
    );
    const { stdout } = run(require.resolve('typescript/bin/tsc'), '-p', project, '--pretty', 'false');
    const errors = [...stdout.matchAll(/^(.*)\((\d+),\d+\): error (TS\d+)/gm)].map(
      ([, path, line, code]) => [path.split('/').at(-1), line, code],
    );
    expect(errors).toEqual([
      ['misuse.ts', '5', 'TS2339'],
      ['misuse.ts', '6', 'TS2353'],
    ]);
  });
});

describe('npm run schema:diff', () => {
  const released = `type Query { movie(id: ID!): Movie } type Movie { title: String! year: Int }`;
  const compare = (current: string) => {
    const folder = mkdtempSync(join(readTestState().folder, 'diff-'));
    const [before, after] = [join(folder, 'before.graphql'), join(folder, 'after.graphql')];
    writeFileSync(before, released);
    writeFileSync(after, current);
    return run('scripts/schema-diff.mjs', before, after);
  };

  it('finds nothing that breaks clients of the release', () => {
    const { status, stdout, stderr } = run('scripts/schema-diff.mjs');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/, 0 of them breaking/);
    expect(isObjectType(buildSchema(read('schema', 'released.graphql')).getType('Recommendation'))).toBe(
      true,
    );
  });

  it('lets through what is added or deprecated', () => {
    const current = `type Query { movie(id: ID!, language: String): Movie } type Movie { title: String! year: Int @deprecated(reason: "Use released.") released: Int }`;
    expect(compare(current)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('0 of them breaking'),
    });
  });

  it.each([
    ['a field that is gone', released.replace('year: Int', ''), 'Movie.year'],
    ['a field that may be null now', released.replace('String!', 'String'), 'Movie.title'],
    [
      'an argument that is needed now',
      released.replace('id: ID!', 'id: ID!, language: String!'),
      'Query.movie.language',
    ],
    ['a type that is another', released.replace('year: Int', 'year: String'), 'Movie.year'],
  ])('fails on %s', (_what, current, path) => {
    const { status, stderr } = compare(current);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`BREAKING ${path}`)]);
  });
});

it('docs/clients.md names the fields that may be cached', () => {
  const fields = Object.values(buildNearfieldSchema(RESOLVERS).getQueryType()?.getFields() ?? {});
  const cacheable = fields.filter(({ extensions }) => maxAgeOf(extensions) > 0);
  const row = read('docs', 'clients.md')
    .split('\n')
    .find((line) => line.startsWith('| `public, max-age=60`'));
  const named = [...(row?.matchAll(/`(\w+)`/g) ?? [])]
    .map(([, name]) => name)
    .filter((name) => name !== 'User');
  expect(named).toEqual(cacheable.map(({ name }) => name).sort());
  for (const field of cacheable) expect(maxAgeOf(field.extensions)).toBe(60);
});

it('the example page is served with all that it loads', () => {
  const paths = new Map(readLandingPage().map(({ path, body }) => [path, body]));
  const page = paths.get('/example') ?? '';
  for (const [, path] of page.matchAll(/(?:src|href)="(\/[^"]*)"/g))
    expect([...paths.keys()]).toContain(path);
  const script = paths.get('/example.js') ?? '';
  const imported = [...script.matchAll(/from '\.(\/[^']+)'/g)].map(([, path]) => path);
  expect(imported).toEqual(['/client.js', '/generated/operations.js']);
  for (const path of imported) expect([...paths.keys()]).toContain(path);
  const { query } = readOperations().find(({ name }) => name === 'taste-page') ?? { query: 'none' };
  expect(paths.get('/generated/operations.js')?.replace(/\s+/g, ' ')).toContain(
    query.replace(/\s+/g, ' ').trim(),
  );
});
