/** The systems as tables and charts name them, in the order of the paper's rows; the references
 *  that it leaves out stand before ours. */
import type { AlgorithmName } from '../models/algorithm';

/** Complete by its type: a new system has to be named here. */
export const SYSTEM_LABELS: Readonly<Record<AlgorithmName, string>> = {
  ITEM_KNN: 'CF (item-kNN)',
  PITF: 'PITF',
  NITF: 'NITF',
  ATTENTION_MLP: 'Attention MLP',
  LRML: 'LRML',
  CML: 'CML',
  ATF: 'ATF',
  POPULARITY: 'Popularity',
  BPR_MF: 'BPR-MF',
  IMPLICIT_ALS: 'Implicit ALS',
  EASE: 'EASE',
  TWO_TOWER: 'Ours (metric tower)',
};

export const SYSTEM_ORDER = Object.keys(SYSTEM_LABELS) as readonly AlgorithmName[];
