/** The documents that are lists of something in the code name all of it, and nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTINGS } from '../src/config';
import { CLIENT_CODES } from '../src/errors';

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
