/** What a protocol is: which items compete with a user's held-out item. */
import type { Negatives } from '../../interactions/negatives';
import type { PreparedSplit } from '../../interactions/splits';

export const PROTOCOL_NAMES = ['SAMPLED_LAST_ITEM', 'FULL_LAST_ITEM'] as const;
export type ProtocolName = (typeof PROTOCOL_NAMES)[number];

export interface Protocol {
  readonly name: ProtocolName;
  /** One or two sentences, shown in the schema. */
  readonly description: string;
  prepare(split: PreparedSplit, options: ProtocolOptions): Competition;
}

export interface ProtocolOptions {
  /** Of the evaluation, not of the training: experiments are comparable when they share it. */
  readonly seed: number;
  /** Instead of drawn ones, for SAMPLED_LAST_ITEM: the lists of a published benchmark. */
  readonly negatives?: Negatives | undefined;
}

export interface Competition {
  /** @returns the items that compete with the held-out one, without it; null: the whole catalogue but for the history and it */
  competitors(user: number): Int32Array | null;
}
