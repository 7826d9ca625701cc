/** Downloads against a local server that behaves as badly as real ones do. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DownloadOptions, download } from './download';
import { DownloadError } from './errors';

const CONTENT = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7919) & 255));
const OTHER = Buffer.from(CONTENT).reverse();
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');
const NAME = 'ml-test.zip';

interface Behaviour {
  content: Buffer;
  etag: string | undefined;
  lastModified: string | undefined;
  ranges: boolean;
  /** Cut the connection of the nth answer after so many bytes; -1: fall silent there. */
  cutAfter: (number | undefined)[];
  silent: boolean;
  statuses: number[];
  md5File: string | undefined;
  contentLength: boolean;
}

let behaviour: Behaviour;
let requests: { range: string | undefined; ifRange: string | undefined; url: string }[];
let server: Server;
let baseUrl: string;
let folder: string;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? '';
  if (url.endsWith('.md5')) {
    if (behaviour.md5File === undefined) response.writeHead(404).end();
    else response.end(behaviour.md5File);
    return;
  }
  requests.push({
    range: request.headers.range,
    ifRange: request.headers['if-range'] as string | undefined,
    url,
  });
  const status = behaviour.statuses.shift();
  if (status) {
    response.writeHead(status).end('no');
    return;
  }
  const { content, etag, lastModified } = behaviour;
  const valid = request.headers['if-range'] === (etag?.startsWith('"') ? etag : lastModified);
  const asked = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const start = behaviour.ranges && valid ? asked : 0;
  if (start >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const headers = {
    ...(etag && { etag }),
    ...(lastModified && { 'last-modified': lastModified }),
    ...(behaviour.contentLength && { 'content-length': String(content.length - start) }),
    ...(start > 0 && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
  };
  response.writeHead(start > 0 ? 206 : 200, headers);
  const cut = behaviour.cutAfter.shift();
  if (cut === undefined) response.end(content.subarray(start));
  else
    response.write(
      content.subarray(start, start + cut),
      () => behaviour.silent || setTimeout(() => response.destroy(), 20),
    );
}

beforeAll(async () => {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/datasets/`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearfield-download-'));
  requests = [];
  behaviour = {
    content: CONTENT,
    etag: '"one"',
    lastModified: 'Mon, 01 Jan 2024 00:00:00 GMT',
    ranges: true,
    cutAfter: [],
    silent: false,
    statuses: [],
    md5File: undefined,
    contentLength: true,
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const get = (options: Partial<DownloadOptions> = {}, sum = md5(CONTENT)) =>
  download(
    { fileName: NAME, md5: sum },
    { folder, baseUrl, backOffMs: 1, attempts: 3, stallTimeoutMs: 5_000, ...options },
  );

/** The archive is whole, and nothing else is left. */
function expectWhole(content = CONTENT): void {
  expect(readdirSync(folder)).toEqual([NAME]);
  expect(readFileSync(join(folder, NAME)).equals(content)).toBe(true);
}

it('brings the file, says how far it is, and asks no more when it is there', async () => {
  const seen: [number, number | undefined][] = [];
  expect(await get({ onProgress: (bytes, total) => seen.push([bytes, total]) })).toBe(join(folder, NAME));
  expectWhole();
  expect(seen.at(-1)).toEqual([CONTENT.length, CONTENT.length]);
  expect(seen.every(([bytes], index) => index === 0 || bytes > seen[index - 1][0])).toBe(true);
  await get();
  expect(requests).toHaveLength(1);
});

it.each([
  ['an ETag', '"one"', '"one"'],
  ['a date, where the ETag is weak', 'W/"one"', 'Mon, 01 Jan 2024 00:00:00 GMT'],
])('goes on after a cut connection, by %s', async (_name, etag, ifRange) => {
  behaviour.etag = etag;
  behaviour.cutAfter = [70_000, 60_000];
  await get();
  expectWhole();
  expect(requests).toHaveLength(3);
  expect(requests[0]).toMatchObject({ range: undefined, ifRange: undefined });
  expect(requests[1].range).toMatch(/^bytes=[1-9]\d*-$/);
  expect(requests.slice(1).map((request) => request.ifRange)).toEqual([ifRange, ifRange]);
});

it('goes on in another process with what is on disk', async () => {
  behaviour.cutAfter = [70_000];
  await expect(get({ attempts: 1 })).rejects.toThrow(DownloadError);
  expect(readdirSync(folder).sort()).toEqual([`${NAME}.part`, `${NAME}.part.json`]);
  const half = readFileSync(join(folder, `${NAME}.part`)).length;
  expect(half).toBeGreaterThan(0);
  await get();
  expectWhole();
  expect(requests.at(-1)?.range).toBe(`bytes=${half}-`);
});

it.each([
  ['the server has no ranges', { ranges: false }],
  [
    'the server says nothing by which the file could be known again',
    { etag: undefined, lastModified: undefined },
  ],
  ['the length is not known', { contentLength: false }],
])('brings the file though %s', async (_name, change) => {
  Object.assign(behaviour, change, { cutAfter: [70_000] });
  await get();
  expectWhole();
});

it('starts afresh when the file has changed between two tries', async () => {
  behaviour.cutAfter = [70_000];
  await expect(get({ attempts: 1 })).rejects.toThrow(DownloadError);
  Object.assign(behaviour, { content: OTHER, etag: '"two"' });
  await get({}, md5(OTHER));
  expectWhole(OTHER);
});

it('starts afresh when what is there is longer than the file', async () => {
  writeFileSync(join(folder, `${NAME}.part`), Buffer.alloc(300_000));
  writeFileSync(
    join(folder, `${NAME}.part.json`),
    JSON.stringify({ url: `${baseUrl}${NAME}`, validator: '"one"' }),
  );
  await get();
  expectWhole();
});

it.each(['{', '{"url": 5}', '[]', 'null'])('starts afresh when its notes are %s', async (notes) => {
  writeFileSync(join(folder, `${NAME}.part`), Buffer.alloc(1_000));
  writeFileSync(join(folder, `${NAME}.part.json`), notes);
  await get();
  expectWhole();
  expect(requests[0].range).toBeUndefined();
});

it('refuses a file that is not what the publisher summed up, and keeps none of it', async () => {
  behaviour.content = OTHER;
  await expect(get()).rejects.toThrow(`the file's MD5 does not match the publisher's ${md5(CONTENT)}.`);
  expect(existsSync(join(folder, NAME))).toBe(false);
  expect(existsSync(join(folder, `${NAME}.part`))).toBe(false);
  expect(requests).toHaveLength(3);
});

it('replaces an archive that is corrupt', async () => {
  writeFileSync(join(folder, NAME), 'half an archive');
  await get();
  expectWhole();
});

it('takes the sum from beside the archive where none is known', async () => {
  behaviour.md5File = `MD5 (${NAME}) = ${md5(CONTENT)}\n`;
  await download({ fileName: NAME, md5: undefined }, { folder, baseUrl });
  expectWhole();
  behaviour.md5File = `MD5 (${NAME}) = ${md5(OTHER)}\n`;
  behaviour.content = OTHER;
  await download({ fileName: NAME, md5: undefined }, { folder, baseUrl });
  expectWhole(OTHER);
});

it('does without a sum where there is none', async () => {
  await download({ fileName: NAME, md5: undefined }, { folder, baseUrl });
  expectWhole();
});

it('gives up at once on what will not pass, such as 404', async () => {
  behaviour.statuses = [404, 404, 404];
  await expect(get()).rejects.toThrow(
    new DownloadError(`${baseUrl}${NAME}`, 'the server responded with 404 Not Found.', false),
  );
  expect(requests).toHaveLength(1);
});

it('tries again on what may pass, such as 503 and 429', async () => {
  behaviour.statuses = [503, 429];
  await get();
  expectWhole();
  behaviour.statuses = [503, 503, 503, 503];
  rmSync(join(folder, NAME));
  await expect(get()).rejects.toThrow('the server responded with 503 Service Unavailable.');
});

it('gives a silent connection up, and goes on', async () => {
  Object.assign(behaviour, { cutAfter: [70_000], silent: true });
  await get({ stallTimeoutMs: 200 });
  expectWhole();
  expect(requests).toHaveLength(2);
});

it('says so when nobody is there', async () => {
  await expect(get({ baseUrl: 'http://127.0.0.1:9/', attempts: 2 })).rejects.toThrow(
    /^http:\/\/127\.0\.0\.1:9\/ml-test\.zip: the connection failed: /,
  );
});

it('stops when it is told to', async () => {
  Object.assign(behaviour, { cutAfter: [70_000], silent: true });
  const abort = new AbortController();
  const running = get({ signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) });
  await expect(running).rejects.toThrow('enough');
  expect(existsSync(join(folder, NAME))).toBe(false);
});
