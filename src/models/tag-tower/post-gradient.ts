/** Loss and gradient of one post in the tag tower: a softmax over the distances of the pair's point
 *  to the tags' points.
 *
 *    loss = −1/|Y| Σ_{t ∈ Y} ln softmax_t(−d²(pair, t)),   Y the post's tags
 *
 *  What all tags of a pair share (‖q‖² + ‖p‖² + 1) cancels in it, so a logit is 2 q·e_t − ‖e_t‖² +
 *  2 p_t; see tag-space.ts for the notation. The sum below the fraction runs over Y, the tags of
 *  the evidence, and a sample of the others whose terms are weighted to represent all of them
 *  (importance sampling, Bengio and Senécal 2003); with a sample of all tags it is exact. */

import { KAPPA, OMEGA, type Tables } from './parameters';
import { type Evidence, SOURCE_SIDES, SOURCES } from './tag-evidence';

export interface PostExample {
  /** Row of `users`, or -1 to leave the learned point out; likewise `item`. */
  readonly user: number;
  readonly item: number;
  /** What is known without this post. */
  readonly evidence: Evidence;
  /** Y, each tag once, non-empty. */
  readonly tags: Int32Array;
}

export class PostGradient {
  private readonly q: Float64Array;
  private readonly dq: Float64Array;
  private readonly candidates: Int32Array;
  private readonly logits: Float64Array;
  /** [T] place of a tag in the evidence, or -1 */
  private readonly place: Int32Array;
  private readonly isCandidate: Uint8Array;
  /** [2] V + W of the pair, for the user's tags and for the item's, and the derivative of the loss
   *  by them */
  private readonly trust = new Float64Array(2);
  private readonly dtrust = new Float64Array(2);
  /** [5] exp(θ_s + trust), then κ_s; and ω */
  private readonly theta = new Float64Array(SOURCES);
  private readonly kappa = new Float64Array(SOURCES);
  private omega = 0;
  /** [T, 5] terms of the mixture by place in the evidence, and [T] 1 + Σ_s of them */
  private readonly terms: Float64Array;
  private readonly mixed: Float64Array;

  constructor(
    private readonly tables: Tables,
    tagCount: number,
    private readonly d: number,
  ) {
    this.q = new Float64Array(d);
    this.dq = new Float64Array(d);
    this.candidates = new Int32Array(tagCount);
    this.logits = new Float64Array(tagCount);
    this.place = new Int32Array(tagCount).fill(-1);
    this.isCandidate = new Uint8Array(tagCount);
    this.terms = new Float64Array(tagCount * SOURCES);
    this.mixed = new Float64Array(tagCount);
  }

  /** Adds `scale` times the gradient to the tables.
   *  @param sample distinct tags
   *  @returns the loss, not scaled */
  add(example: PostExample, sample: Int32Array, scale: number): number {
    const { evidence, tags } = example;
    this.prepareMixture(example);
    this.computeQuery(example);
    for (let at = 0; at < evidence.size; at++) this.place[evidence.tags[at]] = at;
    const count = this.collectCandidates(example, sample);
    const loss = this.softmax(tags, count);
    this.dq.fill(0);
    for (let c = 0; c < count; c++) this.descendTag(this.candidates[c], this.logits[c] * scale, evidence);
    this.descendQuery(example);
    this.descendTrust(example);
    for (let at = 0; at < evidence.size; at++) this.place[evidence.tags[at]] = -1;
    return loss;
  }

  private prepareMixture({ user, item }: PostExample): void {
    const { trust, tables } = this;
    const mixture = tables.mixture.data;
    for (let side = 0; side < 2; side++) {
      trust[side] = user >= 0 ? tables.userTrust.data[2 * user + side] : 0;
      if (item >= 0) trust[side] += tables.itemTrust.data[2 * item + side];
    }
    this.dtrust.fill(0);
    for (let s = 0; s < SOURCES; s++) {
      this.theta[s] = Math.exp(mixture[s] + trust[SOURCE_SIDES[s]]);
      this.kappa[s] = Math.exp(mixture[KAPPA + s]);
    }
    this.omega = Math.exp(mixture[OMEGA]);
  }

  private computeQuery({ user, item, evidence }: PostExample): void {
    const { q, d, tables } = this;
    q.set(tables.origin.data);
    if (user >= 0) for (let k = 0, r = user * d; k < d; k++, r++) q[k] += tables.users.data[r];
    if (item >= 0) for (let k = 0, r = item * d; k < d; k++, r++) q[k] += tables.items.data[r];
    const { size, tags, counts, totals } = evidence;
    for (let at = 0; at < size; at++) {
      const [x0, x1] = [counts[0][at] / (totals[0] + 1), counts[1][at] / (totals[1] + 1)];
      for (let k = 0, r = tags[at] * d; k < d; k++, r++)
        q[k] += x0 * tables.userTags.data[r] + x1 * tables.itemTags.data[r];
    }
  }

