/** The two forms in which EASE keeps the same weights. */
import type { UserHistory } from '../../interactions/interaction-log';
import type { NamedArray } from '../artifact';

export interface EaseWeights {
  readonly form: 'ITEMS' | 'USERS';
  readonly itemCount: number;
  /** @param out [I], overwritten with x · B */
  scoreInto(history: UserHistory, out: Float32Array): void;
  arrays(): Record<string, NamedArray>;
}
