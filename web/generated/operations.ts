/** The operations of schema/operations, typed. Emitted by `npm run codegen`; do not edit. */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** The systems that can be trained. They rank movies, except where the description says tags. */
export type Algorithm =
  /** Tensor factorisation of users, movies and time, trained against worst-case perturbations of its factors (Chen and Li, RecSys 2019; He et al., SIGIR 2018). A baseline: it is not served. */
  | 'ATF'
  /** A multi-layer perceptron over an attention-weighted sum of the recent history (after He et al., TKDE 2018). A baseline: it is not served. */
  | 'ATTENTION_MLP'
  /** Matrix factorisation trained on pairs of a rated and an unrated movie (BPR; Rendle et al., UAI 2009). A baseline: it is not served. */
  | 'BPR_MF'
  /** Collaborative metric learning: a hinge loss weighted by rank, on distances within the unit ball (Hsieh et al., WWW 2017). A baseline: it is not served. */
  | 'CML'
  /** A linear item-item model, fitted in closed form (Steck, WWW 2019). A baseline: it is not served. */
  | 'EASE'
  /** Matrix factorisation of implicit feedback by alternating least squares (Hu et al., ICDM 2008; Rendle et al., RecSys 2022). A baseline: it is not served. */
  | 'IMPLICIT_ALS'
  /** Item-based collaborative filtering: adds up how similar a movie is to those in the history (Sarwar et al., WWW 2001; Deshpande and Karypis, TOIS 2004). A baseline: it is not served. */
  | 'ITEM_KNN'
  /** Latent relational metric learning: a relation vector, read from a memory for each user and movie, leads from the one to the other (Tay et al., WWW 2018). A baseline: it is not served. */
  | 'LRML'
  /** Non-negative inductive tensor factorisation: factors are computed from histories, demographics, genres and years. A baseline: it is not served. */
  | 'NITF'
  /** Pairwise interaction tensor factorisation of users, movies and time (Rendle and Schmidt-Thieme, WSDM 2010). A baseline: it is not served. */
  | 'PITF'
  /** Ranks tags. Pairwise interaction tensor factorisation of users, movies and tags (Rendle and Schmidt-Thieme, WSDM 2010). A baseline: it is not served. */
  | 'PITF_TAGS'
  /** The most rated movies, the same for every user. A movie model must beat it to be published. A baseline: it is not served. */
  | 'POPULARITY'
  /** Ranks tags. The most used tags, the same for every user and movie. A baseline: it is not served. */
  | 'POPULAR_TAGS'
  /** Ranks tags. The tags that the movie was given most often. A baseline: it is not served. */
  | 'POPULAR_TAGS_BY_ITEM'
  /** Ranks tags. The tags that the user has used most. A baseline: it is not served. */
  | 'POPULAR_TAGS_BY_USER'
  /** Ranks tags. A weighted sum of each tag's shares among the user's and among the movie's taggings (Jäschke et al., PKDD 2007). A tag model must beat it to be published. A baseline: it is not served. */
  | 'POPULAR_TAGS_MIX'
  /** Ranks tags. Metric learning: the tags nearest to the point of a user and a movie, in one Euclidean space (docs/tags.md). */
  | 'TAG_TOWER'
  /** Metric learning: a user tower and an item tower place users and movies in one Euclidean space, and the nearest movies are recommended (after Luo et al., 2024). */
  | 'TWO_TOWER';

/** What a caller may do. schema/access.md lists the roles that each root field requires. */
export type ApiRole =
  /** Full access. */
  | 'ADMIN'
  /** Everything a `READER` may do, plus reading experiments, models, searches, comparisons and reports. */
  | 'ANALYST'
  /** A trusted application server: reads everything; writes users, movies, ratings and tags for anyone. */
  | 'MEMBER'
  /** Reads the catalog and anyone's recommendations. */
  | 'READER'
  /** A single user: reads the catalog and their own data; rates and tags as themselves. */
  | 'USER';

/** An API key to create. */
export type CreateApiKeyInput = {
  /** Expiry time; the key does not expire if omitted. */
  expiresAt?: string | null | undefined;
  /** Name of the key, at most 100 characters. */
  name: string;
  /** Role that the key grants. */
  role: ApiRole;
  /** User to bind the key to; required with the role `USER`, refused with any other. */
  userId?: string | null | undefined;
};

/** A movie to add to the catalog. */
export type CreateMovieInput = {
  /** Genres, spelled as in `Movie.genres`; at most 20. */
  genres?: Array<string>;
  /** IMDb id, digits only. */
  imdbId?: string | null | undefined;
  /** Tags by id, at most 50. */
  tagIds?: Array<string> | null | undefined;
  /** Tags by name, such as `time travel`, at most 50. Spelling variants are one tag; unknown tags are created. */
  tags?: Array<string> | null | undefined;
  /** Title, with the year in parentheses as in `Toy Story (1995)`; at most 500 characters. */
  title: string;
  /** TMDB id (themoviedb.org). */
  tmdbId?: number | null | undefined;
  /** Year of release; read from the end of the title if omitted. */
  year?: number | null | undefined;
};

/** A user to create. Every field is optional. */
export type CreateUserInput = {
  /** Age in years, 0 to 130. */
  age?: number | null | undefined;
  /** Gender, `F` or `M`, the two values that MovieLens uses. */
  gender?: string | null | undefined;
  /** Occupation, at most 100 characters. */
  occupation?: string | null | undefined;
  /** Initial ratings, oldest first, one per movie, at most 500. The next answer reflects them. */
  ratings?: Array<TasteRatingInput> | null | undefined;
  /** Postal code, at most 20 characters. */
  zipCode?: string | null | undefined;
};

/** Evaluation protocol: what is held out of training and what it is ranked against. `SAMPLED_LAST_ITEM` and `FULL_LAST_ITEM` share a split, so one experiment is measured under both. */
export type EvaluationProtocol =
  /** A tenth of the movies has no ratings in training; each user's held-out ratings of these are ranked among all of them, given the user's other ratings. */
  | 'COLD_ITEMS'
  /** A random 20 % of each user's ratings is held out and ranked in the full catalogue, given the user's other ratings. */
  | 'FULL_HOLDOUT'
  /** Each user's held-out last movie is ranked in the full catalogue, without the movies the user has rated. */
  | 'FULL_LAST_ITEM'
  /** A tenth of the users is not in training; a random 20 % of each one's ratings is ranked in the full catalogue, given the other 80 %. */
  | 'NEW_USERS'
  /** Each user's held-out last movie is ranked against 99 sampled movies that the user has not rated (the paper's protocol). */
  | 'SAMPLED_LAST_ITEM'
  /** The protocol for tag systems: for each user with several posts, one random post (all their tags on one movie) is held out for test and one for validation, ranked among all tags. */
  | 'TAG_POSTS'
  /** The latest 10 % of all ratings is held out and ranked in the full catalogue; training sees nothing later. Requires a time for every rating. */
  | 'TIME_SPLIT';

/** Stage of a running experiment. */
export type ExperimentStage =
  /** Evaluating the model on held-out data. */
  | 'EVALUATING'
  /** Reading ratings, movies and tags from the database. */
  | 'LOADING'
  /** Storing the model and publishing it if it is good enough. */
  | 'PUBLISHING'
  /** Waiting for a free runner. */
  | 'QUEUED'
  /** Fitting the model. */
  | 'TRAINING';

