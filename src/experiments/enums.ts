/** The enumerations of the schema that belong to experiments. The values are what the database
 *  stores. */
import { registerEnumType } from 'type-graphql';
import { MEASUREMENTS, type MeasurementName } from '../evaluation/metrics';
import { type AnyProtocolName, PROTOCOL_DESCRIPTIONS } from '../evaluation/protocols';
import { TASKS, type Task } from '../models/system';
import { type AnySystem, SYSTEM_NAMES, SYSTEMS, type SystemName } from '../models/systems';

/** GraphQL enums of type-graphql are objects: { A: 'A', … }. */
function enumOf<Name extends string>(names: readonly Name[]): { readonly [K in Name]: K } {
  return Object.fromEntries(names.map((name) => [name, name])) as { readonly [K in Name]: K };
}
const described = <Name extends string>(descriptions: Readonly<Record<Name, string>>) =>
  Object.fromEntries(
    Object.entries<string>(descriptions).map(([name, description]) => [name, { description }]),
  ) as Record<Name, { description: string }>;

export const Algorithm = enumOf<SystemName>(SYSTEM_NAMES);
const describeSystem = ({ task, description, servable }: AnySystem): string =>
  [task === 'TAGS' ? 'Ranks tags.' : '', description, servable ? '' : 'A baseline: it is not served.']
    .join(' ')
    .trim();
registerEnumType(Algorithm, {
  name: 'Algorithm',
  description: 'The systems that can be trained. They rank movies, except where the description says tags.',
  valuesConfig: described(
    Object.fromEntries(SYSTEMS.map((system) => [system.name, describeSystem(system)])) as Record<
      SystemName,
      string
    >,
  ),
});

export type MetricName = MeasurementName;
export const MetricName = enumOf(MEASUREMENTS.map(({ name }) => name));
registerEnumType(MetricName, {
  name: 'MetricName',
  description: 'What is measured.',
  valuesConfig: described(
    Object.fromEntries(MEASUREMENTS.map(({ name, description }) => [name, description])),
  ),
});

export const EXPERIMENT_STATUSES = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type ExperimentStatus = (typeof EXPERIMENT_STATUSES)[number];
export const ExperimentStatus = enumOf(EXPERIMENT_STATUSES);
registerEnumType(ExperimentStatus, {
  name: 'ExperimentStatus',
  description: 'Where an experiment stands. The last three are final.',
  valuesConfig: described<ExperimentStatus>({
    QUEUED: 'Waits for a free runner.',
    RUNNING: 'A runner is at it; `stage` says with what.',
    SUCCEEDED: 'Trained, measured and stored.',
    FAILED: 'Ended without a model; `error` says why.',
    CANCELLED: 'Stopped on request.',
  }),
});

export const FINAL_STATUSES: ReadonlySet<ExperimentStatus> = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);

export const EXPERIMENT_STAGES = ['QUEUED', 'LOADING', 'TRAINING', 'EVALUATING', 'PUBLISHING'] as const;
export type ExperimentStage = (typeof EXPERIMENT_STAGES)[number];
export const ExperimentStage = enumOf(EXPERIMENT_STAGES);
registerEnumType(ExperimentStage, {
  name: 'ExperimentStage',
  description: 'What is being done for an experiment, in this order.',
  valuesConfig: described<ExperimentStage>({
    QUEUED: 'Waiting for a free runner.',
    LOADING: 'Reading ratings, movies and tags from the database.',
    TRAINING: 'Fitting the model.',
    EVALUATING: 'Measuring it on held-out data.',
    PUBLISHING: 'Storing it and, where it is good enough, putting it in service.',
  }),
});

export type ModelTask = Task;
export const ModelTask = enumOf<Task>(TASKS);
registerEnumType(ModelTask, {
  name: 'ModelTask',
  description: 'What a model ranks. For each there is a model in service of its own.',
  valuesConfig: described<Task>({
    MOVIES: 'Movies for a user: `recommendations` and its likes.',
    TAGS: 'Tags for a user and a movie: `tagRecommendations`.',
  }),
});

export const EVALUATION_PROTOCOLS = Object.keys(PROTOCOL_DESCRIPTIONS) as readonly AnyProtocolName[];
export type EvaluationProtocol = AnyProtocolName;
export const EvaluationProtocol = enumOf(EVALUATION_PROTOCOLS);
registerEnumType(EvaluationProtocol, {
  name: 'EvaluationProtocol',
  description:
    'How a model is measured, which decides what is held out of its training. The first two share what they hold out: one experiment is measured under both.',
  valuesConfig: described<EvaluationProtocol>(PROTOCOL_DESCRIPTIONS),
});

export const EVALUATION_SPLITS = ['VALIDATION', 'TEST'] as const;
export type EvaluationSplit = (typeof EVALUATION_SPLITS)[number];
export const EvaluationSplit = enumOf(EVALUATION_SPLITS);
registerEnumType(EvaluationSplit, {
  name: 'EvaluationSplit',
  description: 'Which held-out ratings are looked for.',
  valuesConfig: described<EvaluationSplit>({
    VALIDATION:
      "Early stopping and the decision to publish look at it. Under the last-item protocols: each user's last but one rating.",
    TEST: "Nothing is chosen by it. Under the last-item protocols: each user's last rating.",
  }),
});

export const SEARCH_ROLES = ['TRIAL', 'FINAL'] as const;
export type SearchRole = (typeof SEARCH_ROLES)[number];
export const SearchRole = enumOf(SEARCH_ROLES);
registerEnumType(SearchRole, {
  name: 'SearchRole',
  description: 'What an experiment is in a search for hyperparameters.',
  valuesConfig: described<SearchRole>({
    TRIAL: 'Tries a point of the space: measured on the validation data only, and its model is not kept.',
    FINAL:
      "The training with the winner's hyperparameters, measured on the test data as well; its model may be put in service.",
  }),
});

export const SEARCH_STRATEGIES = ['RANDOM', 'SUCCESSIVE_HALVING'] as const;
export type SearchStrategy = (typeof SEARCH_STRATEGIES)[number];
export const SearchStrategy = enumOf(SEARCH_STRATEGIES);
registerEnumType(SearchStrategy, {
  name: 'SearchStrategy',
  description: 'How a search spends its trainings.',
  valuesConfig: described<SearchStrategy>({
    RANDOM: 'Every point is trained in full (Bergstra and Bengio, JMLR 2012).',
    SUCCESSIVE_HALVING:
      'Every point is trained with few epochs, the best third of them with three times as many, and so on (Jamieson and Talwalkar, AISTATS 2016). For algorithms that have `epochs`.',
  }),
});

export const SEARCH_STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type SearchStatus = (typeof SEARCH_STATUSES)[number];
export const SearchStatus = enumOf(SEARCH_STATUSES);
registerEnumType(SearchStatus, {
  name: 'SearchStatus',
  description: 'Where a search stands. All but the first are final.',
  valuesConfig: described<SearchStatus>({
    RUNNING: 'Its trainings wait or run.',
    SUCCEEDED: 'There is a winner, and its final training is done.',
    FAILED: 'There is no winner, or its final training failed; `error` says why.',
    CANCELLED: 'Stopped on request.',
  }),
});
