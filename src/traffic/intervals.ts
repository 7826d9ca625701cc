/** Intervals of means over users, from their summary: Student's t for one mean, Welch's (1947) for
 *  the difference of two. Pure. */
import { jStat } from 'jstat';

export interface Summary {
  readonly users: number;
  readonly mean: number;
  /** Sample variance, over users − 1. */
  readonly variance: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const UPPER_TAIL = 0.975;

/** @returns the 95 % interval of the mean; null below two users */
export function intervalOfMean({ users, mean, variance }: Summary): Interval | null {
  return users < 2 ? null : around(mean, variance / users, users - 1);
}

/** @returns the 95 % interval of candidate − baseline, whose users are different ones; null below
 *    two users on either side */
export function intervalOfDifference(baseline: Summary, candidate: Summary): Interval | null {
  if (baseline.users < 2 || candidate.users < 2) return null;
  const [a, b] = [baseline.variance / baseline.users, candidate.variance / candidate.users];
  const degrees = (a + b) ** 2 / (a ** 2 / (baseline.users - 1) + b ** 2 / (candidate.users - 1));
  return around(candidate.mean - baseline.mean, a + b, degrees);
}

function around(center: number, squaredError: number, degrees: number): Interval {
  if (squaredError === 0) return { low: center, high: center }; // no degrees of freedom either: 0 / 0
  const half = jStat.studentt.inv(UPPER_TAIL, degrees) * Math.sqrt(squaredError);
  return { low: center - half, high: center + half };
}
