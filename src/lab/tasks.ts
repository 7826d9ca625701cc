/** What differs between systems that rank movies and systems that rank tags. */
import { type EvaluationOptions, type EvaluationResult, evaluate } from '../evaluation/evaluate';
import { type AnyProtocolName, decidingProtocol, TAG_PROTOCOL } from '../evaluation/protocols';
import { EVALUATION_SEED } from '../evaluation/ranking';
import { evaluateTags, tagObjective } from '../evaluation/tags/evaluate-tags';
import { findable, prepareTagSplit, type TagSplit } from '../evaluation/tags/tag-protocol';
import { validationObjective } from '../evaluation/validation-objective';
import { type PreparedSplit, prepareSplit, type SplitScheme } from '../interactions/splits';
import { popularity } from '../models/popularity';
import type { DataOf, Model, System, Task } from '../models/system';
import { popularTagsMix } from '../models/tag-popularity';

/** Maximum number of users for early stopping, the same each time: measuring must stay cheap
 *  relative to an epoch. */
export const VALIDATION_USERS = 2_000;

interface Splits {
  readonly MOVIES: PreparedSplit;
  readonly TAGS: TagSplit;
}
export type SplitOf<T extends Task> = Splits[T];

export interface SplitRequest {
  /** Of movies: LEAVE_LAST_OUT without it. Of tags, a random post of each user is held out. */
  readonly scheme?: SplitScheme | undefined;
  /** False: what would be for validation stays in training. */
  readonly validation: boolean;
}

export interface LabTask<T extends Task> {
  split(data: DataOf<T>, request: SplitRequest): SplitOf<T>;
  /** @returns the objective of early stopping (higher is better); undefined without users to
   *    validate on */
  objective(split: SplitOf<T>): ((model: Model<T>) => number) | undefined;
  evaluate(
    model: Model<T>,
    split: SplitOf<T>,
    options: EvaluationOptions,
  ): Promise<EvaluationResult<AnyProtocolName>>;
  /** @returns the protocol by whose figures decisions are made */
  decidingProtocol(split: SplitOf<T>): AnyProtocolName;
  /** Costs nothing: a model that does not beat it is not published. */
  readonly reference: System<T>;
}

export const LAB_TASKS: { readonly [T in Task]: LabTask<T> } = {
  MOVIES: {
    split: (data, { scheme = 'LEAVE_LAST_OUT', validation }) =>
      prepareSplit(data, { scheme, validation, seed: EVALUATION_SEED }),
    objective: (split) => validationObjective(split, { sampleUsers: VALIDATION_USERS }),
    evaluate,
    decidingProtocol,
    reference: popularity as System,
  },
  TAGS: {
    split: (data, { validation }) => findable(prepareTagSplit(data, { seed: EVALUATION_SEED, validation })),
    objective: (split) => tagObjective(split, { sampleUsers: VALIDATION_USERS }),
    evaluate: evaluateTags,
    decidingProtocol: () => TAG_PROTOCOL,
    reference: popularTagsMix as System<'TAGS'>,
  },
};