  /** Fills `candidates` and `logits`: the post's tags first, then the evidence's, then the
   *  sample's.
   *  @returns how many there are */
  private collectCandidates({ tags, evidence }: PostExample, sample: Int32Array): number {
    const { candidates, isCandidate, logits } = this;
    let count = 0;
    const take = (tag: number): void => {
      if (isCandidate[tag] === 1) return;
      isCandidate[tag] = 1;
      candidates[count++] = tag;
    };
    for (const tag of tags) take(tag);
    for (let at = 0; at < evidence.size; at++) take(evidence.tags[at]);
    const certain = count;
    for (const tag of sample) take(tag);
    const weight = count > certain ? Math.log((candidates.length - certain) / (count - certain)) : 0;
    for (let c = 0; c < count; c++) {
      logits[c] = this.logit(candidates[c], evidence) + (c < certain ? 0 : weight);
      isCandidate[candidates[c]] = 0;
    }
    return count;
  }

  private logit(tag: number, evidence: Evidence): number {
    const { q, d, tables } = this;
    const points = tables.tags.data;
    let sum = tables.prior.data[tag];
    for (let k = 0, r = tag * d; k < d; k++, r++) sum += (2 * q[k] - points[r]) * points[r];
    const at = this.place[tag];
    if (at < 0) return sum;
    this.mix(tag, at, evidence);
    return sum + this.omega * Math.log(this.mixed[at]);
  }

  private mix(tag: number, at: number, { counts, totals }: Evidence): void {
    const { tables, theta, kappa, terms } = this;
    const ofUser = Math.exp(tables.userGate.data[tag]);
    const ofItem = Math.exp(tables.itemGate.data[tag]);
    let mixed = 1;
    for (let s = 0, n = at * SOURCES; s < SOURCES; s++, n++) {
      terms[n] =
        (theta[s] * (SOURCE_SIDES[s] === 0 ? ofUser : ofItem) * counts[s][at]) / (totals[s] + kappa[s]);
      mixed += terms[n];
    }
    this.mixed[at] = mixed;
  }

  /** Turns the logits into the derivative of the loss by them. */
  private softmax(tags: Int32Array, count: number): number {
    const { logits } = this;
    let top = -Infinity;
    for (let c = 0; c < count; c++) top = Math.max(top, logits[c]);
    let sum = 0;
    for (let c = 0; c < count; c++) sum += Math.exp(logits[c] - top);
    const logSum = top + Math.log(sum);
    let loss = 0;
    for (let c = 0; c < count; c++) {
      const isTarget = c < tags.length;
      if (isTarget) loss += (logSum - logits[c]) / tags.length;
      logits[c] = Math.exp(logits[c] - logSum) - (isTarget ? 1 / tags.length : 0);
    }
    return loss;
  }

  /** @param g derivative of the loss by the tag's logit */
  private descendTag(tag: number, g: number, evidence: Evidence): void {
    const { q, dq, d, tables, kappa, terms, omega } = this;
    const points = tables.tags;
    for (let k = 0, r = points.touch(tag); k < d; k++, r++) {
      const point = points.data[r];
      points.gradient[r] += 2 * g * (q[k] - point);
      dq[k] += 2 * g * point;
    }
    tables.prior.gradient[tables.prior.touch(tag)] += g;
    const at = this.place[tag];
    if (at < 0) return;
    const mixed = this.mixed[at];
    tables.mixture.touch(0);
    tables.userGate.touch(tag);
    tables.itemGate.touch(tag);
    const gradient = tables.mixture.gradient;
    gradient[OMEGA] += g * omega * Math.log(mixed);
    for (let s = 0; s < SOURCES; s++) {
      const slope = (g * omega * terms[at * SOURCES + s]) / mixed;
      gradient[s] += slope;
      gradient[KAPPA + s] -= (slope * kappa[s]) / (evidence.totals[s] + kappa[s]);
      (SOURCE_SIDES[s] === 0 ? tables.userGate : tables.itemGate).gradient[tag] += slope;
      this.dtrust[SOURCE_SIDES[s]] += slope;
    }
  }

  private descendQuery({ user, item, evidence }: PostExample): void {
    const { dq, d, tables } = this;
    const addTo = (row: number, table: keyof Tables, share: number): void => {
      const { gradient } = tables[table];
      for (let k = 0, r = tables[table].touch(row); k < d; k++, r++) gradient[r] += share * dq[k];
    };
    addTo(0, 'origin', 1);
    if (user >= 0) addTo(user, 'users', 1);
    if (item >= 0) addTo(item, 'items', 1);
    const { size, tags, counts, totals } = evidence;
    for (let at = 0; at < size; at++) {
      if (counts[0][at] > 0) addTo(tags[at], 'userTags', counts[0][at] / (totals[0] + 1));
      if (counts[1][at] > 0) addTo(tags[at], 'itemTags', counts[1][at] / (totals[1] + 1));
    }
  }

  private descendTrust({ user, item }: PostExample): void {
    const { dtrust, tables } = this;
    for (let side = 0; side < 2; side++) {
      if (user >= 0) tables.userTrust.gradient[tables.userTrust.touch(user) + side] += dtrust[side];
      if (item >= 0) tables.itemTrust.gradient[tables.itemTrust.touch(item) + side] += dtrust[side];
    }
  }
}
