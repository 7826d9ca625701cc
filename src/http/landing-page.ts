/** The page at `/`: what this is, and a place to type a query; and the example page. Plain files
 *  from web/ and what was compiled from it, read once, under a strict content policy. Not
 *  `@fastify/static` 10.1: it would read the disk for each request, and still need the list of what
 *  may be served (web/ has sources too), the addresses without `.html` and the generated file. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Nothing from other origins, nothing inline, no framing. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src " +
    "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
};

export interface StaticFile {
  readonly path: string;
  readonly mediaType: string;
  readonly body: string;
}

export interface ExampleOperation {
  /** The file's name without ending. */
  readonly name: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** @returns the files of web/ (`index.html` as `/`, `example.html` as `/example`), the scripts
 *    compiled from it, and `/operations.json` with the examples of schema/operations */
export function readLandingPage(): StaticFile[] {
  const files = [...readFolder(join(ROOT, 'web')), ...readFolder(join(ROOT, 'dist', 'web'))];
  const operations = {
    path: '/operations.json',
    mediaType: 'application/json; charset=utf-8',
    body: JSON.stringify(readOperations()),
  };
  return [...files, operations];
}

/** Files of a folder and of those in it; none where it is not there, as before the first build. */
function readFolder(folder: string): StaticFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => extname(name) in MEDIA_TYPES)
    .map((name) => ({
      path: `/${name.split(sep).join('/')}`.replace(/^\/index\.html$/, '/').replace(/\.html$/, ''),
      mediaType: MEDIA_TYPES[extname(name)],
      body: readFileSync(join(folder, name), 'utf8'),
    }));
}

/** Example operations, one a file; a first line `# variables: {…}` gives the values it runs with.
 *  @throws SyntaxError naming the file when that line is no JSON */
export function readOperations(folder: string = join(ROOT, 'schema', 'operations')): ExampleOperation[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const stated = /^# variables: (.*)\n/.exec(text);
      return {
        name: file.slice(0, -'.graphql'.length),
        query: text.slice(stated?.[0].length ?? 0),
        variables: parseVariables(file, stated?.[1]),
      };
    });
}

function parseVariables(file: string, text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new SyntaxError(`schema/operations/${file}, line 1: ${(error as Error).message}`);
  }
}