/** Status of an experiment. `SUCCEEDED`, `FAILED` and `CANCELLED` are final. */
export type ExperimentStatus =
  /** Stopped on request. */
  | 'CANCELLED'
  /** Ended without a model; `error` gives the reason. */
  | 'FAILED'
  /** Waiting for a free runner. */
  | 'QUEUED'
  /** Being trained or evaluated; see `stage`. */
  | 'RUNNING'
  /** Trained, evaluated and stored. */
  | 'SUCCEEDED';

/** Metrics by name and cut-off rank. */
export type MetricName =
  /** k = 5. Share of the catalogue that is among the first k of at least one user's list. */
  | 'COVERAGE_AT_5'
  /** k = 10. Share of the catalogue that is among the first k of at least one user's list. */
  | 'COVERAGE_AT_10'
  /** k = 20. Share of the catalogue that is among the first k of at least one user's list. */
  | 'COVERAGE_AT_20'
  /** k = 5. Gini index of how often each movie is among the first k: 0 is uniform, 1 is a single movie. */
  | 'GINI_AT_5'
  /** k = 10. Gini index of how often each movie is among the first k: 0 is uniform, 1 is a single movie. */
  | 'GINI_AT_10'
  /** k = 20. Gini index of how often each movie is among the first k: 0 is uniform, 1 is a single movie. */
  | 'GINI_AT_20'
  /** k = 5. Share of users with a held-out item among the first k. */
  | 'HIT_RATE_AT_5'
  /** k = 10. Share of users with a held-out item among the first k. */
  | 'HIT_RATE_AT_10'
  /** k = 20. Share of users with a held-out item among the first k. */
  | 'HIT_RATE_AT_20'
  /** k = 5. Mean over held-out items of the precision at their rank, if among the first k. */
  | 'MEAN_AVERAGE_PRECISION_AT_5'
  /** k = 10. Mean over held-out items of the precision at their rank, if among the first k. */
  | 'MEAN_AVERAGE_PRECISION_AT_10'
  /** k = 20. Mean over held-out items of the precision at their rank, if among the first k. */
  | 'MEAN_AVERAGE_PRECISION_AT_20'
  /** Mean over users of 1 / rank of the first held-out item in the whole ranking. */
  | 'MEAN_RECIPROCAL_RANK'
  /** k = 5. Hits among the first k, discounted by 1 / log2(rank + 1) and divided by the ideal sum. */
  | 'NDCG_AT_5'
  /** k = 10. Hits among the first k, discounted by 1 / log2(rank + 1) and divided by the ideal sum. */
  | 'NDCG_AT_10'
  /** k = 20. Hits among the first k, discounted by 1 / log2(rank + 1) and divided by the ideal sum. */
  | 'NDCG_AT_20'
  /** k = 5. Mean of −log2 of the share of users who rated each of the first k (bits; higher is less known). */
  | 'NOVELTY_AT_5'
  /** k = 10. Mean of −log2 of the share of users who rated each of the first k (bits; higher is less known). */
  | 'NOVELTY_AT_10'
  /** k = 20. Mean of −log2 of the share of users who rated each of the first k (bits; higher is less known). */
  | 'NOVELTY_AT_20'
  /** k = 5. Mean popularity of the first k divided by that of users' histories; above 1, lists are more popular. */
  | 'POPULARITY_LIFT_AT_5'
  /** k = 10. Mean popularity of the first k divided by that of users' histories; above 1, lists are more popular. */
  | 'POPULARITY_LIFT_AT_10'
  /** k = 20. Mean popularity of the first k divided by that of users' histories; above 1, lists are more popular. */
  | 'POPULARITY_LIFT_AT_20'
  /** k = 5. Share of the first k items that are held-out items. */
  | 'PRECISION_AT_5'
  /** k = 10. Share of the first k items that are held-out items. */
  | 'PRECISION_AT_10'
  /** k = 20. Share of the first k items that are held-out items. */
  | 'PRECISION_AT_20'
  /** k = 5. Share of the held-out items that are among the first k. */
  | 'RECALL_AT_5'
  /** k = 10. Share of the held-out items that are among the first k. */
  | 'RECALL_AT_10'
  /** k = 20. Share of the held-out items that are among the first k. */
  | 'RECALL_AT_20'
  /** k = 5. Recall of held-out movies that are popular (the most rated movies, with 20 % of the training ratings), over users with such a movie. */
  | 'RECALL_HEAD_AT_5'
  /** k = 10. Recall of held-out movies that are popular (the most rated movies, with 20 % of the training ratings), over users with such a movie. */
  | 'RECALL_HEAD_AT_10'
  /** k = 20. Recall of held-out movies that are popular (the most rated movies, with 20 % of the training ratings), over users with such a movie. */
  | 'RECALL_HEAD_AT_20'
  /** k = 5. Recall of held-out movies that are neither popular nor rare (the middle 60 % of the training ratings), over users with such a movie. */
  | 'RECALL_MIDDLE_AT_5'
  /** k = 10. Recall of held-out movies that are neither popular nor rare (the middle 60 % of the training ratings), over users with such a movie. */
  | 'RECALL_MIDDLE_AT_10'
  /** k = 20. Recall of held-out movies that are neither popular nor rare (the middle 60 % of the training ratings), over users with such a movie. */
  | 'RECALL_MIDDLE_AT_20'
  /** k = 5. Recall of held-out movies that are rare (the least rated movies, with 20 % of the training ratings), over users with such a movie. */
  | 'RECALL_TAIL_AT_5'
  /** k = 10. Recall of held-out movies that are rare (the least rated movies, with 20 % of the training ratings), over users with such a movie. */
  | 'RECALL_TAIL_AT_10'
  /** k = 20. Recall of held-out movies that are rare (the least rated movies, with 20 % of the training ratings), over users with such a movie. */
  | 'RECALL_TAIL_AT_20';

/** What a model ranks. Each task has its own model in service. */
export type ModelTask =
  /** Movies for a user, as in `recommendations`. */
  | 'MOVIES'
  /** Tags for a user and a movie, as in `tagRecommendations`. */
  | 'TAGS';

/** Conditions on movies; a movie must meet all of them. */
export type MovieFilter = {
  /** Excludes these movies, at most 1,000. */
  excludeIds?: Array<string> | null | undefined;
  /** Movies with at least one of these genres, spelled as in `Movie.genres`. */
  genresAnyOf?: Array<string> | null | undefined;
  /** Movies with none of these genres. */
  genresNoneOf?: Array<string> | null | undefined;
  /** Minimum number of ratings. Lists ranked in memory use counts that are refreshed every few minutes. */
  minRatings?: number | null | undefined;
  /** Moves the query point toward these tags instead of excluding movies; at most 10. Accepted by `recommendations`, `recommendationsFor`, `whatIf` and `similarMovies`. */
  nearTagIds?: Array<string> | null | undefined;
  /** Whether the user has rated the movie; default `UNSEEN`. Accepted only where the list is for a user. */
  seen?: Seen | null | undefined;
  /** Movies with at least one of these tags; at most 50 tags. */
  tagsAnyOf?: Array<string> | null | undefined;
  /** Movies with none of these tags; at most 50 tags. */
  tagsNoneOf?: Array<string> | null | undefined;
  /** Released in this year or later. Excludes movies without a known year. */
  yearFrom?: number | null | undefined;
  /** Released in this year or earlier. Excludes movies without a known year. */
  yearTo?: number | null | undefined;
};

