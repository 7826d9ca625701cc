/** The space of pairs and tags: d²(pair, tag) is the squared Euclidean distance of a pair's point
 *  and a tag's point, in d + T dimensions.
 *
 *    tag t        (e_t ; 1_t)     a learned point [d], and the unit vector of its own axis among the T tag axes
 *    pair (u, i)  (q ; p)         q = origin + U_u + I_i + Σ_t x_0(t) A_t + Σ_t x_1(t) B_t          [d]
 *                                 p_t = ½ (prior_t + ω log(1 + Σ_s exp(θ_s + gate_{s,t} + V_{u,s} + W_{i,s}) x_s(t)))   [T]
 *
 *    d²(pair, t) = ‖q − e_t‖² + ‖p − 1_t‖² = ‖q − e_t‖² + ‖p‖² + 1 − 2 p_t
 *
 *  x_s(t) = n_s(t) / (N_s + κ_s) is the share of tag t in the evidence of source s
 *  (tag-evidence.ts); in q it is n / (N + 1). Gates and trusts are alike for all sources that count
 *  the user's tags (s = 0, 2), and for those that count the item's (s = 1, 3, 4): gate_{0,t} is how
 *  likely a user repeats a tag, gate_{1,t} how likely it is taken over from the item; V_u the
 *  weights of the user's and the item's tags for this user; W_i the same for this item. So p is the
 *  bag of tags of the pair, every tag pulls the pair to its own axis, and q is where users, items
 *  and tags meet. Needs no TensorFlow. */
import { innerProducts } from '../../numeric/inner-products';
import type { Artifact, NamedArray } from '../artifact';
import { CorruptArtifactError } from '../artifact';
import { type Evidence, SOURCE_SIDES, SOURCES } from './tag-evidence';

/** The arrays, as trained (double) or as stored (single precision). Rows of users and items without
 *  a post are zero. */
export interface TagSpaceArrays<Numbers extends Float32Array | Float64Array = Float32Array> {
  /** [1, d] */
  readonly origin: Numbers;
  /** [U, d] */
  readonly users: Numbers;
  /** [I, d] */
  readonly items: Numbers;
  /** [T, d] e */
  readonly tags: Numbers;
  /** [T, d] A */
  readonly userTags: Numbers;
  /** [T, d] B */
  readonly itemTags: Numbers;
  /** [T] */
  readonly prior: Numbers;
  /** [T] */
  readonly userGate: Numbers;
  /** [T] */
  readonly itemGate: Numbers;
  /** [11] θ_0 … θ_4, ln κ_0 … ln κ_4, ln ω */
  readonly mixture: Numbers;
  /** [U, 2] V: for the user's tags, for the item's */
  readonly userTrust: Numbers;
  /** [I, 2] W */
  readonly itemTrust: Numbers;
}
export const TAG_SPACE_ARRAYS = [
  'origin',
  'users',
  'items',
  'tags',
  'userTags',
  'itemTags',
  'prior',
  'userGate',
  'itemGate',
  'mixture',
  'userTrust',
  'itemTrust',
] as const satisfies readonly (keyof TagSpaceArrays)[];
export const MIXTURE_SIZE = 2 * SOURCES + 1;

export interface PairPoint {
  /** [d] */
  readonly q: Float64Array;
  /** [T] */
  readonly p: Float64Array;
}

export class TagSpace {
  readonly embeddingSize: number;
  readonly tagCount: number;
  private readonly squaredNorms: Float64Array;

  constructor(readonly arrays: TagSpaceArrays) {
    this.embeddingSize = arrays.origin.length;
    this.tagCount = arrays.prior.length;
    const d = this.embeddingSize;
    this.squaredNorms = Float64Array.from({ length: this.tagCount }, (_, tag) => {
      let sum = 0;
      for (let k = tag * d; k < (tag + 1) * d; k++) sum += arrays.tags[k] ** 2;
      return sum;
    });
  }

