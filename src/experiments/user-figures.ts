/** What each user got, for paired tests: which columns are kept, and how they go into the database
 *  and out of it. */
import { join } from 'node:path';
import type pg from 'pg';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { type EvaluationResult, metricKey } from '../evaluation/evaluate';
import { type MeasurementName, type MetricName, measurementName } from '../evaluation/metrics';
import type { AnyProtocolName } from '../evaluation/protocols';
import type { EvaluationProtocol, EvaluationSplit } from './enums';

const SQL = join(__dirname, 'sql');

/** The columns of one split; all are in the order of its users. */
export interface UserFigures {
  readonly split: EvaluationSplit;
  readonly userIds: Int32Array;
  readonly columns: readonly {
    readonly protocol: AnyProtocolName;
    readonly metric: MetricName;
    readonly k: number;
    /** NaN where the metric says nothing of a user */
    readonly values: Float32Array;
  }[];
}

/** What is looked at when a search chooses. */
export const OBJECTIVE: MeasurementName = 'NDCG_AT_20';

/** Everything on TEST, and of VALIDATION the one number that decisions go by: with 162,000 users
 *  (MovieLens 25M) a column is 650 kB, and the whole of VALIDATION would double what an experiment
 *  takes.
 *  @param deciding the protocol that decisions go by */
export function figuresToKeep(
  { rows, perUser, userIds }: EvaluationResult<AnyProtocolName>,
  deciding: AnyProtocolName,
): UserFigures[] {
  return (['VALIDATION', 'TEST'] as const).flatMap((split) => {
    const columns = rows.flatMap((row) => {
      const values = perUser[metricKey(row)];
      const name = measurementName(row.metric, row.k);
      if (row.split !== split || values === undefined || name === undefined) return [];
      if (split === 'VALIDATION' && !(name === OBJECTIVE && row.protocol === deciding)) return [];
      return [{ protocol: row.protocol, metric: row.metric, k: row.k, values }];
    });
    return columns.length > 0 ? [{ split, userIds: userIds[split], columns }] : [];
  });
}

/** The arrays' memory, to be moved between threads instead of copied. */
export function buffersOf(figures: readonly UserFigures[]): ArrayBuffer[] {
  const arrays = figures.flatMap(({ userIds, columns }) => [
    userIds,
    ...columns.map(({ values }) => values),
  ]);
  return [...new Set(arrays.map((array) => array.buffer as ArrayBuffer))];
}

/** Part of the transaction in which the experiment succeeds. One statement a column: the parameters
 *  go as they are, in binary. */
export async function saveUserFigures(
  client: pg.PoolClient,
  experimentId: number,
  figures: readonly UserFigures[],
): Promise<void> {
  for (const { split, userIds, columns } of figures) {
    await client.query(sqlFile(SQL, 'insert-user-list'), [experimentId, split, bytesOf(userIds)]);
    for (const { protocol, metric, k, values } of columns) {
      await client.query(sqlFile(SQL, 'insert-user-metric'), [
        experimentId,
        protocol,
        split,
        measurementName(metric, k),
        bytesOf(values),
      ]);
    }
  }
}

export interface FigureKey {
  readonly protocol: EvaluationProtocol;
  readonly split: EvaluationSplit;
  readonly metric: MeasurementName;
}

export interface StoredFigures {
  readonly userIds: Int32Array;
  readonly values: Float32Array;
}

/** One statement for all the experiments.
 *  @returns by experiment id; those without such figures are missing */
export async function loadUserFigures(
  database: Database,
  experimentIds: readonly number[],
  { protocol, split, metric }: FigureKey,
): Promise<Map<number, StoredFigures>> {
  const rows = await database.query<{ experiment_id: number; user_ids: Buffer; figures: Buffer }>(
    sqlFile(SQL, 'load-user-metrics'),
    [[...experimentIds], protocol, split, metric],
  );
  return new Map(
    rows.map(({ experiment_id, user_ids, figures }) => {
      return [
        experiment_id,
        { userIds: new Int32Array(memoryOf(user_ids)), values: new Float32Array(memoryOf(figures)) },
      ];
    }),
  );
}

// Typed arrays have the byte order of the machine: little-endian wherever Node.js 20 runs but on
// s390x.
function bytesOf({ buffer, byteOffset, byteLength }: Int32Array | Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** A copy: the driver's buffers have any offset, typed arrays require multiples of four. */
function memoryOf(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
