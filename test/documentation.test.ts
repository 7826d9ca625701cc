/** The documents that list something in the code list all of it and nothing else, stay readable,
 *  and link to what exists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SETTINGS } from '../src/config';
import { CLIENT_CODES } from '../src/errors';

const ROOT = join(__dirname, '..');
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...['docs', 'bench'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .map((file) => join(folder, file)),
  ),
];
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
/** The rows of each table, without its head. */
const tablesOf = (text: string): string[][] =>
  (text.match(/(^\|.*\n)+/gm) ?? []).map((table) => table.trim().split('\n').slice(2));

const { ROOMS } = require('../rooms.cjs') as {
  ROOMS: Record<string, { purpose: string; imports: string[] }>;
};

function firstColumn(file: string): string[] {
  const text = readFileSync(join(__dirname, '..', 'docs', file), 'utf8');
  return [...text.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
}

it('docs/errors.md lists every code', () => {
  expect(firstColumn('errors.md')).toEqual(Object.keys(CLIENT_CODES));
});

it('docs/configuration.md lists every variable', () => {
  expect(firstColumn('configuration.md')).toEqual(Object.keys(SETTINGS));
});

it('docs/configuration.md gives the defaults that the code has', () => {
  const text = readFileSync(join(__dirname, '..', 'docs', 'configuration.md'), 'utf8');
  for (const [name, rule] of Object.entries(SETTINGS)) {
    const parsed = rule.safeParse(undefined);
    if (!parsed.success || parsed.data === undefined || Array.isArray(parsed.data)) continue;
    const row = text.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row).toContain(`| \`${name}\` | \`${String(parsed.data)}\``);
  }
});

it('README.md can be read in five minutes', () => {
  const text = textOf('README.md');
  expect(text.split(/\s+/).length).toBeLessThanOrEqual(1_000);
  for (const rows of tablesOf(text)) expect(rows.length).toBeLessThanOrEqual(8);
});

it.each(documents)('%s links to files that exist', (file) => {
  const targets = [...textOf(file).matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)].map(([, target]) => target);
  const local = targets.filter((target) => !/^[a-z]+:/.test(target));
  expect(local.filter((target) => !existsSync(join(ROOT, dirname(file), target)))).toEqual([]);
});

it.each(documents.filter((file) => file.startsWith('docs')))(
  '%s has no line over 400 characters',
  (file) => {
    expect(
      textOf(file)
        .split('\n')
        .filter((line) => line.length > 400),
    ).toEqual([]);
  },
);

it('docs/architecture.md shows the rooms of rooms.cjs', () => {
  const text = readFileSync(join(__dirname, '..', 'docs', 'architecture.md'), 'utf8');
  const shown = [...text.matchAll(/^\| `(\w+)\/` \| (.*) \| (.*?) ?\|$/gm)].map((row) => row.slice(1));
  expect(shown).toEqual(
    Object.entries(ROOMS).map(([name, { purpose, imports }]) => [name, purpose, imports.join(', ')]),
  );
});

it('docs/errors.md says of each code whether it is retryable', () => {
  const text = readFileSync(join(__dirname, '..', 'docs', 'errors.md'), 'utf8');
  const shown = [...text.matchAll(/^\| `([A-Z_]+)` \| [^|]+ \| (yes|no)/gm)].map(([, code, word]) => [
    code,
    word,
  ]);
  expect(shown).toEqual(
    Object.entries(CLIENT_CODES).map(([code, { retryable }]) => [code, retryable ? 'yes' : 'no']),
  );
});

// Capitals are placeholders: src/datasets/formats/NAME.ts.
it.each(documents.filter((file) => !file.startsWith('bench')))('%s names files that exist', (file) => {
  const named = [...textOf(file).matchAll(/`((?:src|test|bench|scripts)\/[\w./-]+)`/g)].map(
    ([, path]) => path,
  );
  expect(named.filter((path) => !/[A-Z]{2}/.test(path) && !existsSync(join(ROOT, path)))).toEqual([]);
});
