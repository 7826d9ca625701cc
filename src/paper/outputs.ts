/** The files of a paper run. Each is the old one or the new one, never a piece. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SplitScheme } from '../interactions/splits';
import { type MovieSystemName } from '../models/systems';
import {
  chartSvg,
  fullTable,
  type PngAssets,
  paperTables,
  type ResultRow,
  renderTable,
  svgToPng,
  type Table,
} from '../reporting';
import type { Dataset } from './data/read-dataset';
import { type Environment, type Part, writeAtomically } from './parts';
import type { PaperOptions } from './plan';

export interface PaperInput {
  readonly dataset: Dataset;
  readonly options: PaperOptions;
  /** The folder to write into; made where it is missing */
  readonly out: string;
  /** Asked at the start of each training: a build in the middle of a run changes the revision */
  readonly environment: () => Environment;
  /** As typed, for run.json */
  readonly command: readonly string[];
  /** True: existing results are not reused but trained again */
  readonly fresh: boolean;
  /** How many trainings at once; most systems use one core. Seconds by the clock are then those of
   *  a shared machine */
  readonly jobs: number;
}

export interface Failure {
  readonly algorithm: MovieSystemName;
  readonly seed: number;
  readonly scheme: SplitScheme;
  readonly reason: string;
}

export interface Snapshot extends PaperInput {
  readonly startedAt: Date;
  readonly parts: readonly Part[];
  readonly failures: readonly Failure[];
  readonly stopped: boolean;
}

const FORMATS = [
  ['md', 'MARKDOWN'],
  ['tex', 'LATEX'],
  ['csv', 'CSV'],
] as const;
const FONTS = ['DejaVuSans', 'DejaVuSans-Bold'];

/** `results.json` and `run.json`: what is done so far. */
export async function writeFigures(snapshot: Snapshot): Promise<void> {
  await writeAtomically(join(snapshot.out, 'results.json'), resultsJson(rowsOf(snapshot)));
  await writeAtomically(
    join(snapshot.out, 'run.json'),
    `${JSON.stringify(runRecord(snapshot), null, 2)}\n`,
  );
}

/** The tables in three formats and the chart in two. Nothing where nothing was measured. */
export async function writeReport(snapshot: Snapshot): Promise<void> {
  const rows = rowsOf(snapshot);
  if (rows.length === 0) return;
  const { precision, recall } = paperTables(rows);
  const full = fullTable(rows);
  for (const [name, table] of [
    ['table1', precision],
    ['table2', recall],
    ['table-full', full],
  ] satisfies [string, Table][]) {
    for (const [ending, format] of FORMATS)
      await writeAtomically(join(snapshot.out, `${name}.${ending}`), renderTable(table, format));
  }
  const svg = chartSvg(rows);
  await writeAtomically(join(snapshot.out, 'chart.svg'), svg);
  await writeAtomically(join(snapshot.out, 'chart.png'), await svgToPng(svg, await readChartAssets()));
}

function rowsOf({ parts }: Snapshot): ResultRow[] {
  return parts.flatMap(({ result }) => result.rows);
}

/** A row a line: some thousand of them, and a change in one should show as one. */
function resultsJson(rows: readonly ResultRow[]): string {
  return rows.length === 0 ? '[]\n' : `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`;
}

function runRecord({
  dataset,
  options,
  environment,
  command,
  jobs,
  startedAt,
  parts,
  failures,
  stopped,
}: Snapshot): Record<string, unknown> {
  const { users, items, itemIndex } = dataset.data.interactions;
  return {
    command: ['nearfield', ...command].join(' '),
    options: { ...options, jobs },
    data: {
      name: dataset.label,
      hash: dataset.hash,
      users: users.size,
      movies: items.size,
      interactions: itemIndex.length,
      taggings: dataset.data.taggings.tagIndex.length,
      notes: dataset.notes,
    },
    environment: environment(),
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    stopped,
    seconds: round((Date.now() - startedAt.getTime()) / 1000),
    // Of all trainings, those of earlier runs into the same folder too.
    trainingSeconds: round(parts.reduce((sum, part) => sum + secondsOf(part), 0)),
    systems: parts.map((part) => systemRecord(part, startedAt)),
    failures,
  };
}

function systemRecord(part: Part, startedAt: Date): Record<string, unknown> {
  const { task, result, environment } = part;
  return {
    algorithm: task.algorithm,
    seed: task.seed,
    split: task.scheme,
    protocols: task.protocols,
    fitting: task.fitting,
    hyperparameters: result.hyperparameters,
    backend: result.backend,
    trainSeconds: round(result.trainSeconds),
    trainCpuSeconds: round(result.trainCpuSeconds),
    selectionSeconds: round(result.selectionSeconds),
    evaluationSeconds: round(result.evaluationSeconds),
    seconds: round(secondsOf(part)),
    peakMegabytes: result.peakMegabytes,
    selectionEpochs: result.selectionEpochs,
    epochs: result.epochs,
    fromEarlierRun: new Date(part.startedAt) < startedAt,
    startedAt: part.startedAt,
    finishedAt: part.finishedAt,
    revision: environment.revision,
    cpu: environment.cpu,
  };
}

function secondsOf({ startedAt, finishedAt }: Part): number {
  return (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}

/** The renderer and the fonts that the chart's PNG is made with, from their packages. */
async function readChartAssets(): Promise<PngAssets> {
  const [renderer, ...fonts] = await Promise.all(
    ['@resvg/resvg-wasm/index_bg.wasm', ...FONTS.map((name) => `dejavu-fonts-ttf/ttf/${name}.ttf`)].map(
      (file) => readFile(require.resolve(file)),
    ),
  );
  return { renderer, fonts };
}
