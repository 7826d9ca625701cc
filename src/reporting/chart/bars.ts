/** What the chart shows: one bar for each system, cut-off and source. Pure. */
import { type MovieSystemName } from '../../models/systems';
import { overSeeds, SYSTEM_ROWS } from '../over-seeds';
import { PAPER_CUTOFFS, PAPER_FIGURES } from '../paper-figures';
import type { ResultRow } from '../result-row';

export interface Bar {
  readonly algorithm: MovieSystemName;
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
  return SYSTEM_ROWS.flatMap(({ name: algorithm, label: system }) =>
    PAPER_CUTOFFS.flatMap((k, c): Bar[] => {
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
