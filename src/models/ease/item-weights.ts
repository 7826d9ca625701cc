/** EASE with the item-by-item matrix B itself. */
import type { UserHistory } from '../../interactions/interaction-log';
import type { Artifact, NamedArray } from '../artifact';
import { CorruptArtifactError } from '../artifact';
import { arrayOf } from '../checks';
import type { EaseWeights } from './weights';

export class ItemWeights implements EaseWeights {
  readonly form = 'ITEMS';

  /** @param b [I, I], 0 on the diagonal */
  constructor(
    readonly itemCount: number,
    private readonly b: Float32Array,
  ) {}

  /** B(i,j) = −P(i,j) / P(j,j), 0 on the diagonal.
   *  @param p [I, I] the inverse of XᵀX + λ; becomes B */
  static ofInverse(p: Float32Array, itemCount: number): ItemWeights {
    const scale = Float64Array.from({ length: itemCount }, (_, j) => -1 / p[j * itemCount + j]);
    for (let i = 0; i < itemCount; i++) {
      for (let j = 0; j < itemCount; j++) p[i * itemCount + j] *= scale[j];
      p[i * itemCount + i] = 0;
    }
    return new ItemWeights(itemCount, p);
  }

  static read(artifact: Artifact): ItemWeights {
    const { data, shape } = arrayOf(artifact, 'b', 'float32', 2);
    if (shape[0] !== shape[1] || shape[0] === 0)
      throw new CorruptArtifactError(`B is square, not ${shape.join(' by ')}.`);
    return new ItemWeights(shape[0], data);
  }

  /** x · B: the rows of the history's items, added up four at a time. */
  scoreInto(history: UserHistory, out: Float32Array): void {
    const { b, itemCount } = this;
    const { items } = history;
    out.fill(0);
    let at = 0;
    for (; at + 4 <= items.length; at += 4) {
      const r0 = items[at] * itemCount;
      const r1 = items[at + 1] * itemCount;
      const r2 = items[at + 2] * itemCount;
      const r3 = items[at + 3] * itemCount;
      for (let j = 0; j < itemCount; j++) out[j] += b[r0 + j] + b[r1 + j] + b[r2 + j] + b[r3 + j];
    }
    for (; at < items.length; at++) {
      const row = items[at] * itemCount;
      for (let j = 0; j < itemCount; j++) out[j] += b[row + j];
    }
  }

  arrays(): Record<string, NamedArray> {
    return { b: { data: this.b, shape: [this.itemCount, this.itemCount] } };
  }
}
