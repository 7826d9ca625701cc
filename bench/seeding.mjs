/**
 * Seeding against `psql \copy` of the same rows, on the same server. After `npm run build`:
 *   DATABASE_URL=postgresql://… node bench/seeding.mjs [--rows 5000000] [--repeat 1] [--only-ours]
 *   node bench/seeding.mjs --readers        only: our line reader against csv-parse
 * The server's user must be allowed to create databases; psql must be on the PATH.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';

const require = createRequire(import.meta.url);
const dist = (path) => join(fileURLToPath(new URL('../dist', import.meta.url)), path);
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

/** A fixed sequence, so that every run loads the same rows. */
function lehmer(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

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

function* releaseLines(rows) {
  yield 'userId,movieId,rating,timestamp\n';
  for (const { user, movie, value, time } of ratings(rows))
    yield `${user},${movie},${value.toFixed(1)},${time}\n`;
}

/** What psql gets: the columns of the table, with nothing left to convert. */
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

const seconds = (since) => (performance.now() - since) / 1000;
const cpu = (since) => {
  const { user, system } = process.cpuUsage(since);
  return ((user + system) / 1e6).toFixed(1);
};
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function compareReaders() {
  const folder = mkdtempSync(join(tmpdir(), 'nearfield-bench-'));
  const rows = Number(values.rows);
  try {
    await writeLines(join(folder, 'ratings.csv'), releaseLines(rows));
    await writeLines(join(folder, 'movies.csv'), movieLines());
    const { openRelease, RATING_FORMATS, readRelease } = require(dist('datasets/formats/formats.js'));
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

/** In a process of its own, for its peak of memory. */
async function child(folder) {
  const { openDatabase } = require(dist('database/database.js'));
  const { seed } = require(dist('datasets/seed.js'));
  const databaseUrl = withDatabase(DATABASE);
  const database = await openDatabase({
    databaseUrl,
    dataDir: folder,
    poolSize: 2,
    entities: [],
    role: 'owner',
  });
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

function withDatabase(name) {
  const url = new URL(process.env.DATABASE_URL);
  url.pathname = `/${name}`;
  return url.href;
}

async function freshDatabase() {
  const admin = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await admin.connect();
  await admin.query(`drop database if exists ${DATABASE} with (force)`);
  await admin.query(`create database ${DATABASE}`);
  await admin.query('checkpoint').catch(() => undefined);
  await admin.end();
  const { openDatabase } = require(dist('database/database.js'));
  const { migrate } = require(dist('database/migrate.js'));
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

function psql(statement) {
  const started = performance.now();
  execFileSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', withDatabase(DATABASE), '-c', statement], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return seconds(started);
}

const COPY = (file) => `\\copy rating (user_id, movie_id, value, rated_at, ordinal) from '${file}'`;

async function reference(file, users) {
  const database = await freshDatabase();
  await database.query(
    'insert into movie (id, title) select n, n::text from generate_series(1, $1::int) as n',
    [MOVIES],
  );
  await database.query('insert into app_user (id) select n from generate_series(1, $1::int) as n', [users]);
  await database.close();
  return psql(COPY(file));
}

/** The best that psql can do: no keys while the rows come in, all of them afterwards. */
async function byHand(file, users) {
  const database = await freshDatabase();
  await database.query(
    'insert into movie (id, title) select n, n::text from generate_series(1, $1::int) as n',
    [MOVIES],
  );
  await database.query('insert into app_user (id) select n from generate_series(1, $1::int) as n', [users]);
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

async function ours(folder) {
  await (await freshDatabase()).close();
  const started = performance.now();
  const output = execFileSync(process.execPath, [fileURLToPath(import.meta.url), '--child', folder], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  });
  const total = seconds(started);
  return { total, ...JSON.parse(output.trim().split('\n').at(-1)) };
}

async function main() {
  if (!process.env.DATABASE_URL)
    throw new Error('Set DATABASE_URL to a server on which databases may be created.');
  if (!existsSync(dist('datasets/seed.js'))) throw new Error('Run `npm run build` first.');
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
    const times = { ours: [], reference: [], byHand: [] };
    for (let run = 0; run < Number(values.repeat); run++) {
      const { total, result, lasted, rssMb } = await ours(folder);
      times.ours.push(result.seconds);
      console.log(
        `nearfield seed: ${result.seconds.toFixed(1)} s (with the start of its process ${total.toFixed(1)} s), peak RSS ${rssMb.toFixed(0)} MB`,
      );
      for (const [stage, time] of lasted) console.log(`  ${stage}: ${time.toFixed(1)} s`);
      const again = await oursAgain(folder);
      console.log(`the second time: ${again.toFixed(1)} s`);
      if (values['only-ours']) continue;
      times.byHand.push(await byHand(join(folder, 'rating.tsv'), users));
      console.log(`psql \\copy without keys, keys afterwards: ${times.byHand.at(-1).toFixed(1)} s`);
      times.reference.push(await reference(join(folder, 'rating.tsv'), users));
      console.log(`psql \\copy into the table as it is: ${times.reference.at(-1).toFixed(1)} s`);
    }
    if (values['only-ours']) return;
    const ratio = (name) => (median(times.ours) / median(times[name])).toFixed(2);
    console.log(
      `ratio of medians: ${ratio('reference')} of psql \\copy, ${ratio('byHand')} of psql \\copy with the keys made afterwards`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function oursAgain(folder) {
  const output = execFileSync(process.execPath, [fileURLToPath(import.meta.url), '--child', folder], {
    encoding: 'utf8',
  });
  const { result } = JSON.parse(output.trim().split('\n').at(-1));
  if (!result.alreadyThere) throw new Error('The second run loaded something.');
  return result.seconds;
}

await (values.child ? child(values.child) : values.readers ? compareReaders() : main());
