/** Items that nobody has interacted with yet: all that is known of them is what was written about
 *  them (genres, year). */
import { interactionCounts } from '../csr';
import type { InteractionLog } from '../interaction-log';
import { drawnMembers } from './draw';
import { type Assignment, Role, type SchemeOptions, schemeSeed } from './split';

/** Of the items that somebody interacted with, for validation, and as many again for test. Not
 *  stratified: most are rare ones, as most items are, but the users' hits are dominated by the
 *  popular among them. */
export const COLD_ITEM_SHARE = 0.1;

/** All interactions with a cold item are held out; a user's history is the interactions with warm
 *  items, and the cold items of the part compete among themselves. Against warm ones nothing that
 *  learned from interactions could place them. */
export function coldItems(log: InteractionLog, { seed }: SchemeOptions): Assignment {
  const counts = interactionCounts(log);
  const eligible = Int32Array.from(counts.keys()).filter((item) => counts[item] > 0);
  const candidates = drawnMembers(eligible, log.items.ids, COLD_ITEM_SHARE, schemeSeed('COLD_ITEMS', seed));
  const roleOf = new Uint8Array(log.items.size);
  for (const item of candidates.VALIDATION) roleOf[item] = Role.VALIDATION;
  for (const item of candidates.TEST) roleOf[item] = Role.TEST;
  return { roles: Uint8Array.from(log.itemIndex, (item) => roleOf[item]), candidates };
}