  /** @param user row of the trained users, -1 for a new user: only the evidence counts; likewise
   *    `item` */
  pairPoint(user: number, item: number, evidence: Evidence): PairPoint {
    const { arrays, embeddingSize: d } = this;
    const q = Float64Array.from(arrays.origin);
    if (user >= 0) for (let k = 0; k < d; k++) q[k] += arrays.users[user * d + k];
    if (item >= 0) for (let k = 0; k < d; k++) q[k] += arrays.items[item * d + k];
    const p = Float64Array.from(arrays.prior);
    const { size, tags, counts, totals } = evidence;
    const mixture = arrays.mixture;
    const omega = Math.exp(mixture[2 * SOURCES]);
    const trust = [0, 1].map(
      (side) =>
        (user >= 0 ? arrays.userTrust[2 * user + side] : 0) +
        (item >= 0 ? arrays.itemTrust[2 * item + side] : 0),
    );
    for (let at = 0; at < size; at++) {
      const tag = tags[at];
      const [x0, x1] = [counts[0][at] / (totals[0] + 1), counts[1][at] / (totals[1] + 1)];
      for (let k = 0, r = tag * d; k < d; k++, r++)
        q[k] += x0 * arrays.userTags[r] + x1 * arrays.itemTags[r];
      let mixed = 1;
      for (let s = 0; s < SOURCES; s++) {
        const side = SOURCE_SIDES[s];
        const gate = side === 0 ? arrays.userGate[tag] : arrays.itemGate[tag];
        mixed +=
          (Math.exp(mixture[s] + gate + trust[side]) * counts[s][at]) /
          (totals[s] + Math.exp(mixture[SOURCES + s]));
      }
      p[tag] += omega * Math.log(mixed);
    }
    for (let tag = 0; tag < p.length; tag++) p[tag] /= 2;
    return { q, p };
  }

  /** @param out [T], overwritten with what of −d² differs between tags: −d²(pair, t) + ‖q‖² + ‖p‖²
   *    + 1 = 2 q·e_t − ‖e_t‖² + 2 p_t. Higher is nearer; single precision allows no longer sum. */
  scores({ q, p }: PairPoint, out: Float32Array): void {
    innerProducts(q, this.arrays.tags, out);
    for (let tag = 0; tag < out.length; tag++) out[tag] = 2 * (out[tag] + p[tag]) - this.squaredNorms[tag];
  }

  /** @returns d(pair, tag) of each of the tags, by their rows: what the bag has on other axes is
   *    summed once */
  distances({ q, p }: PairPoint, tags: ArrayLike<number>): number[] {
    const { arrays, embeddingSize: d } = this;
    const bag = p.reduce((sum, value) => sum + value * value, 0);
    return Array.from(tags, (tag) => {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += (q[k] - arrays.tags[tag * d + k]) ** 2;
      // ‖p − 1_t‖² = ‖p‖² + 1 − 2 p_t; rounding must not make it negative.
      return Math.sqrt(sum + Math.max(0, bag + 1 - 2 * p[tag]));
    });
  }

  /** @returns d²(pair, tag), 0 or more */
  squaredDistance({ q, p }: PairPoint, tag: number): number {
    const { arrays, embeddingSize: d } = this;
    let sum = 0;
    for (let k = 0; k < d; k++) sum += (q[k] - arrays.tags[tag * d + k]) ** 2;
    for (let axis = 0; axis < p.length; axis++) sum += (p[axis] - (axis === tag ? 1 : 0)) ** 2;
    return sum;
  }
}

/** A space with tags that were not in training, appended to the others: average points, average
 *  gates, and the prior with which such a tag is scored, for every pair without evidence of it, as
 *  the trained tags are on average. (An average point is nearer to everything than its tags are, by
 *  their mean squared distance from it.)
 *  @param count how many */
