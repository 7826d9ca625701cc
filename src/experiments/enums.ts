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
  'Metrics by name and cut-off rank.',
  Object.fromEntries(MEASUREMENTS.map(({ name, description }) => [name, description])) as Record<
    MeasurementName,
    string
  >,
);

export const ExperimentStatus = graphqlEnum(
  'ExperimentStatus',
  'Status of an experiment. `SUCCEEDED`, `FAILED` and `CANCELLED` are final.',
  {
    QUEUED: 'Waiting for a free runner.',
    RUNNING: 'Being trained or evaluated; see `stage`.',
    SUCCEEDED: 'Trained, evaluated and stored.',
    FAILED: 'Ended without a model; `error` gives the reason.',
    CANCELLED: 'Stopped on request.',
  },
);
export type ExperimentStatus = keyof typeof ExperimentStatus;

export const FINAL_STATUSES: ReadonlySet<ExperimentStatus> = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);

export const ExperimentStage = graphqlEnum('ExperimentStage', 'Stage of a running experiment.', {
  QUEUED: 'Waiting for a free runner.',
  LOADING: 'Reading ratings, movies and tags from the database.',
  TRAINING: 'Fitting the model.',
  EVALUATING: 'Evaluating the model on held-out data.',
  PUBLISHING: 'Storing the model and publishing it if it is good enough.',
});
export type ExperimentStage = keyof typeof ExperimentStage;

export const ModelTask = graphqlEnum(
  'ModelTask',
  'What a model ranks. Each task has its own model in service.',
  {
    MOVIES: 'Movies for a user, as in `recommendations`.',
    TAGS: 'Tags for a user and a movie, as in `tagRecommendations`.',
  },
);
export type ModelTask = keyof typeof ModelTask;

export const EvaluationProtocol = graphqlEnum(
  'EvaluationProtocol',
  'Evaluation protocol: what is held out of training and what it is ranked against. ' +
    '`SAMPLED_LAST_ITEM` and `FULL_LAST_ITEM` share a split, so one experiment is ' +
    'measured under both.',
  PROTOCOL_DESCRIPTIONS,
);
export type EvaluationProtocol = keyof typeof EvaluationProtocol;
export const EVALUATION_PROTOCOLS = Object.keys(EvaluationProtocol) as readonly EvaluationProtocol[];

export const EvaluationSplit = graphqlEnum('EvaluationSplit', 'Part of the held-out data.', {
  VALIDATION:
    'Used by early stopping and by the decision to publish. Under the last-item ' +
    "protocols: each user's second to last rating.",
  TEST:
    'Final measurement only; nothing is selected by it. Under the last-item protocols: ' +
    "each user's last rating.",
});
export type EvaluationSplit = keyof typeof EvaluationSplit;

export const SearchRole = graphqlEnum('SearchRole', 'Role of an experiment in a hyperparameter search.', {
  TRIAL: 'A trial of one point, measured on the validation split only; its model is not stored.',
  FINAL:
    'The final training with the winning hyperparameters, also measured on the test ' +
    'split; its model may be published.',
});
export type SearchRole = keyof typeof SearchRole;

export const SearchStrategy = graphqlEnum('SearchStrategy', 'Strategy of a hyperparameter search.', {
  RANDOM: 'Random search: every point is trained in full (Bergstra and Bengio, JMLR 2012).',
  SUCCESSIVE_HALVING:
    'Successive halving: every point is trained for few epochs, the best third for three ' +
    'times as many, and so on (Jamieson and Talwalkar, AISTATS 2016). Requires a ' +
    'hyperparameter `epochs`.',
});
export type SearchStrategy = keyof typeof SearchStrategy;
export const SEARCH_STRATEGIES = Object.keys(SearchStrategy) as readonly SearchStrategy[];

export const SearchStatus = graphqlEnum(
  'SearchStatus',
  'Status of a search. All but `RUNNING` are final.',
  {
    RUNNING: 'Trainings are queued or running.',
    SUCCEEDED: 'A trial won, and the final training succeeded.',
    FAILED: 'No trial won, or the final training failed; `error` gives the reason.',
    CANCELLED: 'Stopped on request.',
  },
);
export type SearchStatus = keyof typeof SearchStatus;
