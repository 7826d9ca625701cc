/** The protocols that experiments are measured under: which split each measures on, and which items
 *  compete with a user's held-out ones. */
import type { PreparedSplit, SplitScheme } from '../interactions/splits';

export interface Protocol {
  /** Shown in the schema. */
  readonly description: string;
  /** The splits it can measure on; the first is the one that a training prepares for it. */
  readonly schemes: readonly [SplitScheme, ...SplitScheme[]];
  /** How many items that the user never interacted with are drawn, uniformly and by the
   *  evaluation's seed, to compete with the held-out one. Without it every candidate of the part
   *  does, but for the history, as Krichene and Rendle (KDD 2020) ask for: sampled metrics may
   *  order systems differently from exact ones. */
  readonly negatives?: number;
  /** What is wholly held out of the training data; such a model is not published. */
  readonly withholds?: 'users' | 'movies';
}

export type ProtocolName =
  | 'SAMPLED_LAST_ITEM'
  | 'FULL_LAST_ITEM'
  | 'FULL_HOLDOUT'
  | 'NEW_USERS'
  | 'COLD_ITEMS'
  | 'TIME_SPLIT';

export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  // He et al. (WWW 2017) and most papers since: comparable with published figures, kinder than the
  // full catalogue.
  SAMPLED_LAST_ITEM: {
    description:
      "Each user's held-out last movie is ranked against 99 sampled movies that the user " +
      "has not rated (the paper's protocol).",
    schemes: ['LEAVE_LAST_OUT'],
    negatives: 99,
  },
  FULL_LAST_ITEM: {
    description:
      "Each user's held-out last movie is ranked in the full catalogue, without the movies " +
      'the user has rated.',
    schemes: ['LEAVE_LAST_OUT'],
  },
  // Most comparisons of collaborative filters (Liang et al. 2018; Dacrema et al. 2019; Rendle et
  // al. 2022): no order in it. It measures what is held out by visits, too.
  FULL_HOLDOUT: {
    description:
      "A random 20 % of each user's ratings is held out and ranked in the full catalogue, " +
      "given the user's other ratings.",
    schemes: ['HOLDOUT', 'LAST_VISIT'],
  },
  // Strong generalisation (Marlin 2004; Liang et al., WWW 2018): the lists of a user who arrives
  // before the next training.
  NEW_USERS: {
    description:
      "A tenth of the users is not in training; a random 20 % of each one's ratings is " +
      'ranked in the full catalogue, given the other 80 %.',
    schemes: ['NEW_USERS'],
    withholds: 'users',
  },
  // Among the cold items only: models learned from interactions rank them last, or arbitrarily,
  // among all items.
  COLD_ITEMS: {
    description:
      "A tenth of the movies has no ratings in training; each user's held-out ratings of " +
      "these are ranked among all of them, given the user's other ratings.",
    schemes: ['COLD_ITEMS'],
    withholds: 'movies',
  },
  // The only one that never lets a model know what others did later (Meng et al., RecSys 2020; Ji
  // et al., TOIS 2023).
  TIME_SPLIT: {
    description:
      'The latest 10 % of all ratings is held out and ranked in the full catalogue; ' +
      'training sees nothing later. Requires a time for every rating.',
    schemes: ['TIME'],
  },
};
export const PROTOCOL_NAMES = Object.keys(PROTOCOLS) as readonly ProtocolName[];

/** How systems that rank tags are measured (evaluation/tags). */
export const TAG_PROTOCOL = 'TAG_POSTS';
/** What any system can be measured under. */
export type AnyProtocolName = ProtocolName | typeof TAG_PROTOCOL;

/** Every protocol with its description for the schema. */
export const PROTOCOL_DESCRIPTIONS: Readonly<Record<AnyProtocolName, string>> = {
  ...(Object.fromEntries(PROTOCOL_NAMES.map((name) => [name, PROTOCOLS[name].description])) as Record<
    ProtocolName,
    string
  >),
  TAG_POSTS:
    'The protocol for tag systems: for each user with several posts, one random post (all ' +
    'their tags on one movie) is held out for test and one for validation, ranked among ' +
    'all tags.',
};

/** @returns the split to prepare for a protocol: `prepareSplit(data, { scheme: schemeOf(name)
 *  })` */
export function schemeOf(name: ProtocolName): SplitScheme {
  return PROTOCOLS[name].schemes[0];
}

/** @returns what can be measured on a split: both last-item protocols on LEAVE_LAST_OUT, one on
 *    each other */
export function protocolsOf({ scheme }: Pick<PreparedSplit, 'scheme'>): ProtocolName[] {
  return PROTOCOL_NAMES.filter((name) => PROTOCOLS[name].schemes.includes(scheme));
}

/** @returns the protocol without sampling, by which early stopping and publication decide on a
 *    split */
export function decidingProtocol(split: Pick<PreparedSplit, 'scheme'>): ProtocolName {
  return protocolsOf(split).find((name) => PROTOCOLS[name].negatives === undefined)!;
}

/** @returns the protocol by which decisions are made about what was trained for the given one: the
 *    same held-out data, without sampling */
export function decidingProtocolOf(name: AnyProtocolName): AnyProtocolName {
  return name === TAG_PROTOCOL ? name : decidingProtocol({ scheme: schemeOf(name) });
}

/** @returns a protocol in a sentence about its figures */
export function catalogueOf(name: AnyProtocolName): string {
  return name === 'FULL_LAST_ITEM' ? 'full catalogue' : name;
}
