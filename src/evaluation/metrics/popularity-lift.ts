/** Popularity lift: whether people are shown more popular things than they chose themselves. */
import type { CatalogueMetric } from './metric';

/** Lift@k = GAP_lists / GAP_histories, where GAP is the mean over users of the mean popularity
 *  (interactions in training) of the items (Abdollahpouri et al., RecSys 2020, eq. 1 and 2, who
 *  subtract 1). 1: as popular as what people chose; above: more popular. NaN (not reported) if no
 *  history has an item of the training data. */
export const popularityLift = {
  name: 'popularityLift',
  schemaName: 'POPULARITY_LIFT',
  fieldsAt: [10],
  description:
    "Mean popularity of the first k divided by that of users' histories; above 1, lists are " +
    'more popular.',
  per: 'catalogue',
  example: { lists: [[0], [1]], k: 1, counts: [100, 50], historyPopularity: [50, 100], value: 1 },
  compute(lists, { popularity: { counts }, historyPopularity }, k) {
    let [sum, users] = [0, 0];
    for (const list of lists) {
      const length = Math.min(k, list.length);
      if (length === 0) continue;
      let own = 0;
      for (let i = 0; i < length; i++) own += counts[list[i]];
      sum += own / length;
      users++;
    }
    const known = historyPopularity.filter((value) => !Number.isNaN(value));
    const histories = known.reduce((total, value) => total + value, 0) / known.length;
    return sum / users / histories;
  },
} as const satisfies CatalogueMetric;