export function withNewTags(space: TagSpace, count: number): TagSpace {
  const { arrays, embeddingSize: d, tagCount } = space;
  if (count === 0) return space;
  const grown = (name: keyof TagSpaceArrays, width: number, row: Float32Array): Float32Array => {
    const table = new Float32Array((tagCount + count) * width);
    table.set(arrays[name]);
    for (let tag = tagCount; tag < tagCount + count; tag++) table.set(row, tag * width);
    return table;
  };
  const mean = (name: keyof TagSpaceArrays, width: number): Float32Array => {
    const sums = new Float64Array(width);
    arrays[name].forEach((value, at) => {
      sums[at % width] += value / tagCount;
    });
    return Float32Array.from(sums);
  };
  const middle = mean('tags', d);
  const spread = arrays.tags.reduce((sum, value, at) => sum + (value - middle[at % d]) ** 2, 0) / tagCount;
  return new TagSpace({
    ...arrays,
    tags: grown('tags', d, middle),
    userTags: grown('userTags', d, mean('userTags', d)),
    itemTags: grown('itemTags', d, mean('itemTags', d)),
    prior: grown('prior', 1, Float32Array.of(mean('prior', 1)[0] - spread)),
    userGate: grown('userGate', 1, mean('userGate', 1)),
    itemGate: grown('itemGate', 1, mean('itemGate', 1)),
  });
}

/** @throws CorruptArtifactError when an array is missing, not of single precision, or of a shape
 *    that does not fit the others */
export function readTagSpace(artifact: Artifact): TagSpace {
  const stored = withEverySource(artifact);
  const array = (name: keyof TagSpaceArrays): { data: Float32Array; shape: readonly number[] } => {
    const { data, shape } = stored.arrays[name] ?? {};
    if (!(data instanceof Float32Array) || shape === undefined)
      throw new CorruptArtifactError(`Array ${name} is missing.`);
    return { data, shape };
  };
  const d = array('origin').data.length;
  const tagCount = array('prior').data.length;
  const arrays = Object.fromEntries(
    TAG_SPACE_ARRAYS.map((name) => {
      const { data, shape } = array(name);
      const wanted = expectedShape(name, d, tagCount, shape[0]);
      if (shape.join() !== wanted.join())
        throw new CorruptArtifactError(`Array ${name} is [${shape}] and should be [${wanted}].`);
      return [name, data];
    }),
  ) as unknown as TagSpaceArrays;
  return new TagSpace(arrays);
}

/** @param rows of the array: the number of users or items, stored nowhere else */
export function expectedShape(
  name: keyof TagSpaceArrays,
  d: number,
  tagCount: number,
  rows: number,
): number[] {
  if (name === 'origin') return [1, d];
  if (name === 'users' || name === 'items') return [rows, d];
  if (name === 'userTrust' || name === 'itemTrust') return [rows, 2];
  if (name === 'tags' || name === 'userTags' || name === 'itemTags') return [tagCount, d];
  return name === 'mixture' ? [MIXTURE_SIZE] : [tagCount];
}

const FORMER_SOURCES = 4;
/** θ of a source that says nothing: exp(-1000) is 0 in double precision. */
const SILENT = -1_000;

/** Tag towers that were stored before there was the fifth source, and before there were trusts:
 *  they are read as what they are among the others, towers for which the fifth source is silent and
 *  every trust is 0. They score as they did, to the bit.
 *
 *  @returns the artifact itself if it is not of those */
export function withEverySource(artifact: Artifact): Artifact {
  const { mixture, users, items, userTrust, itemTrust } = artifact.arrays;
  if (userTrust !== undefined || itemTrust !== undefined || mixture?.data.length !== 2 * FORMER_SOURCES + 1)
    return artifact;
  if (users === undefined || items === undefined) return artifact;
  const [theta, kappa] = [
    mixture.data.subarray(0, FORMER_SOURCES),
    mixture.data.subarray(FORMER_SOURCES, 2 * FORMER_SOURCES),
  ];
  const grown = Float32Array.of(...theta, SILENT, ...kappa, 0, mixture.data[2 * FORMER_SOURCES]);
  const noTrust = ({ shape }: NamedArray): NamedArray => ({
    data: new Float32Array(2 * shape[0]),
    shape: [shape[0], 2],
  });
  return {
    ...artifact,
    arrays: {
      ...artifact.arrays,
      mixture: { data: grown, shape: [grown.length] },
      userTrust: noTrust(users),
      itemTrust: noTrust(items),
    },
  };
}
