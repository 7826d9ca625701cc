/** Two systems measured on the same users: everything here works on the differences, one a user. */
import { AppError } from '../../errors';

/** The two columns do not belong together. */
export class UnpairedError extends AppError {
  readonly code = 'INTERNAL_SERVER_ERROR';
}

/** @param candidate, baseline [U] each, the same users in the same order
 *  @returns [U] candidate − baseline
 *  @throws UnpairedError on different lengths, none at all, or a value that is not finite */
export function pairedDifferences(candidate: ArrayLike<number>, baseline: ArrayLike<number>): Float64Array {
  if (candidate.length !== baseline.length) {
    throw new UnpairedError(`${candidate.length} values cannot be paired with ${baseline.length}.`);
  }
  if (candidate.length === 0) throw new UnpairedError('There is nobody to compare on.');
  const differences = Float64Array.from(candidate, (value, user) => value - baseline[user]);
  const bad = differences.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new UnpairedError(`The values at ${bad} are ${candidate[bad]} and ${baseline[bad]}.`);
  return differences;
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
