/** (d) Users never seen in training. */
import { fullCompetition, type Protocol } from './protocol';

/** Strong generalisation (Marlin 2004; Liang et al., WWW 2018): what somebody gets who comes today,
 *  before the next training. */
export const newUsers: Protocol = {
  name: 'NEW_USERS',
  description:
    'A tenth of the users is left out of training; 20 % of the items of each of them are to be found in the whole catalogue, after the other 80 %.',
  schemes: ['NEW_USERS'],
  prepare: () => fullCompetition,
};
