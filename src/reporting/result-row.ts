/** One measured figure of one training: a row of `results.json`. */

import type { MetricName } from '../evaluation/metrics';
import type { ProtocolName } from '../evaluation/protocols';
import { type MovieSystemName } from '../models/systems';

/** Measured on the test split. The names are those of the file. */
export interface ResultRow {
  readonly algorithm: MovieSystemName;
  readonly protocol: ProtocolName;
  readonly metric: MetricName;
  /** 0 for a metric of the whole ranking */
  readonly k: number;
  /** Over users */
  readonly mean: number;
  /** 95 %, bootstrap over users; null for a metric that is no mean over users */
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  readonly users: number;
  readonly seed: number;
  /** Of the fit that was measured; what was spent on finding its settings is not in it. */
  readonly trainSeconds: number;
  /** The numerical engine, such as `tensorflow native 2.15.1 (tfjs-node 4.22.0)` or `plain
   *  TypeScript` */
  readonly backend: string;
}
