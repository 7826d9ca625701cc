/** The embedded PostgreSQL as a thing that is started, shared, killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, openDatabase } from '../src/database/database';
import { DataDirectoryInUseError } from '../src/database/failures';
import { FolderLock } from '../src/database/folder-lock';
import { DatabaseUnavailableError } from '../src/errors';
import { makeDataDir } from './support/databases';

const ROOM = join(__dirname, '..', 'dist', 'database');

const open = (dataDir: string, role: 'owner' | 'guest' = 'owner') =>
  openDatabase({ dataDir, poolSize: 4, entities: [], role });

async function count(database: Database): Promise<number> {
  const [row] = await database.query<{ n: number }>('select count(*) as n from acknowledged');
  return row.n;
}

/** A process with the folder open, which runs `body` (JavaScript; sees `database`) and says each
 *  line it prints. */
function startProcess(
  dataDir: string,
  body: string,
  role: 'owner' | 'guest' = 'owner',
): { child: ChildProcess; lines: AsyncIterator<string> } {
  const program = `
    require('reflect-metadata');
    const { openDatabase } = require(${JSON.stringify(join(ROOM, 'database.js'))});
    openDatabase({ dataDir: ${JSON.stringify(dataDir)}, poolSize: 4, entities: [], role: '${role}' }).then(async (database) => {
      console.log('open');
      ${body}
    }).catch((error) => { console.log(error.name + ': ' + error.message); process.exit(1); });`;
  const child = spawn(process.execPath, ['-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: join(__dirname, '..'),
  });
  if (!child.stdout) throw new Error('no standard output');
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

describe('after kill -9', () => {
  it('has every row that was acknowledged, and opens at once', async () => {
    const dataDir = makeDataDir();
    let acknowledged = 0;
    for (let round = 0; round < 2; round++) {
      const { child, lines } = startProcess(
        dataDir,
        `await database.query('create table if not exists acknowledged (id integer generated always as identity)');
         for (let row = 1; ; row++) { await database.query('insert into acknowledged default values'); console.log(row); }`,
      );
      expect((await lines.next()).value).toBe('open');
      for (let row = 0; row < 300; row++) {
        await lines.next();
        acknowledged++;
      }
      await kill(child);
    }
    const started = Date.now();
    const database = await open(dataDir);
    const seconds = (Date.now() - started) / 1000;
    try {
      // Rows acknowledged but not yet read from the pipe may be there as well.
      expect(await count(database)).toBeGreaterThanOrEqual(acknowledged);
      expect(seconds).toBeLessThan(8); // a silent lock of another machine would take 10
    } finally {
      await database.close();
    }
  });

  it('frees the others when the process that dies had a transaction open', async () => {
    const dataDir = makeDataDir();
    const database = await open(dataDir);
    try {
      await database.query('create table acknowledged (id integer)');
      const guest = startProcess(
        dataDir,
        `const client = await database.pool.connect();
         await client.query('begin'); await client.query('insert into acknowledged values (1)'); console.log('inside');`,
        'guest',
      );
      expect((await guest.lines.next()).value).toBe('open');
      expect((await guest.lines.next()).value).toBe('inside');
      const waiting = count(database);
      await kill(guest.child);
      expect(await waiting).toBe(0);
    } finally {
      await database.close();
    }
  });
});

describe('one owner per folder', () => {
  it('refuses a second owner in another process, saying who and what to do', async () => {
    const dataDir = makeDataDir();
    const { child, lines } = startProcess(dataDir, 'setInterval(() => undefined, 1000);');
    try {
      expect((await lines.next()).value).toBe('open');
      const second = open(dataDir);
      await expect(second).rejects.toBeInstanceOf(DataDirectoryInUseError);
      await expect(second).rejects.toMatchObject({ dataDir, pid: child.pid });
      await expect(second).rejects.toThrow(/NEARFIELD_DATA_DIR.*DATABASE_URL/);
    } finally {
      await kill(child);
    }
  });

  it('refuses a second owner in the same process, and lets the next one in after close', async () => {
    const dataDir = makeDataDir();
    const first = await open(dataDir);
    await expect(open(dataDir)).rejects.toBeInstanceOf(DataDirectoryInUseError);
    await first.close();
    await first.close();
    const second = await open(dataDir);
    await second.close();
  });

  it('lets a guest in beside the owner, on the same data', async () => {
    const dataDir = makeDataDir();
    const owner = await open(dataDir);
    const guest = await open(dataDir, 'guest');
    try {
      await guest.query('create table acknowledged (id integer)');
      expect(await count(owner)).toBe(0);
      await guest.close();
      expect(await count(owner)).toBe(0);
    } finally {
      await guest.close();
      await owner.close();
    }
  });

  it('makes a guest the owner when nobody is there', async () => {
    const dataDir = makeDataDir();
    const guest = await open(dataDir, 'guest');
    await expect(open(dataDir)).rejects.toBeInstanceOf(DataDirectoryInUseError);
    await guest.close();
  });

  it('keeps socket and endpoint from other users, and leaves neither', async () => {
    const dataDir = makeDataDir();
    const database = await open(dataDir);
    const others = (path: string) => statSync(path).mode & 0o077;
    expect(others(join(dataDir, 'postgres-endpoint.json'))).toBe(0);
    if (existsSync(join(dataDir, 'socket'))) expect(others(join(dataDir, 'socket'))).toBe(0);
    await database.close();
    expect(existsSync(join(dataDir, 'postgres-endpoint.json'))).toBe(false);
  });

  it('serves a folder whose path is too long for a socket', async () => {
    const dataDir = join(makeDataDir({ migrated: false }), 'long'.repeat(30));
    renameSync(makeDataDir(), dataDir);
    const database = await open(dataDir);
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
    await database.close();
  });
});

describe('the folder’s lock', () => {
  const write = (dataDir: string, content: object | string) =>
    writeFileSync(
      join(dataDir, 'postgres.lock.7'),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
  const empty = () => makeDataDir({ migrated: false });
  const ours = async () => {
    const dataDir = empty();
    const lock = await FolderLock.acquire(dataDir);
    const content = JSON.parse(readFileSync(join(dataDir, 'postgres.lock.1'), 'utf8')) as Record<
      string,
      unknown
    >;
    lock.release();
    return content;
  };

  it('is taken over from a dead process', async () => {
    const dataDir = empty();
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    write(dataDir, { ...(await ours()), pid: child.pid });
    (await FolderLock.acquire(dataDir)).release();
  });

  const itKnowsStartTimes = existsSync('/proc/self/stat') ? it : it.skip;
  itKnowsStartTimes('is taken over when its pid is ours, or another’s, by chance', async () => {
    for (const pid of [process.pid, process.ppid]) {
      const dataDir = empty();
      write(dataDir, { ...(await ours()), pid, startedAt: '1' });
      (await FolderLock.acquire(dataDir)).release();
    }
  });

  it('is respected while another machine’s heart beats, and taken over when it is long silent', async () => {
    const dataDir = empty();
    write(dataDir, { ...(await ours()), realm: 'elsewhere', pid: 1 });
    await expect(FolderLock.acquire(dataDir)).rejects.toMatchObject({ pid: 1 });
    utimesSync(join(dataDir, 'postgres.lock.7'), new Date(0), new Date(0));
    (await FolderLock.acquire(dataDir)).release();
  });

  it('is taken over when a process died while writing it', async () => {
    const dataDir = empty();
    write(dataDir, '');
    (await FolderLock.acquire(dataDir)).release();
  });

  it('goes to exactly one of many who find it stale', async () => {
    const dataDir = empty();
    write(dataDir, { ...(await ours()), released: true });
    for (let round = 0; round < 5; round++) {
      const attempts = await Promise.allSettled(
        Array.from({ length: 12 }, () => FolderLock.acquire(dataDir)),
      );
      const won = attempts.filter((attempt) => attempt.status === 'fulfilled');
      expect(won).toHaveLength(1);
      won[0].value.release();
    }
    expect(readdirSync(dataDir)).toHaveLength(1);
  });
});

describe('what can go wrong', () => {
  it('starts anew over what a first start that was killed left behind', async () => {
    const dataDir = makeDataDir();
    rmSync(join(dataDir, 'postgres', 'nearfield-complete'));
    rmSync(join(dataDir, 'postgres', 'global'), { recursive: true });
    const database = await open(dataDir);
    expect(await database.query(`select to_regclass('movie')::text as movie`)).toEqual([{ movie: null }]);
    await database.close();
  });

  it('refuses a folder of another PostgreSQL, and frees it again', async () => {
    const dataDir = makeDataDir();
    writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '17\n');
    await expect(open(dataDir)).rejects.toMatchObject({ name: 'DatabaseVersionError' });
    await expect(open(dataDir)).rejects.toThrow(/created by PostgreSQL 17/);
  });

  it('says so when there is no server, without the password', async () => {
    const url = 'postgres://someone:hunter2@127.0.0.1:9/nearfield';
    const failing = openDatabase({
      databaseUrl: url,
      dataDir: '',
      poolSize: 1,
      entities: [],
      role: 'owner',
    });
    await expect(failing).rejects.toBeInstanceOf(DatabaseUnavailableError);
    await expect(failing).rejects.toThrow('The database at 127.0.0.1:9/nearfield cannot be reached');
    await expect(failing).rejects.not.toThrow('hunter2');
  });

  describe('on one database', () => {
    let database: Database;
    let dataDir: string;
    beforeAll(async () => {
      dataDir = makeDataDir();
      database = await open(dataDir);
    });
    afterAll(() => database.close());

    it('refuses COPY FROM STDIN, which would end PGlite, and goes on', async () => {
      await expect(database.query('copy movie from stdin')).rejects.toMatchObject({ code: '0A000' });
      expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
    });

    it('goes on after a client that speaks no PostgreSQL', async () => {
      const socket = createConnection(join(dataDir, 'socket', '.s.PGSQL.5432'));
      socket.on('error', () => undefined);
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      socket.resume();
      await once(socket, 'close');
      expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
    });

    it('has pgvector', async () => {
      await database.query('create extension vector');
      const [row] = await database.query<{ distance: number }>(
        `select '[0,3]'::vector <-> '[4,0]'::vector as distance`,
      );
      expect(row.distance).toBe(5);
    });

    it('keeps its log short, within one long transaction too', async () => {
      await database.query('create table bulk (id integer, filler text)');
      await database.transaction(async (client) => {
        for (let part = 0; part < 4; part++) {
          await client.query(
            `insert into bulk select id, repeat('x', 500) from generate_series(1, 150000) id`,
          );
        }
      });
      // 330 MB were written.
      const [{ megabytes }] = await database.query<{ megabytes: number }>(
        'select sum(size)::float8 / 1048576 as megabytes from pg_ls_waldir()',
      );
      expect(megabytes).toBeLessThan(240);
      expect(await database.query('select count(*) as n from bulk')).toEqual([{ n: 600_000 }]);
    });

    it('gives the planner statistics and reclaims dead rows by itself', async () => {
      await database.query('create table churned as select id from generate_series(1, 5000) id');
      await database.query('update churned set id = -id');
      const looked = `select n_dead_tup as dead, (select count(*) from pg_stats where tablename = 'churned') as statistics
                        from pg_stat_user_tables where relname = 'churned'`;
      const deadline = Date.now() + 30_000;
      let row = { dead: 1, statistics: 0 };
      while (Date.now() < deadline && (row.dead > 0 || row.statistics === 0)) {
        await sleep(200);
        [row] = await database.query<typeof row>(looked);
      }
      expect(row).toEqual({ dead: 0, statistics: 1 });
    });

    it('leaves this thread free while a statement runs', async () => {
      let ticks = 0;
      const ticking = setInterval(() => ticks++, 5);
      await database.query('select count(*) from generate_series(1, 2000000) a');
      clearInterval(ticking);
      expect(ticks).toBeGreaterThan(5);
    });
  });
});
