/** Poisoned training data: profiles of users who do not exist, made to push some items (shilling).
 *
 *  RANDOM and AVERAGE are of Lam and Riedl (WWW 2004), BANDWAGON of Burke, Mobasher and Bhaumik
 *  ("Limited knowledge shilling attacks in collaborative filtering systems", 2005). Each profile
 *  has the target items at the highest rating and as many other items as real users have on
 *  average:
 *  - RANDOM: drawn from the whole catalogue, rated about the mean of all ratings;
 *  - AVERAGE: drawn likewise, each rated about its own mean;
 *  - BANDWAGON: half of them the most popular items at the highest rating, so that the profile
 *    resembles many; the others as in RANDOM.
 *
 *  Systems that do not look at stars see no difference between RANDOM and AVERAGE. */
import { interactionCounts } from '../../interactions/csr';
import type { InteractionLog, TrainingData } from '../../interactions/interaction-log';
import { Vocabulary } from '../../interactions/vocabulary';
import { Random } from '../../numeric/random';

export const POISONING_PROFILES = ['RANDOM', 'AVERAGE', 'BANDWAGON'] as const;
export type PoisoningProfile = (typeof POISONING_PROFILES)[number];

export interface Poisoning {
  readonly profile: PoisoningProfile;
  /** Fake users for each real one (the attack's size), > 0 */
  readonly share: number;
  /** Dense indices of the items that are pushed */
  readonly targets: Int32Array;
  readonly seed: number;
}

const HIGHEST = 5;
const LOWEST = 0.5;
const NOBODY = { gender: null, age: null, occupation: null };

/** @returns the data with the fake users after the real ones, whose indices stay; `data` is not
 *    changed
 *  @throws RangeError for a share of less than one user, a target outside the catalogue, or
 *    duplicate targets */
export function poison(data: TrainingData, attack: Poisoning): TrainingData {
  const log = data.interactions;
  const fakes = Math.round(attack.share * log.users.size);
  if (!(fakes >= 1))
    throw new RangeError(`A share of ${attack.share} of ${log.users.size} users is less than one user.`);
  const targets = new Set(attack.targets);
  if (targets.size !== attack.targets.length) throw new RangeError('Targets must be unique.');
  for (const item of targets)
    if (!(item >= 0 && item < log.items.size)) throw new RangeError(`There is no item with index ${item}.`);
  const random = new Random(attack.seed);
  const profiles = new Profiles(log, attack, random);
  const made = Array.from({ length: fakes }, () => profiles.next());
  return {
    ...data,
    interactions: append(log, made),
    demographics: data.demographics && [...data.demographics, ...made.map(() => NOBODY)],
  };
}

/** Targets of an attack: items with interactions, drawn from their less popular half.
 *  @returns [count]
 *  @throws RangeError when there are not as many */
export function unpopularTargets(
  log: InteractionLog,
  { count, seed }: { readonly count: number; readonly seed: number },
): Int32Array {
  const counts = interactionCounts(log);
  const known = Int32Array.from(counts.keys()).filter((item) => counts[item] > 0);
  known.sort((a, b) => counts[a] - counts[b] || a - b);
  const tail = known.subarray(0, Math.ceil(known.length / 2));
  if (tail.length < count) throw new RangeError(`Only ${tail.length} items are in the less popular half.`);
  return new Random(seed).sampleWithoutReplacement(tail.length, count).map((at) => tail[at]);
}

interface Profile {
  readonly items: Int32Array;
  readonly values: Float32Array;
  readonly timestamps: Float64Array;
}

class Profiles {
  private readonly popular: Int32Array;
  private readonly fillers: number;
  /** Whether the data has stars; without them a fake profile's are 0 too */
  private readonly starred: boolean;
  private readonly mean: number;
  private readonly deviation: number;
  /** [I] mean rating of each item; the global mean for items without ratings */
  private readonly means: Float64Array;

  constructor(
    private readonly log: InteractionLog,
    private readonly attack: Poisoning,
    private readonly random: Random,
  ) {
    const { itemIndex, value, items, users } = log;
    const counts = interactionCounts(log);
    const wanted = Math.round(itemIndex.length / Math.max(1, users.size));
    this.fillers = Math.min(wanted, items.size - attack.targets.length);
    this.starred = value.some((stars) => stars > 0);
    this.mean = value.reduce((sum, stars) => sum + stars, 0) / value.length;
    this.deviation = Math.sqrt(
      value.reduce((sum, stars) => sum + (stars - this.mean) ** 2, 0) / value.length,
    );
    this.means = new Float64Array(items.size);
    for (let row = 0; row < itemIndex.length; row++)
      this.means[itemIndex[row]] += value[row] / counts[itemIndex[row]];
    for (let item = 0; item < items.size; item++) if (counts[item] === 0) this.means[item] = this.mean;
    const targets = new Set(attack.targets);
    this.popular = Int32Array.from(counts.keys())
      .filter((item) => !targets.has(item))
      .sort((a, b) => counts[b] - counts[a] || a - b)
      .subarray(0, attack.profile === 'BANDWAGON' ? Math.floor(this.fillers / 2) : 0);
  }

  /** In a random order, at times drawn from real interactions. */
  next(): Profile {
    const { attack, random, popular, fillers, log } = this;
    const stars = new Map<number, number>();
    for (const item of attack.targets) stars.set(item, HIGHEST);
    for (const item of popular) stars.set(item, HIGHEST);
    while (stars.size < attack.targets.length + fillers) {
      const item = random.integerBelow(log.items.size);
      if (!stars.has(item))
        stars.set(item, this.starsAbout(attack.profile === 'AVERAGE' ? this.means[item] : this.mean));
    }
    const items = random.shuffle(Int32Array.from(stars.keys()));
    const timestamps = Float64Array.from(
      items,
      () => log.timestamp[random.integerBelow(log.timestamp.length)],
    ).sort();
    return {
      items,
      values: Float32Array.from(items, (item) => (this.starred ? stars.get(item)! : 0)),
      timestamps,
    };
  }

  /** A normal draw about the mean, in half stars. */
  private starsAbout(mean: number): number {
    const drawn = Math.round(2 * (mean + this.deviation * this.random.normal())) / 2;
    return Math.min(HIGHEST, Math.max(LOWEST, drawn));
  }
}

function append(log: InteractionLog, profiles: readonly Profile[]): InteractionLog {
  const before = log.users.size;
  const highest = log.users.ids.reduce((most, id) => Math.max(most, id), 0);
  const users = new Int32Array(before + profiles.length);
  users.set(log.users.ids);
  const offsets = new Int32Array(before + profiles.length + 1);
  offsets.set(log.offsets);
  profiles.forEach(({ items }, n) => {
    users[before + n] = highest + 1 + n;
    offsets[before + n + 1] = offsets[before + n] + items.length;
  });
  const total = offsets[before + profiles.length];
  const [itemIndex, value, timestamp] = [
    new Int32Array(total),
    new Float32Array(total),
    new Float64Array(total),
  ];
  itemIndex.set(log.itemIndex);
  value.set(log.value);
  timestamp.set(log.timestamp);
  profiles.forEach(({ items, values, timestamps }, n) => {
    itemIndex.set(items, offsets[before + n]);
    value.set(values, offsets[before + n]);
    timestamp.set(timestamps, offsets[before + n]);
  });
  return { users: new Vocabulary(users), items: log.items, offsets, itemIndex, value, timestamp };
}
