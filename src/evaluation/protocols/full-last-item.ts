/** The held-out item against the full catalogue. */
import type { Protocol } from './protocol';

/** Without sampling, as Krichene and Rendle (KDD 2020) ask for: sampled metrics may order systems differently from exact ones. */
export const fullLastItem: Protocol = {
  name: 'FULL_LAST_ITEM',
  description: "Each user's last item is ranked against the whole catalogue, without what the user already knew.",
  prepare: () => ({ competitors: () => null }),
};
