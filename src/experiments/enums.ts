/** The enumerations of the schema that belong to experiments. The values are what the database
 *  stores. */
import { MEASUREMENTS, type MeasurementName } from '../evaluation/metrics';
import { PROTOCOL_DESCRIPTIONS } from '../evaluation/protocols';
import { type AnySystem, SYSTEMS, type SystemName } from '../models/systems';
import { graphqlEnum } from '../request/graphql-enum';

const describeSystem = ({ task, description, servable }: AnySystem): string =>
  [task === 'TAGS' ? 'Ranks tags.' : '', description, servable ? '' : 'A baseline: it is not served.']
    .join(' ')
    .trim();
export const Algorithm = graphqlEnum(
  'Algorithm',
  'The systems that can be trained. They rank movies, except where the description says tags.',
  Object.fromEntries(SYSTEMS.map((system) => [system.name, describeSystem(system)])) as Record<
    SystemName,
    string
  >,
);

export type MetricName = MeasurementName;
export const MetricName = graphqlEnum(
  'MetricName',
  'What is measured.',
  Object.fromEntries(MEASUREMENTS.map(({ name, description }) => [name, description])) as Record<
    MeasurementName,
    string
  >,
);

export const ExperimentStatus = graphqlEnum(
  'ExperimentStatus',
  'Where an experiment stands. The last three are final.',
  {
    QUEUED: 'Waits for a free runner.',
    RUNNING: 'A runner is at it; `stage` says with what.',
    SUCCEEDED: 'Trained, measured and stored.',
    FAILED: 'Ended without a model; `error` says why.',
    CANCELLED: 'Stopped on request.',
  },
);
export type ExperimentStatus = keyof typeof ExperimentStatus;

export const FINAL_STATUSES: ReadonlySet<ExperimentStatus> = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);

export const ExperimentStage = graphqlEnum(
  'ExperimentStage',
  'What is being done for an experiment, in this order.',
  {
    QUEUED: 'Waiting for a free runner.',
    LOADING: 'Reading ratings, movies and tags from the database.',
    TRAINING: 'Fitting the model.',
    EVALUATING: 'Measuring it on held-out data.',
    PUBLISHING: 'Storing it and, where it is good enough, putting it in service.',
  },
);
export type ExperimentStage = keyof typeof ExperimentStage;

export const ModelTask = graphqlEnum(
  'ModelTask',
  'What a model ranks. For each there is a model in service of its own.',
  {
    MOVIES: 'Movies for a user: `recommendations` and its likes.',
    TAGS: 'Tags for a user and a movie: `tagRecommendations`.',
  },
);
export type ModelTask = keyof typeof ModelTask;

export const EvaluationProtocol = graphqlEnum(
  'EvaluationProtocol',
  'How a model is measured, which decides what is held out of its training. The first two share what they hold out: one experiment is measured under both.',
  PROTOCOL_DESCRIPTIONS,
);
export type EvaluationProtocol = keyof typeof EvaluationProtocol;
export const EVALUATION_PROTOCOLS = Object.keys(EvaluationProtocol) as readonly EvaluationProtocol[];

export const EvaluationSplit = graphqlEnum('EvaluationSplit', 'Which held-out ratings are looked for.', {
  VALIDATION:
    "Early stopping and the decision to publish look at it. Under the last-item protocols: each user's last but one rating.",
  TEST: "Nothing is chosen by it. Under the last-item protocols: each user's last rating.",
});
export type EvaluationSplit = keyof typeof EvaluationSplit;

export const SearchRole = graphqlEnum(
  'SearchRole',
  'What an experiment is in a search for hyperparameters.',
  {
    TRIAL: 'Tries a point of the space: measured on the validation data only, and its model is not kept.',
    FINAL:
      "The training with the winner's hyperparameters, measured on the test data as well; its model may be put in service.",
  },
);
export type SearchRole = keyof typeof SearchRole;

export const SearchStrategy = graphqlEnum('SearchStrategy', 'How a search spends its trainings.', {
  RANDOM: 'Every point is trained in full (Bergstra and Bengio, JMLR 2012).',
  SUCCESSIVE_HALVING:
    'Every point is trained with few epochs, the best third of them with three times as many, and so on (Jamieson and Talwalkar, AISTATS 2016). For algorithms that have `epochs`.',
});
export type SearchStrategy = keyof typeof SearchStrategy;
export const SEARCH_STRATEGIES = Object.keys(SearchStrategy) as readonly SearchStrategy[];

export const SearchStatus = graphqlEnum(
  'SearchStatus',
  'Where a search stands. All but the first are final.',
  {
    RUNNING: 'Its trainings wait or run.',
    SUCCEEDED: 'There is a winner, and its final training is done.',
    FAILED: 'There is no winner, or its final training failed; `error` says why.',
    CANCELLED: 'Stopped on request.',
  },
);
export type SearchStatus = keyof typeof SearchStatus;
