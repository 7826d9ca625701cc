/** (a) The held-out item among 99 sampled negatives. */
import { sampleNegatives } from '../../interactions/negatives';
import type { Protocol } from './protocol';

export const NEGATIVES_PER_USER = 99;

/** The protocol of He et al. (WWW 2017) and of most papers since; comparable with published
 *  figures, kinder than the full catalogue. */
export const sampledLastItem: Protocol = {
  name: 'SAMPLED_LAST_ITEM',
  description:
    "Each user's last item is ranked among 99 items that the user never interacted with, drawn uniformly (the evaluation's seed decides which).",
  schemes: ['LEAVE_LAST_OUT'],
  prepare(split, { seed, negatives }) {
    const drawn = negatives ?? sampleNegatives(split.full, NEGATIVES_PER_USER, seed);
    return { competitors: (user) => drawn.items.subarray(drawn.offsets[user], drawn.offsets[user + 1]) };
  },
};
