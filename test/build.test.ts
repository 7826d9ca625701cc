/** What `npm run build` leaves in dist/. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const compiled = readdirSync(join(ROOT, 'dist'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.js'),
);

it('ships no test and no fixture', () => {
  expect(compiled.filter((file) => /test|fixture|golden/.test(file))).toEqual([]);
});

it('ships nothing whose source is gone', () => {
  const sourceOf = (file: string) => join(file.startsWith('web') ? '' : 'src', file.replace(/js$/, 'ts'));
  expect(compiled.filter((file) => !existsSync(join(ROOT, sourceOf(file))))).toEqual([]);
});