/** A star rating to store. */
export type RateMovieInput = {
  /** Movie to rate. */
  movieId: string;
  /** User who rates. */
  userId: string;
  /** Stars, from 0.5 to 5 in halves. */
  value: number;
};

/** How a list is composed. By default movies are ranked nearest first. The options re-rank the nearest movies (20 per place, at least 200); `distance` stays the true distance and need not ascend. */
export type RecommendationOptions = {
  /** Weight of diversity within the list, 0 to 1 (maximal marginal relevance); 0 ranks by distance only. */
  diversity?: number | null | undefined;
  /** Temperature of random sampling, 0 to 1. At 1 movies are drawn with the model's probability of being watched next; at 0 the list is not random. */
  exploration?: number | null | undefined;
  /** Weight of recent release years, 0 to 1. */
  freshness?: number | null | undefined;
  /** Model to use instead of the one in service; the first request to a model is slow, as it loads it. For analysts and above. Fails with NOT_FOUND, MODEL_NOT_SERVABLE or FORBIDDEN. */
  modelId?: string | null | undefined;
  /** Weight of novelty, -1 to 1: above 0 favours little known movies, below 0 popular ones. */
  novelty?: number | null | undefined;
  /** Random seed of `exploration`; the same seed gives the same list. Default 1. */
  seed?: number | null | undefined;
};

/** What a recommendation is based on. */
export type RecommendationSource =
  /** The user's demographics, without a point: movies are ordered by number of ratings from users of the same gender, age group and occupation. */
  | 'DEMOGRAPHIC'
  /** A point computed from the taste given in the request. */
  | 'FOLD_IN'
  /** The user's point, computed from all their ratings so far. */
  | 'PERSONAL'
  /** Popularity: no model is published yet, or nothing is known of the user. Movies are ordered by number of ratings. */
  | 'POPULAR';

/** Trigger of an automatic training. */
export type RetrainingReason =
  /** Enough new ratings since the last training. */
  | 'NEW_RATINGS'
  /** The cron schedule was due. */
  | 'SCHEDULE';

/** A hyperparameter search on the validation split. */
export type SearchInput = {
  /** Random seed for drawing points, 0 or more. The trainings use `input.seed`. */
  seed?: number;
  /** Search space by hyperparameter, a list of choices or a range: `{ embeddingSize: [32, 64], learningRate: { min: 0.001, max: 0.1, scale: "LOG" } }`. Ranges accept `integer: true`; the default scale is `LINEAR`. */
  space: unknown;
  /** Search strategy. */
  strategy?: SearchStrategy;
  /** Number of distinct points to try, 1 to 100; fewer if the space has fewer. */
  trials?: number;
};

/** Status of a search. All but `RUNNING` are final. */
export type SearchStatus =
  /** Stopped on request. */
  | 'CANCELLED'
  /** No trial won, or the final training failed; `error` gives the reason. */
  | 'FAILED'
  /** Trainings are queued or running. */
  | 'RUNNING'
  /** A trial won, and the final training succeeded. */
  | 'SUCCEEDED';

/** Strategy of a hyperparameter search. */
export type SearchStrategy =
  /** Random search: every point is trained in full (Bergstra and Bengio, JMLR 2012). */
  | 'RANDOM'
  /** Successive halving: every point is trained for few epochs, the best third for three times as many, and so on (Jamieson and Talwalkar, AISTATS 2016). Requires a hyperparameter `epochs`. */
  | 'SUCCESSIVE_HALVING';

/** Whether the user has rated a movie. */
export type Seen =
  /** Rated and unrated movies. */
  | 'ANY'
  /** Rated movies only. */
  | 'SEEN'
  /** Unrated movies only. */
  | 'UNSEEN';

/** Health of this server. */
export type ServerStatus =
  /** The active model cannot be read, so an older model or popularity answers; see `modelProblem`. */
  | 'DEGRADED'
  /** No model has been published yet, so popularity answers. */
  | 'NO_MODEL'
  /** The active model answers. */
  | 'OK';

/** A tagging to store. */
export type TagMovieInput = {
  /** Movie to tag. */
  movieId: string;
  /** Tag name, at most 255 characters; an unknown tag is created. */
  tag: string;
  /** User who tags. */
  userId: string;
};

/** Model that recommended a tag. */
export type TagRecommendationSource =
  /** The movie model in service: there is no tag model, or neither the user nor the movie has a known tag. */
  | 'MOVIE_SPACE'
  /** The tag model in service (`activeModel(task: TAGS)`), using the current tags of the user and the movie. */
  | 'TAG_MODEL';

/** A taste without an account; nothing is stored. If all parts are empty, the answer is by popularity. */
export type TasteInput = {
  /** Liked movies, at most 500; each counts as a rating of five stars. */
  likedMovieIds?: Array<string> | null | undefined;
  /** Liked tags, at most 500; each counts as five-star ratings of its 5 nearest movies, which may still be recommended. */
  likedTagIds?: Array<string> | null | undefined;
  /** Rated movies, oldest first, at most 500. */
  ratings?: Array<TasteRatingInput> | null | undefined;
};

/** A movie with a star rating. */
export type TasteRatingInput = {
  /** The movie. */
  movieId: string;
  /** Stars, from 0.5 to 5 in halves. */
  value: number;
};

/** Share of one model in a traffic split. */
export type TrafficShareInput = {
  /** Id of the model. */
  modelId: string;
  /** Weight relative to the other models, above 0: both 1 and 1, and 50 and 50, are two halves. */
  weight: number;
};

/** What to train and how. Every field has a default. */
export type TrainModelInput = {
  /** The system to train. */
  algorithm?: Algorithm;
  /** Hyperparameters by name, such as `{ margin: 1.5 }`. Omitted ones take their defaults; unknown ones are refused. */
  hyperparameters?: unknown;
  /** Measures accuracy on new movies with 1, 2, 5, 10 and 20 ratings, reported in `coldStart`. Only under `COLD_ITEMS` without `search`; takes five more trainings, whose models are not stored. */
  measureColdItems?: boolean;
  /** Evaluation protocol of the metric fields such as `precisionAt5`, which determines what is held out. Default: `SAMPLED_LAST_ITEM`, or `TAG_POSTS` for tag systems. */
  protocol?: EvaluationProtocol | null | undefined;
  /** Publishes the model if it beats the popularity baseline on the validation split. */
  publish?: boolean;
  /** Searches for hyperparameters first. Values in `hyperparameters` stay fixed; `publish` applies to the final training. */
  search?: SearchInput | null | undefined;
  /** Random seed, 0 or more. */
  seed?: number;
  /** Returns only when the training or the whole search has ended. */
  wait?: boolean;
};

/** A star rating to remove. */
export type UnrateMovieInput = {
  /** The rated movie. */
  movieId: string;
  /** The user who rated. */
  userId: string;
};

/** A tagging to remove. */
export type UntagMovieInput = {
  /** The tagged movie. */
  movieId: string;
  /** The tag. */
  tagId: string;
  /** The user who tagged. */
  userId: string;
};

/** An enum describing what kind of type a given `__Type` is. */
export type __TypeKind =
  /** Indicates this type is a scalar. */
  | 'SCALAR'
  /** Indicates this type is an object. `fields` and `interfaces` are valid fields. */
  | 'OBJECT'
  /** Indicates this type is an interface. `fields`, `interfaces`, and `possibleTypes` are valid fields. */
  | 'INTERFACE'
  /** Indicates this type is a union. `possibleTypes` is a valid field. */
  | 'UNION'
  /** Indicates this type is an enum. `enumValues` is a valid field. */
  | 'ENUM'
  /** Indicates this type is an input object. `inputFields` is a valid field. */
  | 'INPUT_OBJECT'
  /** Indicates this type is a list. `ofType` is a valid field. */
  | 'LIST'
  /** Indicates this type is a non-null. `ofType` is a valid field. */
  | 'NON_NULL';

