/** Rows for tests. */
import type { ResultRow } from '../result-row';

export const row = (given: Partial<ResultRow>): ResultRow => ({
  algorithm: 'EASE',
  protocol: 'SAMPLED_LAST_ITEM',
  metric: 'recall',
  k: 10,
  mean: 0.5,
  ciLow: 0.45,
  ciHigh: 0.55,
  users: 100,
  seed: 1,
  trainSeconds: 1,
  backend: 'plain TypeScript',
  ...given,
});
