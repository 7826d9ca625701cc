/** Second way: libtensorflow and its C headers out of PyPI's tensorflow-cpu wheel, fetched by pip. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import { cache, cachedLibrary } from './places.mjs';
import { NativeUnavailable, progress } from './report.mjs';

// 2.15.1 is the last release whose wheel holds libtensorflow_cc.so.2 as a file of its own for CPython 3.11
const REQUIREMENT = 'tensorflow-cpu==2.15.1';
const SHA256 = '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26';
const TARGET = ['--python-version', '311', '--platform', 'manylinux2014_x86_64'];
/** 2 libraries and some 90 headers out of 13,000 entries. `tsl` is where 2.15 keeps the string type of the C API. */
const WANTED =
  /^tensorflow\/(libtensorflow_(cc|framework)\.so\.2|include\/(tensorflow|tsl)\/(c|core\/platform|platform)\/([^/]+\/)?[^/]+\.h)$/;

/** @returns {boolean} whether `.native/tensorflow/` is there; it only ever appears whole, by a rename */
export function libraryCached() {
  return existsSync(path.join(cachedLibrary, 'libtensorflow_cc.so.2'));
}

/** Leaves the libraries and headers in `.native/tensorflow/`. @throws NativeUnavailable */
export async function provideLibrary() {
  if (libraryCached()) return;
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (
    process.report.getReport()
  );
  if (process.platform !== 'linux' || process.arch !== 'x64' || !header.glibcVersionRuntime) {
    throw new NativeUnavailable(
      `the wheel is for Linux x86-64 with glibc; this is ${process.platform} ${process.arch}`,
    );
  }
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(path.join(cache, 'draft-'));
  try {
    progress(`downloading ${REQUIREMENT} with pip (207 MB)`);
    const wheel = download(draft);
    progress('checking its SHA-256');
    await verify(wheel);
    progress('extracting libtensorflow (614 MB)');
    await extract(wheel, draft);
    if (!libraryCached()) renameSync(path.join(draft, 'tensorflow'), cachedLibrary); // a second run may have been first
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** @param {string} folder
 *  @returns {string} path of the one wheel in it */
function download(folder) {
  const python = ['python3', 'python'].find(
    (name) => spawnSync(name, ['-m', 'pip', '--version']).status === 0,
  );
  if (!python)
    throw new NativeUnavailable(
      'pip is needed to fetch libtensorflow; install Python 3 with pip and run again',
    );
  const words = [
    '-m',
    'pip',
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '--no-cache-dir',
    '--disable-pip-version-check',
    '-q',
    ...TARGET,
    '-d',
    folder,
    REQUIREMENT,
  ];
  const { status, stderr } = spawnSync(python, words, { encoding: 'utf8' });
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (status !== 0 || !wheel)
    throw new NativeUnavailable(`pip could not download ${REQUIREMENT}:\n${stderr.trim()}`);
  return path.join(folder, wheel);
}

/** @param {string} file @throws NativeUnavailable */
async function verify(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  const found = hash.digest('hex');
  if (found !== SHA256)
    throw new NativeUnavailable(
      `the wheel's SHA-256 is ${found}, expected ${SHA256}; nothing of it is used`,
    );
}

/** @param {string} wheel @param {string} folder */
async function extract(wheel, folder) {
  const zip = await yauzl.openPromise(wheel, { lazyEntries: true });
  for await (const entry of zip.eachEntry()) {
    if (!WANTED.test(entry.fileName)) continue;
    const target = path.join(folder, entry.fileName);
    mkdirSync(path.dirname(target), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target));
  }
}