export type ApiKeysQueryVariables = Exact<{ [key: string]: never; }>;


export type ApiKeysQuery = { apiKeys: { totalCount: number, edges: Array<{ node: { id: string, name: string, role: ApiRole, userId: string | null, active: boolean, createdAt: string, expiresAt: string | null, revokedAt: string | null, lastUsedAt: string | null } }> } };

export type BeginSplitMutationVariables = Exact<{
  shares: Array<TrafficShareInput> | TrafficShareInput;
}>;


export type BeginSplitMutation = { trafficSplit: { split: { id: string, startedAt: string, shares: Array<{ modelId: string, weight: number, part: number }> } | null } };

export type CancelTrainingMutationVariables = Exact<{
  experimentId: string;
}>;


export type CancelTrainingMutation = { cancelTraining: { experiment: { id: string, status: ExperimentStatus } } };

export type ColdStartQueryVariables = Exact<{ [key: string]: never; }>;


export type ColdStartQuery = { experiments: Array<{ id: string, algorithm: Algorithm, coldStart: Array<{ knownRatings: number, name: MetricName, mean: number, ciLow: number, ciHigh: number, users: number }> }> };

export type CompareExperimentsQueryVariables = Exact<{
  baselineId: string;
  candidateId: string;
}>;


export type CompareExperimentsQuery = { compareExperiments: { users: number, baselineMean: number, candidateMean: number, difference: number, ciLow: number, ciHigh: number, randomizationPValue: number, tTestPValue: number, wilcoxonPValue: number, significant: boolean } };

export type CreateApiKeyMutationVariables = Exact<{
  input: CreateApiKeyInput;
}>;


export type CreateApiKeyMutation = { createApiKey: { key: string, apiKey: { id: string, name: string, role: ApiRole, userId: string | null, expiresAt: string | null } } };

export type CreateMovieWithTagsMutationVariables = Exact<{
  input: CreateMovieInput;
}>;


export type CreateMovieWithTagsMutation = { createMovie: { movie: { id: string, title: string, tags: Array<{ count: number, tag: { id: string, name: string } }> } } };

export type CreateMovieMutationVariables = Exact<{
  input: CreateMovieInput;
}>;


export type CreateMovieMutation = { createMovie: { movie: { id: string, title: string, year: number | null, genres: Array<string> } } };

export type CreateUserWithRatingsMutationVariables = Exact<{
  input: CreateUserInput;
}>;


export type CreateUserWithRatingsMutation = { createUser: { user: { id: string, ratingCount: number } } };

export type CreateUserMutationVariables = Exact<{
  input?: CreateUserInput | null | undefined;
}>;


export type CreateUserMutation = { createUser: { user: { id: string, gender: string | null, age: number | null, occupation: string | null, ratingCount: number } } };

export type DeleteModelMutationVariables = Exact<{
  modelId: string;
}>;


export type DeleteModelMutation = { deleteModel: { modelId: string } };

export type EndSplitMutationVariables = Exact<{ [key: string]: never; }>;


export type EndSplitMutation = { trafficSplit: { split: { id: string } | null } };

export type ExperimentQueryVariables = Exact<{
  id: string;
}>;


export type ExperimentQuery = { experiment: { status: ExperimentStatus, stage: ExperimentStage | null, progress: number, hyperparameters: unknown, publicationNote: string | null, error: string | null, epochs: Array<{ epoch: number, loss: number, validationMetric: number | null, seconds: number }>, metrics: Array<{ name: MetricName, k: number | null, mean: number, ciLow: number | null, ciHigh: number | null, users: number }>, durations: { trainingSeconds: number | null, evaluationSeconds: number | null }, model: { id: string, active: boolean } | null } | null };

export type ExperimentsQueryVariables = Exact<{ [key: string]: never; }>;


export type ExperimentsQuery = { experiments: Array<{ id: string, algorithm: Algorithm, status: ExperimentStatus, protocol: EvaluationProtocol, precisionAt5: number | null, recallAt10: number | null, ndcgAt20: number | null, seed: number, datasetHash: string, backend: string, revision: string | null }> };

export type FindHyperparametersMutationVariables = Exact<{
  input?: TrainModelInput | null | undefined;
}>;


export type FindHyperparametersMutation = { trainModel: { search: { id: string, status: SearchStatus, rungs: Array<{ trials: number, epochs: number | null }> } | null } };

export type IntrospectionQueryVariables = Exact<{ [key: string]: never; }>;


export type IntrospectionQuery = { __schema: { queryType: { name: string | null, fields: Array<{ name: string, description: string | null, args: Array<{ name: string, description: string | null, type: { name: string | null, kind: __TypeKind, ofType: { name: string | null, kind: __TypeKind } | null } }> }> | null } } };

export type LeaderboardQueryVariables = Exact<{ [key: string]: never; }>;


export type LeaderboardQuery = { leaderboard: Array<{ rank: number, algorithm: Algorithm, seeds: Array<number>, mean: number, ciLow: number, ciHigh: number, difference: number | null, adjustedPValue: number | null, significant: boolean | null }> };

export type ModelsQueryVariables = Exact<{ [key: string]: never; }>;


export type ModelsQuery = { models: Array<{ id: string, algorithm: Algorithm, task: ModelTask, servable: boolean, active: boolean, createdAt: string, sha256: string, experiment: { id: string, precisionAt5: number | null } }>, activeModel: { id: string } | null };

export type MovieQueryVariables = Exact<{
  id: string;
}>;


export type MovieQuery = { movie: { title: string, year: number | null, genres: Array<string>, imdbId: string | null, averageRating: number | null, ratingCount: number, tags: Array<{ count: number, tag: { id: string, name: string } }>, ratings: { edges: Array<{ node: { value: number, ratedAt: string, user: { id: string } } }> } } | null };

export type MoviesSearchQueryVariables = Exact<{
  search: string;
}>;


