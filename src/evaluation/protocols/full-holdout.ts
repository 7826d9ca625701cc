/** (c) A random fifth of each user's items against the full catalogue. */
import { fullCompetition, type Protocol } from './protocol';

/** What most comparisons of collaborative filters report (Liang et al. 2018; Dacrema et al. 2019;
 *  Rendle et al. 2022): no order in it. It measures what is held out by visits, too: the same
 *  question with other items. */
export const fullHoldout: Protocol = {
  name: 'FULL_HOLDOUT',
  description:
    "A random 20 % of each user's items are to be found in the whole catalogue, after the other items of the user.",
  schemes: ['HOLDOUT', 'LAST_VISIT'],
  prepare: () => fullCompetition,
};
