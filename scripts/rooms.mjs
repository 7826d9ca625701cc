/** Checks the rooms of src/ (rooms.cjs): the import rules, allowances that nobody uses, arrows that
 *  run back up, and decorators that reach a room which must do without them. Part of
 *  `npm run lint`. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const { ROOMS, WITHOUT_DECORATORS } = require('../rooms.cjs');
const MOST_ARROWS_UP = 3;
const DECORATORS = /node_modules\/(type-graphql|typeorm|class-validator)\//;
/** Folders of src/ that put the rooms together, and may import all of them. */
const COMPOSITION = ['cli'];

/** @typedef {{ resolved: string, dependencyTypes: string[], dynamic: boolean }} Dependency */
/** @typedef {{ source: string, dependencies: Dependency[] }} Module */
/** @typedef {{ rule: { name: string }, from: string, to: string, cycle?: { name: string }[] }} Violation */

/** @returns {{ modules: Module[], violations: Violation[] }} the modules of src/ without tests, and
 *    what breaks the import rules */
function cruise() {
  const command = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const options = ['src', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const { stdout } = spawnSync(process.execPath, [command, ...options], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  /** @type {{ modules: Module[], summary: { violations: Violation[] } }} */
  const { modules, summary } = JSON.parse(stdout);
  return {
    modules: modules.filter(({ source }) => !source.endsWith('.test.ts')),
    violations: summary.violations,
  };
}

/** @param {string} file
 *  @returns the room of a file of src/; undefined for others and those at the top */
function roomOf(file) {
  return /^src\/([^/]+)\//.exec(file)?.[1];
}

/** @param {Module[]} modules */
function arrows(modules) {
  const found = [];
  for (const { source, dependencies } of modules) {
    for (const { resolved } of dependencies) {
      const [from, to] = [roomOf(source), roomOf(resolved)];
      if (from && to && from !== to) found.push({ from, to, resolved });
    }
  }
  return found;
}

/** @param {string} start
 *  @param {Map<string, string[]>} valueImports
 *  @returns {string[] | undefined} the way from a file to a decorator */
function wayToDecorators(start, valueImports) {
  const queue = [[start]];
  const seen = new Set([start]);
  for (const way of queue) {
    for (const next of valueImports.get(way[way.length - 1]) ?? []) {
      if (DECORATORS.test(next)) return [...way, next];
      if (!seen.has(next)) queue.push([...way, next]);
      seen.add(next);
    }
  }
  return undefined;
}

export function checkRooms() {
  const { modules, violations } = cruise();
  const order = Object.keys(ROOMS);
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((it) => it.isDirectory());
  const unlisted = folders
    .map(({ name }) => name)
    .filter((name) => !ROOMS[name] && !COMPOSITION.includes(name));

  const used = arrows(modules);
  const unused = order.flatMap((room) =>
    ROOMS[room].imports
      .filter((place) => !used.some(({ from, resolved }) => from === room && isIn(resolved, place)))
      .map((place) => `${room} does not import ${place}: take it off the list in rooms.cjs.`),
  );
  const arrowsUp = order.flatMap((room, at) =>
    ROOMS[room].imports
      .filter((place) => order.indexOf(place.split('/')[0]) > at)
      .map((place) => `${room} → ${place}`),
  );

  const valueImports = new Map(
    modules.map(({ source, dependencies }) => [
      source,
      dependencies
        .filter(({ dependencyTypes, dynamic }) => !dynamic && !dependencyTypes.includes('type-only'))
        .map(({ resolved }) => resolved),
    ]),
  );
  const decorated = modules
    .filter(({ source }) => WITHOUT_DECORATORS.some((place) => isIn(source, place)))
    .map(({ source }) => wayToDecorators(source, valueImports))
    .filter((way) => way !== undefined)
    .map((way) => `loads decorators: ${way.join(' > ')}`);

  return {
    problems: [
      ...violations.map(describe),
      ...unlisted.map((name) => `src/${name}/ is missing in rooms.cjs.`),
      ...unused,
      ...(arrowsUp.length > MOST_ARROWS_UP ? arrowsUp.map((arrow) => `runs back up: ${arrow}`) : []),
      ...decorated,
    ],
    arrowsUp,
    circles: violations.filter(({ rule }) => rule.name === 'no-cycles').length,
  };
}

/** @param {string} file
 *  @param {string} place a room, a folder or a file without ending */
function isIn(file, place) {
  return file.startsWith(`src/${place}/`) || file === `src/${place}.ts`;
}

/** @param {Violation} violation */
function describe({ rule, from, to, cycle }) {
  const way = cycle ? cycle.map(({ name }) => name).join(' > ') : to;
  return `${rule.name}: ${from} > ${way}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { problems, arrowsUp, circles } = checkRooms();
  for (const problem of problems) console.error(problem);
  console.log(`rooms: ${circles} circles, ${arrowsUp.length} arrows up, ${problems.length} problems`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
