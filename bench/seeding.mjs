/** Seeding against `psql \copy` of the same rows, on the same server.
 *  DATABASE_URL=postgresql://… node bench/seeding.mjs [--rows 5000000] [--repeat 1] [--only-ours]
 *  node bench/seeding.mjs --readers   only: our line reader against csv-parse
 *  The server's user must be allowed to create databases; psql must be on the PATH.
 *  @import { SeedResult } from '#dist/datasets/seed.js'
 *  @typedef {{ result: SeedResult, lasted: [stage: string, seconds: number][],
 *    rssMb: number }} Seeded */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { openDatabase } from '#dist/database/database.js';
import { migrate } from '#dist/database/migrate.js';
import { openRelease, RATING_FORMATS, readRelease } from '#dist/datasets/formats/formats.js';
import { seed } from '#dist/datasets/seed.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '5000000' },
    repeat: { type: 'string', default: '1' },
    readers: { type: 'boolean', default: false },
    'only-ours': { type: 'boolean', default: false },
    child: { type: 'string' },
  },
});

/** As many as 25M has. */
const MOVIES = 62_423;
const MEAN_RATINGS_PER_USER = 154;
const DATABASE = 'nearfield_bench';

/** A fixed sequence, so that every run loads the same rows.
 *  @param {number} seed */
