/** `nearfield paper` as a process: killed, resumed, changed, stopped, and with a system that
 *  fails. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Random } from '../src/numeric/random';
import type { ResultRow } from '../src/reporting';
import { until } from './support/training-runner';

jest.setTimeout(180_000);

const BIN = join(__dirname, '..', 'bin', 'nearfield.mjs');
const folder = mkdtempSync(join(tmpdir(), 'nearfield-paper-'));
const data = join(folder, 'data');
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** 60 users of 50 movies, in two camps; candidates of all others. */
beforeAll(() => {
  mkdirSync(data);
  const random = new Random(1);
  const lines = ['userId,movieId'];
  const candidates = ['userId,heldOutMovieId,negativeMovieIds'];
  for (let user = 1; user <= 60; user++) {
    const camp = Array.from({ length: 25 }, (_, at) => 2 * at + 1 + (user % 2));
    const seen = Array.from(random.sampleWithoutReplacement(25, 8), (at) => camp[at]);
    lines.push(...seen.map((movie) => `${user},${movie}`));
    const others = Array.from({ length: 50 }, (_, at) => at + 1).filter((movie) => !seen.includes(movie));
    candidates.push(`${user},${seen[7]},${others.join(' ')}`);
  }
  writeFileSync(join(data, 'interactions.csv.gz'), gzipSync(`${lines.join('\n')}\n`));
  writeFileSync(join(data, 'loo-candidates.csv'), `${candidates.join('\n')}\n`);
});

interface Run {
  readonly child: ChildProcess;
  output: string;
  readonly code: Promise<number | null>;
}

function paper(out: string, ...parameters: string[]): Run {
  const child = spawn(process.execPath, [
    BIN,
    'paper',
    '--data',
    data,
    '--out',
    join(folder, out),
    ...parameters,
  ]);
  started.push(child);
  const run: Run = { child, output: '', code: new Promise((resolve) => child.once('close', resolve)) };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      run.output += chunk;
    });
  }
  return run;
}

const SYSTEMS = [
  '--algorithms',
  'POPULARITY,BPR_MF',
  '--set',
  'BPR_MF.epochs=3',
  '--set',
  'BPR_MF.embeddingSize=8',
];
const read = <T>(out: string, file: string): T =>
  JSON.parse(readFileSync(join(folder, out, file), 'utf8')) as T;
const parts = (out: string) => {
  const path = join(folder, out, 'parts');
  return existsSync(path) ? readdirSync(path).filter((name) => name.endsWith('.json')) : [];
};
/** What must not depend on the clock. */
const figures = (out: string) =>
  read<ResultRow[]>(out, 'results.json').map(({ trainSeconds: _, ...row }) => row);

interface RunRecord {
  readonly stopped: boolean;
  readonly systems: readonly {
    readonly algorithm: string;
    readonly fromEarlierRun: boolean;
    readonly hyperparameters: { epochs?: number };
  }[];
  readonly failures: readonly { readonly algorithm: string; readonly reason: string }[];
}

