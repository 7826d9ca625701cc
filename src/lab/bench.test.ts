import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const BENCH = join(__dirname, '../../bench');

it('bench/README.md lists every study and benchmark', () => {
  const readme = readFileSync(join(BENCH, 'README.md'), 'utf8');
  const listed = [...readme.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, name]) => `${name}.mjs`);
  expect(listed.sort()).toEqual(readdirSync(BENCH).filter((name) => name.endsWith('.mjs')));
});
