/** Scores for a user of whom only demographics are known: popularity within the groups, smoothed
 *  towards the global one.
 *
 *    score(i) = mean over the known groups g of (n_gi + κ p_i) / (n_g + κ),    p_i = n_i / n
 *
 *  n counts users, n_i those who rated item i, n_g and n_gi those of group g. bench/cold-start.mjs
 *  compares it with plain popularity, a product of the groups, and the tower's point without a
 *  history. */
import type { Demographics, TrainingData } from './interaction-log';

/** κ, in users. */
const SMOOTHING = 20;
/** Lower bounds of MovieLens 1M's age groups. */
export const AGE_GROUPS: readonly number[] = [1, 18, 25, 35, 45, 50, 56];

/** How many users of a group there are, and how many of them rated what. */
export interface GroupCounts {
  readonly users: number;
  /** [I] */
  readonly items: ArrayLike<number>;
}

export interface DemographicCounts {
  readonly all: GroupCounts;
  /** By the names that `groupsOf` gives. */
  readonly groups: ReadonlyMap<string, GroupCounts>;
}

/** @returns the lower bound of the age group; 1 for children of every age */
export function ageGroup(age: number): number {
  return AGE_GROUPS.findLast((from) => from <= age) ?? AGE_GROUPS[0];
}

/** @returns `gender:F`, `age:25`, `occupation:artist`, as far as they are known */
export function groupsOf(demographics: Demographics | null | undefined): string[] {
  if (!demographics) return [];
  const { gender, age, occupation } = demographics;
  const groups: string[] = [];
  if (gender !== null) groups.push(`gender:${gender}`);
  if (age !== null) groups.push(`age:${ageGroup(age)}`);
  if (occupation !== null) groups.push(`occupation:${occupation}`);
  return groups;
}

/** @returns [I] shares in [0, 1]; null when the counts have no group of this person's: then nothing
 *    is better than plain popularity */
export function demographicPrior(
  { all, groups }: DemographicCounts,
  demographics: Demographics | null | undefined,
): Float64Array | null {
  const known = groupsOf(demographics)
    .map((name) => groups.get(name))
    .filter((group) => group !== undefined && group.users > 0);
  if (known.length === 0 || all.users === 0) return null;
  return Float64Array.from(all.items, (count, item) => {
    const prior = (SMOOTHING * count) / all.users;
    return (
      known.reduce((sum, group) => sum + (group!.items[item] + prior) / (group!.users + SMOOTHING), 0) /
      known.length
    );
  });
}

/** Counts over everybody in the data who has rated something. */
export function countDemographics({
  interactions,
  demographics,
}: Pick<TrainingData, 'interactions' | 'demographics'>): DemographicCounts {
  const { offsets, itemIndex, users, items } = interactions;
  const empty = () => ({ users: 0, items: new Float64Array(items.size) });
  const all = empty();
  const groups = new Map<string, ReturnType<typeof empty>>();
  for (let user = 0; user < users.size; user++) {
    const rows = itemIndex.subarray(offsets[user], offsets[user + 1]);
    if (rows.length === 0) continue;
    const own = groupsOf(demographics?.[user]).map((name) => {
      const group = groups.get(name) ?? empty();
      groups.set(name, group);
      return group;
    });
    for (const group of [all, ...own]) {
      group.users++;
      for (const item of rows) group.items[item]++;
    }
  }
  return { all, groups };
}