describe('nearfield paper', () => {
  it('goes on after a kill with what was done, and ends where an undisturbed run does', async () => {
    expect(await paper('undisturbed', ...SYSTEMS).code).toBe(0);

    const killed = paper('killed', ...SYSTEMS);
    await until(async () => parts('killed').length === 1 || killed.child.exitCode !== null, 60_000);
    killed.child.kill('SIGKILL');
    expect(await killed.code).toBeNull();
    expect(parts('killed')).toEqual([expect.stringMatching(/^POPULARITY-/)]);

    const resumed = paper('killed', ...SYSTEMS);
    expect(await resumed.code).toBe(0);
    expect(resumed.output).toMatch(/\[1\/2\] POPULARITY seed 1 · done already/);
    expect(read<RunRecord>('killed', 'run.json').systems.map((system) => system.fromEarlierRun)).toEqual([
      true,
      false,
    ]);
    expect(figures('killed')).toEqual(figures('undisturbed'));

    const changed = paper('killed', ...SYSTEMS, '--set', 'BPR_MF.epochs=2');
    expect(await changed.code).toBe(0);
    expect(changed.output).toMatch(/POPULARITY seed 1 · done already/);
    expect(changed.output).not.toMatch(/BPR_MF seed 1 · done already/);
    expect(read<RunRecord>('killed', 'run.json').systems[1].hyperparameters.epochs).toBeLessThanOrEqual(2);
  });

  it('writes results, tables and the chart', () => {
    const rows = read<ResultRow[]>('undisturbed', 'results.json');
    const recall = rows.find(
      (row) =>
        row.algorithm === 'BPR_MF' &&
        row.protocol === 'SAMPLED_LAST_ITEM' &&
        row.metric === 'recall' &&
        row.k === 20,
    );
    expect(recall).toMatchObject({ users: 60, seed: 1, backend: 'plain TypeScript' });
    expect(recall!.ciLow).toBeLessThanOrEqual(recall!.mean);
    for (const name of ['table1', 'table2', 'table-full']) {
      for (const ending of ['md', 'tex', 'csv'])
        expect(readFileSync(join(folder, 'undisturbed', `${name}.${ending}`), 'utf8')).toContain('BPR-MF');
    }
    expect(readFileSync(join(folder, 'undisturbed', 'chart.svg'), 'utf8')).toContain('BPR-MF');
    expect(
      readFileSync(join(folder, 'undisturbed', 'chart.png'))
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    expect(read('undisturbed', 'run.json')).toMatchObject({
      data: { users: 60, movies: 50, interactions: 480 },
      stopped: false,
      failures: [],
    });
  });

  it('keeps what is done when it is stopped', async () => {
    const run = paper('stopped', ...SYSTEMS, '--seeds', '1,BPR_MF=50');
    await until(async () => parts('stopped').length >= 1 || run.child.exitCode !== null, 60_000);
    run.child.kill('SIGINT');
    expect(await run.code).toBe(130);
    expect(run.output).toContain('Stopped. Run the same command again to continue.');
    expect(read<RunRecord>('stopped', 'run.json').stopped).toBe(true);
    expect(figures('stopped').length).toBeGreaterThan(0);
    expect(existsSync(join(folder, 'stopped', 'table1.md'))).toBe(true);
  });

  it('lists a system that is refused, and measures the others', async () => {
    const tiny = join(folder, 'tiny');
    mkdirSync(tiny);
    writeFileSync(
      join(tiny, 'interactions.csv'),
      `userId,movieId\n${[1, 2, 3, 4].map((u) => `${u},1\n${u},${u + 1}\n${u},${u + 2}\n`).join('')}`,
    );
    // Three interactions each: with two held out nobody has a next item to learn from.
    const run = paper('refused', '--algorithms', 'ATTENTION_MLP,POPULARITY', '--no-refit', '--data', tiny);
    expect(await run.code).toBe(1);
    expect(run.output).toContain(
      'FAILED ATTENTION_MLP, seed 1, LEAVE_LAST_OUT: No user has two interactions',
    );
    expect(read<RunRecord>('refused', 'run.json').failures).toMatchObject([{ algorithm: 'ATTENTION_MLP' }]);
    expect(new Set(figures('refused').map(({ algorithm }) => algorithm))).toEqual(new Set(['POPULARITY']));
  });

  it.each([
    [['--set', 'EASE.lambda=1'], /EASE\.lambda: /],
    [['--algorithms', 'NOBODY'], /Unknown name "NOBODY"/],
    [['--protocols', 'TIME_SPLIT'], /TIME_SPLIT: /],
    [['--recipe', join(folder, 'missing.json')], /The recipe cannot be read/],
  ])('refuses %j before it trains anything', async (parameters, message) => {
    const run = paper('none', ...parameters);
    expect(await run.code).toBe(1);
    expect(run.output).toMatch(message);
    expect(run.output).not.toMatch(/\n\s+at /);
    expect(parts('none')).toEqual([]);
  });
});