export type MoviesSearchQuery = { movies: { totalCount: number, edges: Array<{ cursor: string, node: { id: string, title: string, year: number | null, genres: Array<string>, averageRating: number | null, ratingCount: number } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type MoviesWhereQueryVariables = Exact<{
  where?: MovieFilter | null | undefined;
}>;


export type MoviesWhereQuery = { movies: { edges: Array<{ node: { title: string, year: number | null, genres: Array<string> } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type NearTagsQueryVariables = Exact<{
  movieId: string;
  tagId: string;
}>;


export type NearTagsQuery = { movie: { title: string, nearTags: Array<{ rank: number, distance: number, tag: { name: string } }> } | null, tag: { name: string, nearMovies: Array<{ rank: number, distance: number, movie: { title: string } }>, nearTags: Array<{ rank: number, distance: number, tag: { name: string } }> } | null };

export type PopularMoviesQueryVariables = Exact<{
  filter?: MovieFilter | null | undefined;
}>;


export type PopularMoviesQuery = { popularMovies: Array<{ title: string, year: number | null, ratingCount: number }> };

export type PromoteModelMutationVariables = Exact<{
  modelId: string;
  force?: boolean;
}>;


export type PromoteModelMutation = { promoteModel: { note: string | null, model: { id: string, active: boolean } } };

export type RateMovieMutationVariables = Exact<{
  input: RateMovieInput;
}>;


export type RateMovieMutation = { rateMovie: { rating: { value: number, ratedAt: string, user: { id: string, ratingCount: number }, movie: { title: string, averageRating: number | null } } } };

export type RecommendationsExplainedQueryVariables = Exact<{
  userId: string;
  filter?: MovieFilter | null | undefined;
}>;


export type RecommendationsExplainedQuery = { recommendations: Array<{ rank: number, distance: number, movie: { title: string }, explanation: { distancePercentile: number, nearestRated: Array<{ stars: number, distance: number, contribution: number | null, movie: { title: string } }>, nearTags: Array<{ distance: number, tag: { name: string } }> } }> };

export type RecommendationsForTasteQueryVariables = Exact<{
  taste: TasteInput;
}>;


export type RecommendationsForTasteQuery = { recommendationsFor: Array<{ rank: number, distance: number, source: RecommendationSource, movie: { title: string, year: number | null } }> };

export type RecommendationsNearTagsQueryVariables = Exact<{
  userId: string;
  filter?: MovieFilter | null | undefined;
}>;


export type RecommendationsNearTagsQuery = { recommendations: Array<{ rank: number, distance: number, movie: { title: string, genres: Array<string> } }> };

export type RecommendationsOptionsQueryVariables = Exact<{
  userId: string;
  options?: RecommendationOptions | null | undefined;
}>;


export type RecommendationsOptionsQuery = { recommendations: Array<{ rank: number, distance: number, movie: { title: string, year: number | null } }> };

export type RecommendationsQueryVariables = Exact<{
  userId: string;
  k?: number;
}>;


export type RecommendationsQuery = { recommendations: Array<{ rank: number, distance: number, source: RecommendationSource, movie: { id: string, title: string, year: number | null, genres: Array<string> } }> };

export type ReportQueryVariables = Exact<{
  experimentIds: Array<string> | string;
}>;


export type ReportQuery = { report: string };

export type RetrainingQueryVariables = Exact<{ [key: string]: never; }>;


export type RetrainingQuery = { retraining: { cron: string | null, afterRatings: number | null, newRatings: number | null, nextAt: string | null, lastReason: RetrainingReason | null, lastExperiment: { id: string, status: ExperimentStatus, publicationNote: string | null } | null } };

export type RevokeApiKeyMutationVariables = Exact<{
  id: string;
}>;


export type RevokeApiKeyMutation = { revokeApiKey: { apiKey: { name: string, active: boolean, revokedAt: string | null } } };

export type RollbackModelMutationVariables = Exact<{ [key: string]: never; }>;


export type RollbackModelMutation = { rollbackModel: { model: { id: string, active: boolean } } };

export type SearchQueryVariables = Exact<{
  id: string;
}>;


export type SearchQuery = { search: { status: SearchStatus, progress: number, trials: Array<{ id: string, status: ExperimentStatus, rung: number | null, hyperparameters: unknown, validationObjective: number | null, winner: boolean }>, winner: { id: string, hyperparameters: unknown } | null, final: { id: string, status: ExperimentStatus, precisionAt5: number | null, recallAt10: number | null, publicationNote: string | null } | null } | null };

export type ServerInfoQueryVariables = Exact<{ [key: string]: never; }>;


export type ServerInfoQuery = { serverInfo: { version: string, revision: string | null, nodeVersion: string, database: string, distanceScan: string, movies: number, status: ServerStatus, uptimeSeconds: number } };

export type SimilarMoviesQueryVariables = Exact<{
  movieId: string;
}>;


export type SimilarMoviesQuery = { similarMovies: Array<{ rank: number, distance: number, movie: { title: string, year: number | null, genres: Array<string> } }> };

export type SimilarUsersQueryVariables = Exact<{
  userId: string;
}>;


export type SimilarUsersQuery = { similarUsers: Array<{ rank: number, distance: number, user: { id: string, ratingCount: number } }> };

export type SplitReportQueryVariables = Exact<{
  splitId: string;
}>;


export type SplitReportQuery = { splitReport: { split: { startedAt: string, endedAt: string | null }, outcomes: Array<{ modelId: string, users: number, lists: number, shownMovies: number, ratings: number, meanRating: number | null, rate: number | null, rateCiLow: number | null, rateCiHigh: number | null, difference: number | null, differenceCiLow: number | null, differenceCiHigh: number | null }> } };

export type SplitsQueryVariables = Exact<{ [key: string]: never; }>;


export type SplitsQuery = { trafficSplits: Array<{ id: string, startedAt: string, endedAt: string | null, shares: Array<{ modelId: string, weight: number, part: number }> }> };

export type StopSearchMutationVariables = Exact<{
  searchId: string;
}>;


export type StopSearchMutation = { cancelSearch: { search: { id: string, status: SearchStatus } } };

export type TagMovieMutationVariables = Exact<{
  input: TagMovieInput;
}>;


export type TagMovieMutation = { tagMovie: { tagging: { taggedAt: string, tag: { id: string, name: string, taggingCount: number }, movie: { title: string, tags: Array<{ count: number, tag: { name: string } }> } } } };

export type TagRecommendationsQueryVariables = Exact<{
  userId: string;
  movieId?: string | null | undefined;
}>;


export type TagRecommendationsQuery = { tagRecommendations: Array<{ rank: number, distance: number, source: TagRecommendationSource, tag: { name: string } }> };

export type TagsQueryVariables = Exact<{
  search?: string | null | undefined;
}>;


export type TagsQuery = { tags: { totalCount: number, edges: Array<{ node: { id: string, name: string, taggingCount: number } }> } };

export type TastePageQueryVariables = Exact<{
  taste: TasteInput;
  k?: number;
}>;


export type TastePageQuery = { recommendationsFor: Array<{ rank: number, distance: number, source: RecommendationSource, movie: { id: string, title: string, year: number | null, genres: Array<string> }, explanation: { distancePercentile: number, nearestRated: Array<{ stars: number, contribution: number | null, movie: { title: string } }>, nearTags: Array<{ tag: { name: string } }> } }> };

export type TrainColdItemsMutationVariables = Exact<{ [key: string]: never; }>;


export type TrainColdItemsMutation = { trainModel: { experiment: { id: string, status: ExperimentStatus, measureColdItems: boolean } } };

export type TrainModelMutationVariables = Exact<{
  input?: TrainModelInput | null | undefined;
}>;


export type TrainModelMutation = { trainModel: { experiment: { id: string, status: ExperimentStatus, hyperparameters: unknown, seed: number } } };

export type TrainTagModelMutationVariables = Exact<{ [key: string]: never; }>;


export type TrainTagModelMutation = { trainModel: { experiment: { id: string, status: ExperimentStatus, algorithm: Algorithm, protocol: EvaluationProtocol } } };

export type TrainingProgressSubscriptionVariables = Exact<{
  experimentId: string;
}>;


export type TrainingProgressSubscription = { trainingProgress: { status: ExperimentStatus, stage: ExperimentStage | null, progress: number } };

export type UnrateMovieMutationVariables = Exact<{
  input: UnrateMovieInput;
}>;


export type UnrateMovieMutation = { unrateMovie: { removed: boolean, user: { id: string, ratingCount: number }, movie: { title: string, ratingCount: number } } };

export type UntagMovieMutationVariables = Exact<{
  input: UntagMovieInput;
}>;


export type UntagMovieMutation = { untagMovie: { removed: boolean, tag: { name: string }, movie: { title: string }, user: { id: string } } };

export type UserHistoryQueryVariables = Exact<{
  userId: string;
}>;


export type UserHistoryQuery = { user: { id: string, ratingCount: number, ratings: { totalCount: number, edges: Array<{ node: { value: number, ratedAt: string, movie: { title: string } } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, taggings: { edges: Array<{ node: { taggedAt: string, tag: { name: string }, movie: { title: string } } }> } } | null };

export type UserProfileQueryVariables = Exact<{
  id: string;
}>;


export type UserProfileQuery = { user: { profile: { source: RecommendationSource, ratingCount: number, nearTags: Array<{ distance: number, tag: { name: string } }>, genres: Array<{ genre: string, share: number, catalogShare: number }>, neighbours: Array<{ distance: number, user: { id: string } }> } } | null };

export type UsersQueryVariables = Exact<{ [key: string]: never; }>;


export type UsersQuery = { users: { totalCount: number, edges: Array<{ cursor: string, node: { id: string, gender: string | null, age: number | null, occupation: string | null, ratingCount: number } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type WhatIfQueryVariables = Exact<{
  userId: string;
  add: Array<TasteRatingInput> | TasteRatingInput;
  remove: Array<string> | string;
}>;


export type WhatIfQuery = { whatIf: { recommendations: Array<{ rank: number, distance: number, movie: { title: string } }>, entered: Array<{ rankAfter: number | null, distanceBefore: number | null, distanceAfter: number | null, movie: { title: string } }>, left: Array<{ rankBefore: number | null, distanceBefore: number | null, distanceAfter: number | null, movie: { title: string } }>, moved: Array<{ rankBefore: number | null, rankAfter: number | null, movie: { title: string } }> } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const ApiKeysDocument = new TypedDocumentString(`
    query ApiKeys {
  apiKeys(first: 20) {
    totalCount
    edges {
      node {
        id
        name
        role
        userId
        active
        createdAt
        expiresAt
        revokedAt
        lastUsedAt
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ApiKeysQuery, ApiKeysQueryVariables>;
export const BeginSplitDocument = new TypedDocumentString(`
    mutation BeginSplit($shares: [TrafficShareInput!]!) {
  trafficSplit(shares: $shares) {
    split {
      id
      startedAt
      shares {
        modelId
        weight
        part
      }
    }
  }
}
    `) as unknown as TypedDocumentString<BeginSplitMutation, BeginSplitMutationVariables>;
export const CancelTrainingDocument = new TypedDocumentString(`
    mutation CancelTraining($experimentId: ID!) {
  cancelTraining(experimentId: $experimentId) {
    experiment {
      id
      status
    }
  }
}
    `) as unknown as TypedDocumentString<CancelTrainingMutation, CancelTrainingMutationVariables>;
export const ColdStartDocument = new TypedDocumentString(`
    query ColdStart {
  experiments(filter: {protocol: NEW_USERS}, limit: 10) {
    id
    algorithm
    coldStart {
      knownRatings
      name
      mean
      ciLow
      ciHigh
      users
    }
  }
}
    `) as unknown as TypedDocumentString<ColdStartQuery, ColdStartQueryVariables>;
export const CompareExperimentsDocument = new TypedDocumentString(`
    query CompareExperiments($baselineId: ID!, $candidateId: ID!) {
  compareExperiments(
    baselineId: $baselineId
    candidateId: $candidateId
    metric: RECALL_AT_10
  ) {
    users
    baselineMean
    candidateMean
    difference
    ciLow
    ciHigh
    randomizationPValue
    tTestPValue
    wilcoxonPValue
    significant
  }
}
    `) as unknown as TypedDocumentString<CompareExperimentsQuery, CompareExperimentsQueryVariables>;
export const CreateApiKeyDocument = new TypedDocumentString(`
    mutation CreateApiKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    key
    apiKey {
      id
      name
      role
      userId
      expiresAt
    }
  }
}
    `) as unknown as TypedDocumentString<CreateApiKeyMutation, CreateApiKeyMutationVariables>;
export const CreateMovieWithTagsDocument = new TypedDocumentString(`
    mutation CreateMovieWithTags($input: CreateMovieInput!) {
  createMovie(input: $input) {
    movie {
      id
      title
      tags {
        tag {
          id
          name
        }
        count
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CreateMovieWithTagsMutation, CreateMovieWithTagsMutationVariables>;
export const CreateMovieDocument = new TypedDocumentString(`
    mutation CreateMovie($input: CreateMovieInput!) {
  createMovie(input: $input) {
    movie {
      id
      title
      year
      genres
    }
  }
}
    `) as unknown as TypedDocumentString<CreateMovieMutation, CreateMovieMutationVariables>;
export const CreateUserWithRatingsDocument = new TypedDocumentString(`
    mutation CreateUserWithRatings($input: CreateUserInput!) {
  createUser(input: $input) {
    user {
      id
      ratingCount
    }
  }
}
    `) as unknown as TypedDocumentString<CreateUserWithRatingsMutation, CreateUserWithRatingsMutationVariables>;
export const CreateUserDocument = new TypedDocumentString(`
    mutation CreateUser($input: CreateUserInput) {
  createUser(input: $input) {
    user {
      id
      gender
      age
      occupation
      ratingCount
    }
  }
}
    `) as unknown as TypedDocumentString<CreateUserMutation, CreateUserMutationVariables>;
export const DeleteModelDocument = new TypedDocumentString(`
    mutation DeleteModel($modelId: ID!) {
  deleteModel(modelId: $modelId) {
    modelId
  }
}
    `) as unknown as TypedDocumentString<DeleteModelMutation, DeleteModelMutationVariables>;
export const EndSplitDocument = new TypedDocumentString(`
    mutation EndSplit {
  trafficSplit(shares: []) {
    split {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<EndSplitMutation, EndSplitMutationVariables>;
export const ExperimentDocument = new TypedDocumentString(`
    query Experiment($id: ID!) {
  experiment(id: $id) {
    status
    stage
    progress
    hyperparameters
    publicationNote
    error
    epochs {
      epoch
      loss
      validationMetric
      seconds
    }
    metrics(protocol: FULL_LAST_ITEM, split: TEST) {
      name
      k
      mean
      ciLow
      ciHigh
      users
    }
    durations {
      trainingSeconds
      evaluationSeconds
    }
    model {
      id
      active
    }
  }
}
    `) as unknown as TypedDocumentString<ExperimentQuery, ExperimentQueryVariables>;
export const ExperimentsDocument = new TypedDocumentString(`
    query Experiments {
  experiments(orderBy: {metric: PRECISION_AT_5, direction: DESCENDING}, limit: 20) {
    id
    algorithm
    status
    protocol
    precisionAt5
    recallAt10
    ndcgAt20
    seed
    datasetHash
    backend
    revision
  }
}
    `) as unknown as TypedDocumentString<ExperimentsQuery, ExperimentsQueryVariables>;
export const FindHyperparametersDocument = new TypedDocumentString(`
    mutation FindHyperparameters($input: TrainModelInput) {
  trainModel(input: $input) {
    search {
      id
      status
      rungs {
        trials
        epochs
      }
    }
  }
}
    `) as unknown as TypedDocumentString<FindHyperparametersMutation, FindHyperparametersMutationVariables>;
export const IntrospectionDocument = new TypedDocumentString(`
    query Introspection {
  __schema {
    queryType {
      name
      fields {
        name
        description
        args {
          name
          description
          type {
            name
            kind
            ofType {
              name
              kind
            }
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<IntrospectionQuery, IntrospectionQueryVariables>;
export const LeaderboardDocument = new TypedDocumentString(`
    query Leaderboard {
  leaderboard(protocol: FULL_LAST_ITEM, metric: NDCG_AT_20, limit: 10) {
    rank
    algorithm
    seeds
    mean
    ciLow
    ciHigh
    difference
    adjustedPValue
    significant
  }
}
    `) as unknown as TypedDocumentString<LeaderboardQuery, LeaderboardQueryVariables>;
export const ModelsDocument = new TypedDocumentString(`
    query Models {
  models {
    id
    algorithm
    task
    servable
    active
    createdAt
    sha256
    experiment {
      id
      precisionAt5
    }
  }
  activeModel {
    id
  }
}
    `) as unknown as TypedDocumentString<ModelsQuery, ModelsQueryVariables>;
export const MovieDocument = new TypedDocumentString(`
    query Movie($id: ID!) {
  movie(id: $id) {
    title
    year
    genres
    imdbId
    averageRating
    ratingCount
    tags(k: 5) {
      tag {
        id
        name
      }
      count
    }
    ratings(first: 3) {
      edges {
        node {
          value
          ratedAt
          user {
            id
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<MovieQuery, MovieQueryVariables>;
export const MoviesSearchDocument = new TypedDocumentString(`
    query MoviesSearch($search: String!) {
  movies(search: $search, first: 5) {
    totalCount
    edges {
      cursor
      node {
        id
        title
        year
        genres
        averageRating
        ratingCount
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MoviesSearchQuery, MoviesSearchQueryVariables>;
export const MoviesWhereDocument = new TypedDocumentString(`
    query MoviesWhere($where: MovieFilter) {
  movies(where: $where, first: 10) {
    edges {
      node {
        title
        year
        genres
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<MoviesWhereQuery, MoviesWhereQueryVariables>;
export const NearTagsDocument = new TypedDocumentString(`
    query NearTags($movieId: ID!, $tagId: ID!) {
  movie(id: $movieId) {
    title
    nearTags(k: 5) {
      rank
      distance
      tag {
        name
      }
    }
  }
  tag(id: $tagId) {
    name
    nearMovies(k: 5) {
      rank
      distance
      movie {
        title
      }
    }
    nearTags(k: 5) {
      rank
      distance
      tag {
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<NearTagsQuery, NearTagsQueryVariables>;
export const PopularMoviesDocument = new TypedDocumentString(`
    query PopularMovies($filter: MovieFilter) {
  popularMovies(k: 10, filter: $filter) {
    title
    year
    ratingCount
  }
}
    `) as unknown as TypedDocumentString<PopularMoviesQuery, PopularMoviesQueryVariables>;
export const PromoteModelDocument = new TypedDocumentString(`
    mutation PromoteModel($modelId: ID!, $force: Boolean! = false) {
  promoteModel(modelId: $modelId, force: $force) {
    model {
      id
      active
    }
    note
  }
}
    `) as unknown as TypedDocumentString<PromoteModelMutation, PromoteModelMutationVariables>;
export const RateMovieDocument = new TypedDocumentString(`
    mutation RateMovie($input: RateMovieInput!) {
  rateMovie(input: $input) {
    rating {
      value
      ratedAt
      user {
        id
        ratingCount
      }
      movie {
        title
        averageRating
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RateMovieMutation, RateMovieMutationVariables>;
export const RecommendationsExplainedDocument = new TypedDocumentString(`
    query RecommendationsExplained($userId: ID!, $filter: MovieFilter) {
  recommendations(userId: $userId, k: 5, filter: $filter) {
    rank
    distance
    movie {
      title
    }
    explanation {
      nearestRated {
        movie {
          title
        }
        stars
        distance
        contribution
      }
      nearTags {
        tag {
          name
        }
        distance
      }
      distancePercentile
    }
  }
}
    `) as unknown as TypedDocumentString<RecommendationsExplainedQuery, RecommendationsExplainedQueryVariables>;
export const RecommendationsForTasteDocument = new TypedDocumentString(`
    query RecommendationsForTaste($taste: TasteInput!) {
  recommendationsFor(taste: $taste, k: 10) {
    rank
    distance
    source
    movie {
      title
      year
    }
  }
}
    `) as unknown as TypedDocumentString<RecommendationsForTasteQuery, RecommendationsForTasteQueryVariables>;
export const RecommendationsNearTagsDocument = new TypedDocumentString(`
    query RecommendationsNearTags($userId: ID!, $filter: MovieFilter) {
  recommendations(userId: $userId, filter: $filter) {
    rank
    distance
    movie {
      title
      genres
    }
  }
}
    `) as unknown as TypedDocumentString<RecommendationsNearTagsQuery, RecommendationsNearTagsQueryVariables>;
export const RecommendationsOptionsDocument = new TypedDocumentString(`
    query RecommendationsOptions($userId: ID!, $options: RecommendationOptions) {
  recommendations(userId: $userId, options: $options) {
    rank
    distance
    movie {
      title
      year
    }
  }
}
    `) as unknown as TypedDocumentString<RecommendationsOptionsQuery, RecommendationsOptionsQueryVariables>;
export const RecommendationsDocument = new TypedDocumentString(`
    query Recommendations($userId: ID!, $k: Int! = 10) {
  recommendations(userId: $userId, k: $k) {
    rank
    distance
    source
    movie {
      id
      title
      year
      genres
    }
  }
}
    `) as unknown as TypedDocumentString<RecommendationsQuery, RecommendationsQueryVariables>;
export const ReportDocument = new TypedDocumentString(`
    query Report($experimentIds: [ID!]!) {
  report(experimentIds: $experimentIds, format: MARKDOWN)
}
    `) as unknown as TypedDocumentString<ReportQuery, ReportQueryVariables>;
export const RetrainingDocument = new TypedDocumentString(`
    query Retraining {
  retraining {
    cron
    afterRatings
    newRatings
    nextAt
    lastReason
    lastExperiment {
      id
      status
      publicationNote
    }
  }
}
    `) as unknown as TypedDocumentString<RetrainingQuery, RetrainingQueryVariables>;
export const RevokeApiKeyDocument = new TypedDocumentString(`
    mutation RevokeApiKey($id: ID!) {
  revokeApiKey(id: $id) {
    apiKey {
      name
      active
      revokedAt
    }
  }
}
    `) as unknown as TypedDocumentString<RevokeApiKeyMutation, RevokeApiKeyMutationVariables>;
export const RollbackModelDocument = new TypedDocumentString(`
    mutation RollbackModel {
  rollbackModel {
    model {
      id
      active
    }
  }
}
    `) as unknown as TypedDocumentString<RollbackModelMutation, RollbackModelMutationVariables>;
export const SearchDocument = new TypedDocumentString(`
    query Search($id: ID!) {
  search(id: $id) {
    status
    progress
    trials {
      id
      status
      rung
      hyperparameters
      validationObjective
      winner
    }
    winner {
      id
      hyperparameters
    }
    final {
      id
      status
      precisionAt5
      recallAt10
      publicationNote
    }
  }
}
    `) as unknown as TypedDocumentString<SearchQuery, SearchQueryVariables>;
export const ServerInfoDocument = new TypedDocumentString(`
    query ServerInfo {
  serverInfo {
    version
    revision
    nodeVersion
    database
    distanceScan
    movies
    status
    uptimeSeconds
  }
}
    `) as unknown as TypedDocumentString<ServerInfoQuery, ServerInfoQueryVariables>;
export const SimilarMoviesDocument = new TypedDocumentString(`
    query SimilarMovies($movieId: ID!) {
  similarMovies(movieId: $movieId, k: 10) {
    rank
    distance
    movie {
      title
      year
      genres
    }
  }
}
    `) as unknown as TypedDocumentString<SimilarMoviesQuery, SimilarMoviesQueryVariables>;
export const SimilarUsersDocument = new TypedDocumentString(`
    query SimilarUsers($userId: ID!) {
  similarUsers(userId: $userId, k: 5) {
    rank
    distance
    user {
      id
      ratingCount
    }
  }
}
    `) as unknown as TypedDocumentString<SimilarUsersQuery, SimilarUsersQueryVariables>;
export const SplitReportDocument = new TypedDocumentString(`
    query SplitReport($splitId: ID!) {
  splitReport(splitId: $splitId) {
    split {
      startedAt
      endedAt
    }
    outcomes {
      modelId
      users
      lists
      shownMovies
      ratings
      meanRating
      rate
      rateCiLow
      rateCiHigh
      difference
      differenceCiLow
      differenceCiHigh
    }
  }
}
    `) as unknown as TypedDocumentString<SplitReportQuery, SplitReportQueryVariables>;
export const SplitsDocument = new TypedDocumentString(`
    query Splits {
  trafficSplits {
    id
    startedAt
    endedAt
    shares {
      modelId
      weight
      part
    }
  }
}
    `) as unknown as TypedDocumentString<SplitsQuery, SplitsQueryVariables>;
export const StopSearchDocument = new TypedDocumentString(`
    mutation StopSearch($searchId: ID!) {
  cancelSearch(searchId: $searchId) {
    search {
      id
      status
    }
  }
}
    `) as unknown as TypedDocumentString<StopSearchMutation, StopSearchMutationVariables>;
export const TagMovieDocument = new TypedDocumentString(`
    mutation TagMovie($input: TagMovieInput!) {
  tagMovie(input: $input) {
    tagging {
      taggedAt
      tag {
        id
        name
        taggingCount
      }
      movie {
        title
        tags(k: 3) {
          count
          tag {
            name
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<TagMovieMutation, TagMovieMutationVariables>;
export const TagRecommendationsDocument = new TypedDocumentString(`
    query TagRecommendations($userId: ID!, $movieId: ID) {
  tagRecommendations(userId: $userId, movieId: $movieId, k: 10) {
    rank
    distance
    source
    tag {
      name
    }
  }
}
    `) as unknown as TypedDocumentString<TagRecommendationsQuery, TagRecommendationsQueryVariables>;
export const TagsDocument = new TypedDocumentString(`
    query Tags($search: String) {
  tags(search: $search, first: 10) {
    totalCount
    edges {
      node {
        id
        name
        taggingCount
      }
    }
  }
}
    `) as unknown as TypedDocumentString<TagsQuery, TagsQueryVariables>;
export const TastePageDocument = new TypedDocumentString(`
    query TastePage($taste: TasteInput!, $k: Int! = 12) {
  recommendationsFor(taste: $taste, k: $k) {
    rank
    distance
    source
    movie {
      id
      title
      year
      genres
    }
    explanation {
      nearestRated {
        movie {
          title
        }
        stars
        contribution
      }
      nearTags {
        tag {
          name
        }
      }
      distancePercentile
    }
  }
}
    `) as unknown as TypedDocumentString<TastePageQuery, TastePageQueryVariables>;
export const TrainColdItemsDocument = new TypedDocumentString(`
    mutation TrainColdItems {
  trainModel(
    input: {algorithm: ITEM_KNN, protocol: COLD_ITEMS, measureColdItems: true}
  ) {
    experiment {
      id
      status
      measureColdItems
    }
  }
}
    `) as unknown as TypedDocumentString<TrainColdItemsMutation, TrainColdItemsMutationVariables>;
export const TrainModelDocument = new TypedDocumentString(`
    mutation TrainModel($input: TrainModelInput) {
  trainModel(input: $input) {
    experiment {
      id
      status
      hyperparameters
      seed
    }
  }
}
    `) as unknown as TypedDocumentString<TrainModelMutation, TrainModelMutationVariables>;
export const TrainTagModelDocument = new TypedDocumentString(`
    mutation TrainTagModel {
  trainModel(input: {algorithm: TAG_TOWER, seed: 7}) {
    experiment {
      id
      status
      algorithm
      protocol
    }
  }
}
    `) as unknown as TypedDocumentString<TrainTagModelMutation, TrainTagModelMutationVariables>;
export const TrainingProgressDocument = new TypedDocumentString(`
    subscription TrainingProgress($experimentId: ID!) {
  trainingProgress(experimentId: $experimentId) {
    status
    stage
    progress
  }
}
    `) as unknown as TypedDocumentString<TrainingProgressSubscription, TrainingProgressSubscriptionVariables>;
export const UnrateMovieDocument = new TypedDocumentString(`
    mutation UnrateMovie($input: UnrateMovieInput!) {
  unrateMovie(input: $input) {
    removed
    user {
      id
      ratingCount
    }
    movie {
      title
      ratingCount
    }
  }
}
    `) as unknown as TypedDocumentString<UnrateMovieMutation, UnrateMovieMutationVariables>;
export const UntagMovieDocument = new TypedDocumentString(`
    mutation UntagMovie($input: UntagMovieInput!) {
  untagMovie(input: $input) {
    removed
    tag {
      name
    }
    movie {
      title
    }
    user {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<UntagMovieMutation, UntagMovieMutationVariables>;
export const UserHistoryDocument = new TypedDocumentString(`
    query UserHistory($userId: ID!) {
  user(id: $userId) {
    id
    ratingCount
    ratings(first: 10) {
      totalCount
      edges {
        node {
          value
          ratedAt
          movie {
            title
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
    taggings(first: 5) {
      edges {
        node {
          tag {
            name
          }
          movie {
            title
          }
          taggedAt
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<UserHistoryQuery, UserHistoryQueryVariables>;
export const UserProfileDocument = new TypedDocumentString(`
    query UserProfile($id: ID!) {
  user(id: $id) {
    profile {
      source
      ratingCount
      nearTags(k: 5) {
        distance
        tag {
          name
        }
      }
      genres {
        genre
        share
        catalogShare
      }
      neighbours(k: 3) {
        distance
        user {
          id
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<UserProfileQuery, UserProfileQueryVariables>;
export const UsersDocument = new TypedDocumentString(`
    query Users {
  users(first: 5) {
    totalCount
    edges {
      cursor
      node {
        id
        gender
        age
        occupation
        ratingCount
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<UsersQuery, UsersQueryVariables>;
export const WhatIfDocument = new TypedDocumentString(`
    query WhatIf($userId: ID!, $add: [TasteRatingInput!]!, $remove: [ID!]!) {
  whatIf(userId: $userId, add: $add, remove: $remove) {
    recommendations {
      rank
      distance
      movie {
        title
      }
    }
    entered {
      movie {
        title
      }
      rankAfter
      distanceBefore
      distanceAfter
    }
    left {
      movie {
        title
      }
      rankBefore
      distanceBefore
      distanceAfter
    }
    moved {
      movie {
        title
      }
      rankBefore
      rankAfter
    }
  }
}
    `) as unknown as TypedDocumentString<WhatIfQuery, WhatIfQueryVariables>;