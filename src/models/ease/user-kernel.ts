/** EASE without its item-by-item matrix, for few users and many items. By Woodbury's identity
 *
 *    (XᵀX + λ)⁻¹ = (1 − Xᵀ M X) / λ   with   M = (X Xᵀ + λ)⁻¹, users by users,
 *
 *  so that with q(i,j) = x(·,i)ᵀ M x(·,j) the weights are B(i,j) = q(i,j) / (1 − q(j,j)) off the
 *  diagonal. On ml-latest-small (610 users, 9,742 items) M has 0.4 million entries where B has 95,
 *  and its inversion costs 4,000 times less. */
import type { Csr } from '../../interactions/csr';
import type { UserHistory } from '../../interactions/interaction-log';
import type { Artifact, NamedArray } from '../artifact';
import { CorruptArtifactError } from '../artifact';
import { arrayOf } from '../checks';
import type { Turns } from '../turns';
import type { EaseWeights } from './weights';

export class UserKernel implements EaseWeights {
  readonly form = 'USERS';

  /** @param kernel  [U, U], M
   *  @param users   one row an item: who interacted with it (X by columns)
   *  @param own     [I] q(j,j), less than 1 */
  constructor(
    private readonly kernel: Float32Array,
    private readonly userCount: number,
    private readonly users: Csr,
    private readonly own: Float32Array,
  ) {}

  static async ofInverse(
    kernel: Float32Array,
    userCount: number,
    users: Csr,
    turns: Turns,
  ): Promise<UserKernel> {
    const { offsets, indices } = users;
    const own = new Float32Array(offsets.length - 1);
    for (let item = 0; item < own.length; item++) {
      let sum = 0;
      for (let a = offsets[item]; a < offsets[item + 1]; a++) {
        const row = indices[a] * userCount;
        for (let b = offsets[item]; b < offsets[item + 1]; b++) sum += kernel[row + indices[b]];
      }
      own[item] = sum;
      if (turns.due()) await turns.take(0.9 + (0.1 * item) / own.length);
    }
    return new UserKernel(kernel, userCount, users, own);
  }

  static read(artifact: Artifact): UserKernel {
    const { data: kernel, shape } = arrayOf(artifact, 'kernel', 'float32', 2);
    const { data: offsets } = arrayOf(artifact, 'offsets', 'int32', 1);
    const { data: indices } = arrayOf(artifact, 'users', 'int32', 1);
    const { data: own } = arrayOf(artifact, 'own', 'float32', 1);
    const [userCount] = shape;
    const ordered = offsets.every((from, item) => from >= (item === 0 ? 0 : offsets[item - 1]));
    const fits =
      shape[1] === userCount &&
      own.length > 0 &&
      own.every((q) => q < 1) &&
      offsets.length === own.length + 1 &&
      ordered;
    if (
      !fits ||
      offsets[0] !== 0 ||
      offsets[own.length] !== indices.length ||
      indices.some((user) => user < 0 || user >= userCount)
    ) {
      throw new CorruptArtifactError('Kernel, offsets, users and own do not fit together.');
    }
    return new UserKernel(kernel, userCount, { offsets, indices }, own);
  }

  get itemCount(): number {
    return this.own.length;
  }

  scoreInto(history: UserHistory, out: Float32Array): void {
    const { kernel, userCount, own } = this;
    const { offsets, indices } = this.users;
    // shared = X x: how many of the history's items each user has; pulled = M · shared.
    const shared = new Float64Array(userCount);
    for (const item of history.items)
      for (let at = offsets[item]; at < offsets[item + 1]; at++) shared[indices[at]]++;
    const pulled = new Float64Array(userCount);
    for (let user = 0; user < userCount; user++) {
      const weight = shared[user];
      if (weight === 0) continue;
      const row = user * userCount;
      for (let other = 0; other < userCount; other++) pulled[other] += weight * kernel[row + other];
    }
    const rated = new Set(history.items);
    for (let item = 0; item < own.length; item++) {
      let sum = 0;
      for (let at = offsets[item]; at < offsets[item + 1]; at++) sum += pulled[indices[at]];
      // An item says nothing of itself.
      out[item] = (rated.has(item) ? sum - own[item] : sum) / (1 - own[item]);
    }
  }

  arrays(): Record<string, NamedArray> {
    return {
      kernel: { data: this.kernel, shape: [this.userCount, this.userCount] },
      offsets: { data: this.users.offsets, shape: [this.users.offsets.length] },
      users: { data: this.users.indices, shape: [this.users.indices.length] },
      own: { data: this.own, shape: [this.own.length] },
    };
  }
}
