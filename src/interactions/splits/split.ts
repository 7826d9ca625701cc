/** What a split is: every interaction in exactly one part, and per measured part who is measured,
 *  after what, and what is to be found. */
import { AppError } from '../../errors';
import type { InteractionLog, TrainingData } from '../interaction-log';

/** See schemes.ts. LEAVE_LAST_OUT: each user's last interaction. HOLDOUT: a random fifth of each
 *  user's. NEW_USERS: users who are not in training. COLD_ITEMS: items that are not. TIME: a cut
 *  through everybody's time. LAST_VISIT: all that a user rated when last there. */
export const SPLIT_SCHEMES = [
  'LEAVE_LAST_OUT',
  'HOLDOUT',
  'NEW_USERS',
  'COLD_ITEMS',
  'TIME',
  'LAST_VISIT',
] as const;
export type SplitScheme = (typeof SPLIT_SCHEMES)[number];

export const SPLIT_NAMES = ['VALIDATION', 'TEST'] as const;
export type SplitName = (typeof SPLIT_NAMES)[number];

/** Where one interaction belongs. A user who is not in training still shows a history: those rows
 *  are `*_HISTORY`. */
export const Role = {
  TRAINING: 0,
  VALIDATION: 1,
  TEST: 2,
  VALIDATION_HISTORY: 3,
  TEST_HISTORY: 4,
} as const;
export type Role = (typeof Role)[keyof typeof Role];

export interface SplitPart {
  /** [P] dense indices of the users who are measured, ascending: something to find, and a history
   *  to find it by */
  readonly users: Int32Array;
  /** [P + 1] the held-out items of users[p] are at relevant[offsets[p]] .. relevant[offsets[p +
   *  1]] */
  readonly offsets: Int32Array;
  /** Dense item indices, one or many a user, oldest first */
  readonly relevant: Int32Array;
  /** Dense indices of the items that compete, ascending; null: the whole catalogue. What is in the
   *  history never competes. */
  readonly candidates: Int32Array | null;
}

export interface SplitOptions {
  readonly scheme?: SplitScheme;
  /** Of the random choices; 1 for all experiments, so that they are measured against the same.
   *  Schemes that draw nothing do not read it. */
  readonly seed?: number;
  /** False: what would be for validation stays in training. For the last fit, when nothing is left
   *  to choose: published figures are of systems that saw all but the test part. */
  readonly validation?: boolean;
}

/** What the laboratory trains on and measures with. */
export interface PreparedSplit {
  readonly scheme: SplitScheme;
  readonly seed: number;
  readonly full: InteractionLog;
  /** [N] the Role of each row of `full` */
  readonly roles: Uint8Array;
  /** What the algorithm gets. Same vocabularies as the full log: an item that only held-out rows
   *  name stays in the catalogue, without a row. Taggings that would leak an answer are removed
   *  (leaks.ts). */
  readonly trainingData: TrainingData;
  readonly demographics: TrainingData['demographics'];
  readonly parts: Readonly<Record<SplitName, SplitPart>>;
}

/** What a scheme decides; the rest follows from it (splits.ts). */
export interface Assignment {
  /** [N] */
  readonly roles: Uint8Array;
  readonly candidates?: Readonly<Record<SplitName, Int32Array>>;
}

/** A cut in time needs times. */
export class MissingTimesError extends AppError {
  readonly code = 'DATA_UNFIT';
}

/** Each scheme has a separate random stream: one seed must not correlate schemes with each other or
 *  with the sampled negatives.
 *  @returns a safe integer for the seeds that experiments have (31 bits) */
export function schemeSeed(scheme: SplitScheme, seed: number): number {
  return seed * 16 + 1 + SPLIT_SCHEMES.indexOf(scheme);
}
