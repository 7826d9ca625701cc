/** The studies in bench/ are not type-checked: what they import from here must exist at least. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const BENCH = join(__dirname, '../../bench');
const IMPORT = /\{([^{}]*)\}\s*(?:from\s*|=\s*(?:await import|require)\()'((?:\.\.\/)+dist\/[^']+\.js)'/g;
const files = ['.', 'support'].flatMap((folder) =>
  readdirSync(join(BENCH, folder))
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => join(folder, name)),
);

it.each(files)('%s imports what there is', (file) => {
  const missing: string[] = [];
  for (const [, names, path] of readFileSync(join(BENCH, file), 'utf8').matchAll(IMPORT)) {
    const source = join(BENCH, dirname(file), path.replace('dist/', 'src/').replace(/js$/, 'ts'));
    const text = existsSync(source) ? readFileSync(source, 'utf8') : '';
    for (const name of names.split(',').map((each) => each.trim().split(/\s|:/)[0])) {
      const declared = new RegExp(
        `export (async )?(abstract )?(const|function\\*?|class|enum) ${name}\\b|export \\{[^}]*\\b${name}\\b`,
      );
      if (name !== '' && !declared.test(text)) missing.push(`${name} of ${path}`);
    }
  }
  expect(missing).toEqual([]);
});

it('are all in bench/README.md', () => {
  const readme = readFileSync(join(BENCH, 'README.md'), 'utf8');
  const listed = [...readme.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, name]) => `${name}.mjs`);
  expect(listed.sort()).toEqual(files.filter((file) => !file.includes('/')).sort());
});
