/** Which experiments can be compared, and the arithmetic of a comparison: several systems, each
 *  trained once or with several seeds, on the users that all were measured on. Pure. */
import { BadUserInputError } from '../../errors';
import { bootstrapIntervals } from '../../evaluation/bootstrap';
import { EVALUATION_SEED } from '../../evaluation/ranking';
import { comparePaired, meanOf, type PairedComparison } from '../../evaluation/statistics/paired';
import type { EvaluationProtocol } from '../enums';
import type { Experiment } from '../experiment.entity';
import type { StoredFigures } from '../user-figures';

type Comparable = Pick<Experiment, 'id' | 'status' | 'datasetHash' | 'protocol'>;

/** @param wanted null: the protocol of both experiments
 *  @returns the protocol to compare under
 *  @throws BadUserInputError naming what hinders it */
export function comparability(
  baseline: Comparable,
  candidate: Comparable,
  wanted: EvaluationProtocol | null,
): EvaluationProtocol {
  if (baseline.id === candidate.id)
    throw new BadUserInputError('candidateId', 'An experiment cannot be compared with itself.');
  for (const [field, { id, status }] of Object.entries({ baselineId: baseline, candidateId: candidate })) {
    if (status !== 'SUCCEEDED')
      throw new BadUserInputError(field, `Experiment ${id} cannot be compared: its status is ${status}.`);
  }
  if (baseline.datasetHash !== candidate.datasetHash) {
    const [a, b] = [baseline, candidate].map(
      ({ id, datasetHash }) => `experiment ${id} on ${datasetHash.slice(0, 12)}…`,
    );
    throw new BadUserInputError(
      'candidateId',
      `The experiments were trained on different data: ${a}, ${b}.`,
    );
  }
  if (wanted === null && baseline.protocol !== candidate.protocol) {
    const [a, b] = [baseline, candidate].map(({ id, protocol }) => `experiment ${id} under ${protocol}`);
    throw new BadUserInputError(
      'protocol',
      `The experiments have different protocols (${a}, ${b}): specify the protocol to compare.`,
    );
  }
  return wanted ?? baseline.protocol;
}

/** The trainings of one system. */
export type SystemFigures = readonly StoredFigures[];

export interface SystemMean {
  readonly mean: number;
  /** 95 %, by bootstrap over the users */
  readonly low: number;
  readonly high: number;
}

export interface SystemsComparison {
  readonly users: number;
  /** One a system */
  readonly means: readonly SystemMean[];
  /** Of each but the first, the candidate, with the first, the baseline */
  readonly comparisons: readonly PairedComparison[];
}

/** A user's figure is the mean over the trainings of a system; all else is by user. The seed of
 *  every draw is that of evaluation.
 *  @param systems each with one training or more
 *  @returns no means and comparisons where no user is shared */
export function compareSystems(systems: readonly SystemFigures[]): SystemsComparison {
  const aligned = align(systems.flat());
  if (aligned[0].length === 0) return { users: 0, means: [], comparisons: [] };
  let from = 0;
  const columns = systems.map((trainings) => {
    const own = aligned.slice(from, from + trainings.length);
    from += trainings.length;
    return meanColumn(own);
  });
  const intervals = bootstrapIntervals(columns, EVALUATION_SEED);
  return {
    users: columns[0].length,
    means: columns.map((column, c) => ({ mean: meanOf(column), ...intervals[c] })),
    comparisons: columns.slice(1).map((candidate) => comparePaired(columns[0], candidate)),
  };
}

/** Several experiments' figures → columns of the same users in the same order. Users missing in any
 *  experiment, or with an undefined metric (NaN) in any, are excluded.
 *  @returns [experiments][U], users in the order of the first experiment */
export function align(figures: readonly StoredFigures[]): Float32Array[] {
  const { userIds } = figures[0];
  const places = figures.map((other) => placesOf(userIds, other.userIds));
  const shared = Int32Array.from(userIds.keys()).filter((at) =>
    figures.every(({ values }, f) => places[f][at] >= 0 && !Number.isNaN(values[places[f][at]])),
  );
  return figures.map(({ values }, f) => Float32Array.from(shared, (at) => values[places[f][at]]));
}

/** @returns [U] the position of each user in `others`, or -1 */
function placesOf(userIds: Int32Array, others: Int32Array): Int32Array {
  if (userIds.length === others.length && userIds.every((id, at) => id === others[at]))
    return Int32Array.from(userIds.keys());
  const places = new Map(Array.from(others, (id, at) => [id, at]));
  return userIds.map((id) => places.get(id) ?? -1);
}

/** A system's figure for each user over its trainings (seeds), as a mean: [U]. */
export function meanColumn(columns: readonly Float32Array[]): Float32Array {
  return columns[0].map(
    (_, user) => columns.reduce((sum, column) => sum + column[user], 0) / columns.length,
  );
}
