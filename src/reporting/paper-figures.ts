/** The figures of Tables 1 and 2 as printed in Y. Luo, R. Wang, Y. Liang, A. Liang and W. Liu,
 *  "Metric Learning for Tag Recommendation: Tackling Data Sparsity and Cold Start Issues", section
 *  IV: MovieLens 1M, precision and recall at 5, 10 and 20. */
import { type MovieSystemName } from '../models/systems';

export interface PaperRow {
  /** What the paper calls the system */
  readonly name: string;
  readonly precision: readonly [at5: number, at10: number, at20: number];
  readonly recall: readonly [at5: number, at10: number, at20: number];
}

export const PAPER_CUTOFFS = [5, 10, 20] as const;

/** In the paper's order. The attention MLP, which the paper names, has no row in it. */
export const PAPER_FIGURES: Readonly<Partial<Record<MovieSystemName, PaperRow>>> = {
  ITEM_KNN: { name: 'CF', precision: [0.0411, 0.0352, 0.0211], recall: [0.2832, 0.4231, 0.5743] },
  PITF: { name: 'PITF', precision: [0.0521, 0.0423, 0.0305], recall: [0.3372, 0.5765, 0.5971] },
  NITF: { name: 'NITF', precision: [0.0677, 0.0479, 0.0311], recall: [0.3457, 0.5987, 0.6123] },
  LRML: { name: 'LRML', precision: [0.0721, 0.0525, 0.0324], recall: [0.3576, 0.6213, 0.6234] },
  CML: { name: 'CML', precision: [0.0899, 0.0621, 0.0337], recall: [0.3749, 0.6379, 0.7546] },
  ATF: { name: 'ATF', precision: [0.0922, 0.0711, 0.0393], recall: [0.4522, 0.6877, 0.7982] },
  TWO_TOWER: { name: 'Ours', precision: [0.1037, 0.0752, 0.0431], recall: [0.5722, 0.7221, 0.8755] },
};