function lehmer(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** @param {string} path @param {Iterable<string>} lines */
async function writeLines(path, lines) {
  const stream = createWriteStream(path);
  let text = '';
  for (const line of lines) {
    text += line;
    if (text.length < 1 << 20) continue;
    if (!stream.write(text)) await once(stream, 'drain');
    text = '';
  }
  stream.end(text);
  await finished(stream);
}

/** @param {number} rows */
function* ratings(rows) {
  const random = lehmer(20_260_101);
  let row = 0;
  for (let user = 1; row < rows; user++) {
    // Log-normal-like: many with 20, few with thousands; each user's movies in order of id, as
    // MovieLens has them.
    const count = Math.min(
      rows - row,
      20 + Math.floor(-Math.log(1 - random()) * (MEAN_RATINGS_PER_USER - 20)),
    );
    let time = 800_000_000 + Math.floor(random() * 7e8);
    const step = MOVIES / count;
    for (let index = 0; index < count; index++) {
      const movie = 1 + Math.floor(index * step + random() * Math.max(1, step - 1));
      time += Math.floor(random() * 60);
      yield { user, movie, value: (1 + Math.floor(random() * 10)) / 2, time, line: ++row + 1 };
    }
  }
}

/** @param {number} rows */
function* releaseLines(rows) {
  yield 'userId,movieId,rating,timestamp\n';
  for (const { user, movie, value, time } of ratings(rows))
    yield `${user},${movie},${value.toFixed(1)},${time}\n`;
}

/** What psql gets: the columns of the table, with nothing left to convert.
 *  @param {number} rows */
function* tableLines(rows) {
  for (const { user, movie, value, time, line } of ratings(rows)) {
    yield `${user}\t${movie}\t${value}\t${new Date(time * 1000).toISOString()}\t${line}\n`;
  }
}

function* movieLines() {
  yield 'movieId,title,genres\n';
  for (let id = 1; id <= MOVIES; id++)
    yield `${id},"Movie of the Bench, The No ${id} (${1920 + (id % 100)})",Comedy|Drama\n`;
}

/** @param {number} since */
const seconds = (since) => (performance.now() - since) / 1000;
/** @param {NodeJS.CpuUsage} since */
const cpu = (since) => {
  const { user, system } = process.cpuUsage(since);
  return ((user + system) / 1e6).toFixed(1);
};
/** @param {number[]} list */
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function compareReaders() {
  const folder = mkdtempSync(join(tmpdir(), 'nearfield-bench-'));
  const rows = Number(values.rows);
  try {
    await writeLines(join(folder, 'ratings.csv'), releaseLines(rows));
    await writeLines(join(folder, 'movies.csv'), movieLines());
    const release = await readRelease(await openRelease(folder, RATING_FORMATS));
    let started = performance.now();
    let used = process.cpuUsage();
    let read = 0;
    for await (const batch of release.ratings()) read += batch.length;
    console.log(
      `our reader, checks and SHA-256 included: ${read} ratings in ${seconds(started).toFixed(1)} s, ${cpu(used)} s of CPU`,
    );
    const { parse } = await import('csv-parse');
    started = performance.now();
    used = process.cpuUsage();
    read = 0;
    for await (const _record of createReadStream(join(folder, 'ratings.csv')).pipe(parse({ from_line: 2 })))
      read++;
    console.log(
      `csv-parse, fields as text:               ${read} ratings in ${seconds(started).toFixed(1)} s, ${cpu(used)} s of CPU`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In a process of its own, for its peak of memory. Prints a Seeded.
 *  @param {string} folder */
async function child(folder) {
  const databaseUrl = withDatabase(DATABASE);
  const database = await openDatabase({
    databaseUrl,
    dataDir: folder,
    poolSize: 2,
    entities: [],
    role: 'owner',
  });
  /** @type {{ stage: string, at: number }[]} */
  const stages = [];
  const result = await seed(
    database,
    { from: folder },
    {
      downloadDir: folder,
      onProgress: ({ stage }) => {
        if (stages.at(-1)?.stage !== stage) stages.push({ stage, at: performance.now() });
      },
    },
  );
  const ended = performance.now();
  await database.close();
  const lasted = stages.map(({ stage, at }, index) => [
    stage,
    ((stages[index + 1]?.at ?? ended) - at) / 1000,
  ]);
  console.log(JSON.stringify({ result, lasted, rssMb: process.resourceUsage().maxRSS / 1024 }));
}

function serverUrl() {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error('Set DATABASE_URL to a server on which databases may be created.');
  return url;
}

/** @param {string} name */
function withDatabase(name) {
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return url.href;
}

async function freshDatabase() {
  const admin = new pg.Client({ connectionString: serverUrl() });
  await admin.connect();
  await admin.query(`drop database if exists ${DATABASE} with (force)`);
  await admin.query(`create database ${DATABASE}`);
  await admin.query('checkpoint').catch(() => undefined);
  await admin.end();
  const database = await openDatabase({
    databaseUrl: withDatabase(DATABASE),
    dataDir: '.',
    poolSize: 2,
    entities: [],
    role: 'owner',
  });
  await migrate(database);
  return database;
}

/** @param {string} statement @returns seconds */
function psql(statement) {
  const started = performance.now();
  execFileSync(
    'psql',
    ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', withDatabase(DATABASE), '-c', statement],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  return seconds(started);
}

/** @param {string} file */
const COPY = (file) => `\\copy rating (user_id, movie_id, value, rated_at, ordinal) from '${file}'`;

/** @param {number} users @returns a fresh database with everything that a rating refers to */
async function databaseWith(users) {
  const database = await freshDatabase();
  await database.query(
    'insert into movie (id, title) select n, n::text from generate_series(1, $1::int) as n',
    [MOVIES],
  );
  await database.query('insert into app_user (id) select n from generate_series(1, $1::int) as n', [users]);
  return database;
}

/** @param {string} file @param {number} users */
async function reference(file, users) {
  await (await databaseWith(users)).close();
  return psql(COPY(file));
}

/** The best that psql can do: no keys while the rows come in, all of them afterwards.
 *  @param {string} file @param {number} users */
async function byHand(file, users) {
  const database = await databaseWith(users);
  await database.query('drop index rating_movie_id');
  await database.query(
    'alter table rating drop constraint rating_user_id_fkey, drop constraint rating_movie_id_fkey, drop constraint rating_pkey',
  );
  await database.close();
  const copied = psql(COPY(file));
  const keyed = psql(`
    set maintenance_work_mem = '256MB';
    alter table rating add primary key (user_id, movie_id);
    alter table rating add foreign key (user_id) references app_user (id) on delete cascade;
    alter table rating add foreign key (movie_id) references movie (id) on delete cascade;
    create index rating_movie_id on rating (movie_id)`);
  return copied + keyed;
}

/** @param {string} folder @returns {Seeded} */
function ours(folder) {
  const output = execFileSync(process.execPath, [fileURLToPath(import.meta.url), '--child', folder], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '');
}

async function main() {
  serverUrl();
  const rows = Number(values.rows);
  const folder = mkdtempSync(join(tmpdir(), 'nearfield-bench-'));
  try {
    await writeLines(join(folder, 'ratings.csv'), releaseLines(rows));
    if (!values['only-ours']) await writeLines(join(folder, 'rating.tsv'), tableLines(rows));
    await writeLines(join(folder, 'movies.csv'), movieLines());
    let users = 0;
    for (const { user } of ratings(rows)) users = user;
    console.log(
      `${rows} ratings of ${users} users, ${(statSync(join(folder, 'ratings.csv')).size / 1e6).toFixed(0)} MB of csv`,
    );
    console.log(
      `${cpus().length} × ${cpus()[0].model}, ${(totalmem() / 2 ** 30).toFixed(0)} GB, Node ${process.version}`,
    );
    /** @type {Record<'ours' | 'reference' | 'byHand', number[]>} */
    const times = { ours: [], reference: [], byHand: [] };
    for (let run = 0; run < Number(values.repeat); run++) {
      await (await freshDatabase()).close();
      const started = performance.now();
      const { result, lasted, rssMb } = ours(folder);
      const total = seconds(started);
      times.ours.push(result.seconds);
      console.log(
        `nearfield seed: ${result.seconds.toFixed(1)} s (with the start of its process ${total.toFixed(1)} s), peak RSS ${rssMb.toFixed(0)} MB`,
      );
      for (const [stage, time] of lasted) console.log(`  ${stage}: ${time.toFixed(1)} s`);
      const again = ours(folder).result;
      if (!again.alreadyThere) throw new Error('The second run loaded something.');
      console.log(`the second time: ${again.seconds.toFixed(1)} s`);
      if (values['only-ours']) continue;
      const hand = await byHand(join(folder, 'rating.tsv'), users);
      times.byHand.push(hand);
      console.log(`psql \\copy without keys, keys afterwards: ${hand.toFixed(1)} s`);
      const copied = await reference(join(folder, 'rating.tsv'), users);
      times.reference.push(copied);
      console.log(`psql \\copy into the table as it is: ${copied.toFixed(1)} s`);
    }
    if (values['only-ours']) return;
    /** @param {keyof typeof times} name */
    const ratio = (name) => (median(times.ours) / median(times[name])).toFixed(2);
    console.log(
      `ratio of medians: ${ratio('reference')} of psql \\copy, ${ratio('byHand')} of psql \\copy with the keys made afterwards`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await (values.child ? child(values.child) : values.readers ? compareReaders() : main());
