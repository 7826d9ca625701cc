/** Gini index of what is recommended how often. */
import type { CatalogueMetric } from './metric';

/** Gini@k = 1 / (n − 1) · Σ_j (2 j − n − 1) p(i_j), where p(i_j) is the share of all first-k places
 *  that item i_j has, the n items of the catalogue in ascending order of it (Shani and Gunawardana
 *  2011, eq. 8.20; Fleder and Hosanagar 2009). 0: all items equally often; 1: one item has every
 *  place. Of all lists together; 0 for no list or a catalogue of one. */
export const gini = {
  name: 'gini',
  schemaName: 'GINI',
  fieldsAt: [10],
  description:
    'Gini index of how often each movie is among the first k: 0 is uniform, 1 is a single movie.',
  per: 'catalogue',
  example: {
    lists: [[1], [1], [1], [2]],
    k: 1,
    counts: [1, 1, 1, 1],
    value: (1 * (1 / 4) + 3 * (3 / 4)) / 3,
  },
  compute(lists, { itemCount: n }, k) {
    const counts = new Map<number, number>();
    let places = 0;
    for (const list of lists) {
      for (const item of list.subarray(0, k)) {
        counts.set(item, (counts.get(item) ?? 0) + 1);
        places++;
      }
    }
    if (places === 0 || n < 2) return 0;
    const shown = Int32Array.from(counts.values()).sort();
    // Items in no list have p = 0 and the first ranks.
    const unseen = n - shown.length;
    const sum = shown.reduce((total, count, at) => total + (2 * (unseen + at + 1) - n - 1) * count, 0);
    return sum / ((n - 1) * places);
  },
} as const satisfies CatalogueMetric;
