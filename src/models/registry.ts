/** Every system by its name. To add one: its file, its name in algorithm.ts, a line here, and the
 *  conformance suite runs it. */
import type { Algorithm, AlgorithmName } from './algorithm';
import { atf } from './atf/atf';
import { attentionMlp } from './attention-mlp/attention-mlp';
import { bprMf } from './bpr-mf/bpr-mf';
import { cml } from './cml/cml';
import { ease } from './ease/ease';
import { implicitAls } from './implicit-als/implicit-als';
import { itemKnn } from './item-knn';
import { lrml } from './lrml/lrml';
import { twoTower } from './metric-tower/metric-tower';
import { nitf } from './nitf/nitf';
import { pitf } from './pitf/pitf';
import { popularity } from './popularity';

/** Hyperparameters come from a system's own schema: parse with `hyperparameters` first, and give
 *  `fit` what that returns. */
export const algorithms: Readonly<Record<AlgorithmName, Algorithm>> = {
  TWO_TOWER: twoTower as Algorithm,
  ITEM_KNN: itemKnn as Algorithm,
  POPULARITY: popularity as Algorithm,
  EASE: ease as Algorithm,
  IMPLICIT_ALS: implicitAls as Algorithm,
  BPR_MF: bprMf as Algorithm,
  PITF: pitf as Algorithm,
  NITF: nitf as Algorithm,
  ATTENTION_MLP: attentionMlp as Algorithm,
  LRML: lrml as Algorithm,
  CML: cml as Algorithm,
  ATF: atf as Algorithm,
};
