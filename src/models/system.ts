/** The contract of every recommender system: data in, model out. systems.ts lists them all. */
import type { ZodType } from 'zod';
import { AppError } from '../errors';
import type { TagLog, TrainingData, UserHistory } from '../interactions/interaction-log';
import type { Vocabulary } from '../interactions/vocabulary';
import type { Artifact } from './artifact';
import type { MetricSpace } from './metric-space';
import type { TagSpace } from './tag-tower/tag-space';

/** What a system ranks: movies for a user, or tags for a user and a movie. */
const TASKS = ['MOVIES', 'TAGS'] as const;
export type Task = (typeof TASKS)[number];

/** What the systems of a task are trained on, are asked, and are served from. */
interface TaskTypes {
  readonly MOVIES: {
    readonly data: TrainingData;
    readonly query: UserHistory;
    readonly space: MetricSpace;
  };
  readonly TAGS: {
    readonly data: TagTrainingData;
    readonly query: TagPair;
    readonly space: TagSpace;
  };
}

export type DataOf<T extends Task> = TaskTypes[T]['data'];
export type QueryOf<T extends Task> = TaskTypes[T]['query'];

/** The taggings to learn from, and the users and items that their dense indices are of. */
export interface TagTrainingData {
  readonly taggings: TagLog;
  readonly users: Vocabulary;
  readonly items: Vocabulary;
}

/** Dense indices of the training data; -1 for a user or an item that is not in it. */
export interface TagPair {
  readonly user: number;
  readonly item: number;
}

/** One recommender system: everything that the product needs to know of it. */
export interface System<T extends Task = 'MOVIES', Hyperparameters = unknown> {
  /** The value of the schema's enum, of the command line and of stored experiments. */
  readonly name: string;
  /** In tables and charts. */
  readonly label: string;
  /** One or two sentences with the source, shown in the schema. */
  readonly description: string;
  readonly task: T;
  /** Whether training needs TensorFlow.js; the others compute in plain TypeScript. */
  readonly engine: boolean;
  /** Whether there is no randomness: every seed gives the same model, so one training says all. */
  readonly seedless: boolean;
  /** Whether its models have a metric space, from which recommendations are served. */
  readonly servable: boolean;
  /** Adds defaults to client input; unknown names and invalid values are refused. Every field has a
   *  default and a description. Give `fit` what its `parse` returns. */
  readonly hyperparameters: ZodType<Hyperparameters>;
  /** @throws UnfitDataError (nothing to learn from, indices outside the vocabularies, NaN),
   *    TrainingDivergedError, AbortError on `context.signal` */
  fit(data: DataOf<T>, settings: Hyperparameters, context: FitContext<T>): Promise<Model<T>>;
  /** Reads what `model.save()` returned. @throws CorruptArtifactError */
  load(artifact: Artifact): Model<T>;
}

/** Keeps the literal name, from which the list of names derives. */
export function defineSystem<const Name extends string, T extends Task, Hyperparameters>(
  system: System<T, Hyperparameters> & { readonly name: Name },
): System<T, Hyperparameters> & { readonly name: Name } {
  return system;
}

export interface FitContext<T extends Task = 'MOVIES'> {
  /** Same seed, data, hyperparameters and back end: bit-identical model. */
  readonly seed: number;
  readonly backend: 'auto' | 'native' | 'wasm' | 'cpu';
  /** Checked at least every second of training. */
  readonly signal: AbortSignal;
  /** Called once an epoch, and by closed-form systems once at the end. */
  onEpoch(record: EpochProgress): void;
  /** 0 to 1 within the whole fit, as often as is cheap. */
  onProgress(fraction: number): void;
  /** NDCG@20 on the validation split; absent when there is none. Training keeps the best model by
   *  it, and systems with `patience` stop early. */
  readonly validate?: (model: Model<T>) => number;
}

export interface EpochProgress {
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
  readonly validationMetric?: number | undefined;
  readonly seconds: number;
}

/** Scores all candidates (movies or tags) for queries; the vocabularies are those of the training
 *  data. */
export interface Model<T extends Task = 'MOVIES'> {
  /** Of its system. */
  readonly name: string;
  /** Candidates, I: the length of a row of scores. */
  readonly itemCount: number;
  /** @param queries B users, or pairs of user and item
   *  @returns [B, I] row-major; higher ranks first (a distance is negated); always finite. The
   *    user's items are scored as well: the caller excludes them. */
  score(queries: readonly QueryOf<T>[]): Float32Array;
  /** The space of the scores: they are minus the squared distance of the query's point and the
   *  candidate's, for tags plus a number that all tags of a pair share. Null for systems
   *  without. */
  readonly space: TaskTypes[T]['space'] | null;
  save(): Artifact;
}

export class UnfitDataError extends AppError {
  readonly code = 'DATA_UNFIT';
}
export class TrainingDivergedError extends AppError {
  readonly code = 'TRAINING_DIVERGED';
}
