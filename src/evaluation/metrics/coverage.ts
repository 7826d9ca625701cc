/** Catalogue coverage at a cut-off. */
import type { CatalogueMetric } from './metric';

/** Coverage@k = |union of all users' first k| / number of items (Ge, Delgado-Battenfeld and Jannach
 *  2010, section 3.1). It is of all lists together, so it has no mean over users and no interval,
 *  and grows with the number of users. 0 for no list. */
export const coverage = {
  name: 'coverage',
  schemaName: 'COVERAGE',
  fieldsAt: [10],
  description: "Share of the catalogue that is among the first k of at least one user's list.",
  per: 'catalogue',
  example: {
    lists: [
      [0, 1, 2],
      [1, 3, 2],
    ],
    k: 2,
    counts: new Array(8).fill(1),
    value: 3 / 8,
  },
  compute(lists, { itemCount }, k) {
    const shown = new Set<number>();
    for (const list of lists) for (const item of list.subarray(0, k)) shown.add(item);
    return itemCount === 0 ? 0 : shown.size / itemCount;
  },
} as const satisfies CatalogueMetric;
