/** (b) The held-out last item against the full catalogue. */
import { fullCompetition, type Protocol } from './protocol';

export const fullLastItem: Protocol = {
  name: 'FULL_LAST_ITEM',
  description:
    "Each user's last item is ranked against the whole catalogue, without what the user already knew.",
  schemes: ['LEAVE_LAST_OUT'],
  prepare: () => fullCompetition,
};
