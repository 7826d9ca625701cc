/** (f) One cut through everybody's time. */
import { fullCompetition, type Protocol } from './protocol';

/** The only one that never lets a model know what others did later (Meng et al., RecSys 2020; Ji et
 *  al., TOIS 2023). */
export const timeSplit: Protocol = {
  name: 'TIME_SPLIT',
  description:
    'What was rated in the last 10 % of all ratings in time is to be found in the whole catalogue, of users who had rated something before; nothing later than the cut is in training.',
  schemes: ['TIME'],
  prepare: () => fullCompetition,
};
