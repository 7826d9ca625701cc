/** How popular the items are in training, and which of them are the head, the middle and the
 *  tail. */
import { interactionCounts } from '../interactions/csr';
import type { InteractionLog } from '../interactions/interaction-log';

/** Head: the fewest, most popular items that make 20 % of the interactions; tail: the least popular
 *  that make the last 20 %, items without any included; middle: between (Abdollahpouri et al., UMAP
 *  2021, "User-centered evaluation of popularity bias"). */
export const POPULARITY_GROUPS = ['HEAD', 'MIDDLE', 'TAIL'] as const;
export type PopularityGroup = (typeof POPULARITY_GROUPS)[number];

const HEAD_SHARE = 0.2;
const TAIL_SHARE = 0.2;

export interface ItemPopularity {
  /** [I] interactions in training */
  readonly counts: Int32Array;
  /** [I] index into POPULARITY_GROUPS */
  readonly groups: Uint8Array;
  /** Users with an interaction in training */
  readonly users: number;
}

/** @param log the training log: what is held out must not tell who is popular */
export function itemPopularity(log: InteractionLog): ItemPopularity {
  const counts = interactionCounts(log);
  let users = 0;
  for (let user = 0; user < log.users.size; user++) if (log.offsets[user + 1] > log.offsets[user]) users++;
  return { counts, groups: popularityGroups(counts), users };
}

/** @param counts [I]; equals are taken in the order of the items
 *  @returns [I] index into POPULARITY_GROUPS */
export function popularityGroups(counts: Int32Array): Uint8Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const order = Int32Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b);
  const groups = new Uint8Array(counts.length);
  let before = 0;
  for (const item of order) {
    // The item at which a share is reached is the last of its group.
    if (before >= HEAD_SHARE * total) groups[item] = before >= (1 - TAIL_SHARE) * total ? 2 : 1;
    before += counts[item];
  }
  return groups;
}
