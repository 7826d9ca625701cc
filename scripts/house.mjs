/** `npm run house`: the size and the structure of src/, without tests. `--check` fails when a limit is passed.
 *  Files and lines in all are only printed: later features add some. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Detector, getDefaultOptions, MemoryStore, mild } from '@jscpd/core';
import { Tokenizer } from '@jscpd/tokenizer';
import ts from 'typescript';
import { checkRooms } from './rooms.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const LIMITS = { wideShare: 0.02, functionLines: 60, parameters: 4, fileLines: 500 };
const WIDE = 100;
/** A pair of places is a duplicate from this size on, in lines and in tokens. */
const DUPLICATE = { minLines: 6, minTokens: 70 };
/** AssemblyScript: a kernel's entry takes numbers and addresses, no object, and is one loop nest. */
const KERNELS = 'src/numeric/assembly/';

/** @returns {{ path: string, text: string, lines: string[] }[]} */
function readSources() {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'src'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, lines: text.replace(/\n$/, '').split('\n') };
    });
}

/** @param {{ path: string, text: string }} source
 *  @returns {{ place: string, lines: number, parameters: number }[]} */
function functionsOf({ path, text }) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  /** @type {{ place: string, lines: number, parameters: number }[]} */
  const found = [];
  /** @param {import('typescript').Node} node */
  const visit = (node) => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const start = file.getLineAndCharacterOfPosition(node.getStart()).line;
      const end = file.getLineAndCharacterOfPosition(node.getEnd()).line;
      found.push({
        place: `${path}:${start + 1}`,
        lines: end - start + 1,
        parameters: node.parameters.length,
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** @param {{ path: string, text: string }[]} sources
 *  @returns {Promise<string[]>} a line for each pair */
async function duplicatesOf(sources) {
  const options = { ...getDefaultOptions(), ...DUPLICATE, format: ['typescript'], mode: mild };
  const detector = new Detector(new Tokenizer(), new MemoryStore(), [], options);
  const pairs = [];
  for (const { path, text } of sources) pairs.push(...(await detector.detect(path, text, 'typescript')));
  return pairs.map(({ duplicationA: a, duplicationB: b }) => {
    const lines = a.end.line - a.start.line + 1;
    return `${a.sourceId}:${a.start.line} ~ ${b.sourceId}:${b.start.line} (${lines} lines)`;
  });
}

const sources = readSources();
const allLines = sources.flatMap(({ lines }) => lines);
const bySize = sources.map(({ path, lines }) => ({ place: path, lines: lines.length })).sort(descending);
const functions = sources
  .filter(({ path }) => !path.startsWith(KERNELS))
  .flatMap(functionsOf)
  .sort(descending);
const rooms = checkRooms();
const duplicates = await duplicatesOf(sources);

/** @param {{ lines: number }} a
 *  @param {{ lines: number }} b */
function descending(a, b) {
  return b.lines - a.lines;
}

/** @typedef {{ name: string, value: number | string, excess?: string[] }} Measure
 *  `excess` names what passes a limit. */
/** @type {Measure[]} */
const measures = [
  { name: 'files', value: sources.length },
  { name: 'lines', value: allLines.length },
  wideLines(),
  {
    name: `lines of the largest file (at most ${LIMITS.fileLines})`,
    value: bySize[0].lines,
    excess: bySize
      .filter(({ lines }) => lines > LIMITS.fileLines)
      .map(({ place, lines }) => `${place}: ${lines}`),
  },
  { name: 'lines of the median file', value: bySize[Math.floor(bySize.length / 2)].lines },
  { name: 'lines of the file at 90 %', value: bySize[Math.floor(bySize.length / 10)].lines },
  {
    name: `lines of the longest function (at most ${LIMITS.functionLines})`,
    value: functions[0].lines,
    excess: functions
      .filter(({ lines }) => lines > LIMITS.functionLines)
      .map(({ place, lines }) => `${place}: ${lines} lines`),
  },
  {
    name: `most parameters (at most ${LIMITS.parameters})`,
    value: Math.max(...functions.map(({ parameters }) => parameters)),
    excess: functions
      .filter(({ parameters }) => parameters > LIMITS.parameters)
      .map(({ place, parameters }) => `${place}: ${parameters} parameters`),
  },
  { name: 'circles of imports (none)', value: rooms.circles },
  { name: 'arrows between rooms that run back up (at most 3)', value: rooms.arrowsUp.length },
  { name: 'breaches of rooms.cjs (none)', value: rooms.problems.length, excess: rooms.problems },
  {
    name: `duplicates of ${DUPLICATE.minLines} lines and ${DUPLICATE.minTokens} tokens`,
    value: duplicates.length,
  },
];

/** @returns {Measure} */
function wideLines() {
  const wide = allLines.filter((line) => line.length > WIDE).length;
  const share = wide / allLines.length;
  const value = `${wide} (${(100 * share).toFixed(1)} %)`;
  const excess = share > LIMITS.wideShare ? [`${value} of the lines are wider`] : [];
  return { name: `lines above ${WIDE} characters (at most ${100 * LIMITS.wideShare} %)`, value, excess };
}

for (const { name, value } of measures) console.log(`${name.padEnd(56)} ${value}`);
if (process.argv.includes('--duplicates')) for (const pair of duplicates) console.log(`  ${pair}`);
const passed = measures.filter(({ excess }) => excess?.length);
for (const { name, excess = [] } of passed) {
  console.error(`\n${name}:`);
  for (const place of excess) console.error(`  ${place}`);
}
if (process.argv.includes('--check') && passed.length > 0) process.exit(1);
