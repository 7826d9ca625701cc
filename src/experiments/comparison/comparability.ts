/** Whether two experiments can be compared: finished, on the same data, under one protocol.
 *  Pure. */
import { BadUserInputError } from '../../errors';
import type { EvaluationProtocol } from '../enums';
import type { Experiment } from '../experiment.entity';

type Comparable = Pick<Experiment, 'id' | 'status' | 'datasetHash' | 'protocol'>;

/** @param wanted null: the one that both report under
 *  @returns the protocol to compare under
 *  @throws BadUserInputError naming what hinders it */
export function comparability(
  baseline: Comparable,
  candidate: Comparable,
  wanted: EvaluationProtocol | null,
): EvaluationProtocol {
  if (baseline.id === candidate.id)
    throw new BadUserInputError('candidateId', 'An experiment is compared with another one.');
  for (const [field, { id, status }] of Object.entries({ baselineId: baseline, candidateId: candidate })) {
    if (status !== 'SUCCEEDED')
      throw new BadUserInputError(field, `Experiment ${id} has nothing to compare: it is ${status}.`);
  }
  if (baseline.datasetHash !== candidate.datasetHash) {
    const [a, b] = [baseline, candidate].map(
      ({ id, datasetHash }) => `experiment ${id} on ${datasetHash.slice(0, 12)}…`,
    );
    throw new BadUserInputError('candidateId', `The two were trained on different data: ${a}, ${b}.`);
  }
  if (wanted === null && baseline.protocol !== candidate.protocol) {
    const [a, b] = [baseline, candidate].map(({ id, protocol }) => `experiment ${id} under ${protocol}`);
    throw new BadUserInputError(
      'protocol',
      `The two report under different protocols (${a}, ${b}): say which one to compare under.`,
    );
  }
  return wanted ?? baseline.protocol;
}
