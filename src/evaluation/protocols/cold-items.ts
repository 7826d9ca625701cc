/** (e) Items that nobody has interacted with in training. */
import { fullCompetition, type Protocol } from './protocol';

/** Among the cold items only: whatever learned from interactions puts all of them behind all
 *  others, or anywhere. */
export const coldItems: Protocol = {
  name: 'COLD_ITEMS',
  description:
    "A tenth of the items is left without ratings in training; a user's items among them are ranked among all of them, after the user's other items.",
  schemes: ['COLD_ITEMS'],
  prepare: () => fullCompetition,
};
