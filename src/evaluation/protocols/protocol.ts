/** What a protocol is: the split it measures on, and which items compete with a user's held-out
 *  ones. */
import type { Negatives } from '../../interactions/negatives';
import type { PreparedSplit, SplitScheme } from '../../interactions/splits';

export const PROTOCOL_NAMES = [
  'SAMPLED_LAST_ITEM',
  'FULL_LAST_ITEM',
  'FULL_HOLDOUT',
  'NEW_USERS',
  'COLD_ITEMS',
  'TIME_SPLIT',
] as const;
export type ProtocolName = (typeof PROTOCOL_NAMES)[number];

/** How systems that rank tags are measured (evaluation/tags): they rank no items, so it is no
 *  `Protocol`. */
export const TAG_PROTOCOL = 'TAG_POSTS';
/** What any system can be measured under. */
export type AnyProtocolName = ProtocolName | typeof TAG_PROTOCOL;

export interface Protocol {
  readonly name: ProtocolName;
  /** One or two sentences, shown in the schema. */
  readonly description: string;
  /** The splits it can measure on; the first is the one that `trainModel` prepares for it. */
  readonly schemes: readonly [SplitScheme, ...SplitScheme[]];
  prepare(split: PreparedSplit, options: ProtocolOptions): Competition;
}

export interface ProtocolOptions {
  /** Of the evaluation, not of the training: experiments are comparable when they share it. */
  readonly seed: number;
  /** Instead of drawn ones, for SAMPLED_LAST_ITEM: the lists of a published benchmark. */
  readonly negatives?: Negatives | undefined;
}

export interface Competition {
  /** @returns the items that compete with the held-out ones, without these; null: all candidates of
   *    the split's part (the whole catalogue, if it names none) but for the history */
  competitors(user: number): Int32Array | null;
}

/** Every item of the part, without sampling, as Krichene and Rendle (KDD 2020) ask for: sampled
 *  metrics may order systems differently from exact ones. */
export const fullCompetition: Competition = { competitors: () => null };
