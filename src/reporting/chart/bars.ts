/** What the chart shows: one bar for each system, cut-off and source. Pure. */
import type { AlgorithmName } from '../../models/algorithm';
import { overSeeds } from '../over-seeds';
import { PAPER_CUTOFFS, PAPER_FIGURES } from '../paper-figures';
import type { ResultRow } from '../result-row';
import { SYSTEM_LABELS, SYSTEM_ORDER } from '../systems';

export interface Bar {
  readonly algorithm: AlgorithmName;
  readonly system: string;
  readonly k: number;
  readonly source: 'PAPER' | 'OURS';
  /** Recall, 0 to 1 */
  readonly mean: number;
  /** 95 %; null where there is none */
  readonly low: number | null;
  readonly high: number | null;
}

/** Recall under SAMPLED_LAST_ITEM at the paper's cut-offs, systems in the order of the tables.
 *  @returns for each system and cut-off the paper's bar where it has one, and ours where it was
 *    measured */
export function recallBars(results: readonly ResultRow[]): Bar[] {
  return SYSTEM_ORDER.flatMap((algorithm) =>
    PAPER_CUTOFFS.flatMap((k, c): Bar[] => {
      const system = SYSTEM_LABELS[algorithm];
      const printed = PAPER_FIGURES[algorithm]?.recall[c];
      const ours = overSeeds(results, { algorithm, protocol: 'SAMPLED_LAST_ITEM', metric: 'recall', k });
      return [
        ...(printed === undefined
          ? []
          : [{ algorithm, system, k, source: 'PAPER' as const, mean: printed, low: null, high: null }]),
        ...(ours === null
          ? []
          : [
              {
                algorithm,
                system,
                k,
                source: 'OURS' as const,
                mean: ours.mean,
                low: ours.ciLow,
                high: ours.ciHigh,
              },
            ]),
      ];
    }),
  );
}
