/** The recommender service: the live model, the catalog and today's histories in memory; all that
 *  clients ask for is ranked here. Readers take one LiveState when they begin and keep it; whatever
 *  changes makes another one (docs/serving.md). */
import { join } from 'node:path';
import type { CatalogListener } from '../catalog/catalog-listener';
import type { CheckedFilter } from '../catalog/movie-filter.input';
import type { StarRating } from '../catalog/taste-rating.input';
import type { Database } from '../database/database';
import { Poller } from '../database/poller';
import { sqlFile } from '../database/sql';
import { ModelNotReadyError, NotFoundError } from '../errors';
import type { Artifact } from '../models/artifact';
import type { MetricSpace } from '../models/metric-space';
import { Bitset } from '../numeric/bitset';
import { loadKernel } from '../numeric/load-kernel';
import { euclideanDistance } from '../numeric/scan';
import type { LiveModel } from './models/live-model';
import { ModelKeeper } from './models/model-keeper';
import type { ModelRouter } from './models/model-router';
import { asAskedFor, ModelShelf } from './models/model-shelf';
import type { ModelSource } from './models/model-source';
import { RoutedModels } from './models/routed-models';
import type { TagQuestion, TagServing } from './models/tag-serving';
import { type ExplainedTag, nearTags } from './ranker/explanation';
import {
  createState,
  createViewer,
  type ListWish,
  type LiveState,
  type RankedMovies,
  rankFor,
  type Viewer,
} from './ranker/ranking';
import { steeredPoint } from './ranker/steering';
import { type Taste, viewerOfTaste } from './ranker/taste';
import { CatalogCache } from './states/catalog-cache';
import { union } from './states/catalog-snapshot';
import { ChangeWatcher } from './states/change-watcher';
import { HistoryCache, imagine, type RatedMovies, type UserRecord } from './states/history-cache';
import { type SimilarUser, SimilarUsers } from './states/similar-users';

export interface RecommenderOptions {
  readonly database: Database;
  readonly models: ModelSource;
  /** @throws CorruptArtifactError */
  readonly readSpace: (artifact: Artifact) => MetricSpace;
  /** Left out: everyone is answered from the active model. */
  readonly router?: ModelRouter;
  /** Left out: tags come from the movie space. */
  readonly tags?: TagServing;
  readonly log: { info(message: string): void; warn(message: string): void };
  /** How often other processes' writes are looked for. 0: never. */
  readonly pollMs?: number;
  /** How often ratings are counted anew for the order of popularity, if there were any. */
  readonly recountMs?: number;
  readonly maxCachedUsers?: number;
  /** Null: the plain distance scan. Left out: the compiled one where it is there. */
  readonly kernel?: WebAssembly.Module | null;
}

export interface ListRequest extends ListWish {
  readonly userId: number;
  /** Another model than the one that the user is routed to. */
  readonly modelId?: number | null;
}

/** Ratings that somebody might make or take back. */
export interface ImaginedRatings {
  readonly add: readonly StarRating[];
  readonly remove: readonly number[];
}

/** A list as it is, and as it would be. */
export interface ListChange {
  readonly before: RankedMovies;
  readonly after: RankedMovies;
}

export interface RecommenderStatus {
  readonly activeModelId: number | null;
  readonly activationId: number | null;
  /** Why the activated model is not the one in service; null when it is. */
  readonly modelProblem: string | null;
  readonly movies: number;
  readonly distanceScan: 'SIMD' | 'PLAIN';
}

/** Rows of one ranking of the catalog around a point; `movies[rows[i]]` is the movie. */
export interface NearMovies {
  readonly state: LiveState;
  readonly rows: readonly number[];
  readonly distances: readonly number[];
}

export type TagSource = 'TAG_MODEL' | 'MOVIE_SPACE';

export interface RankedTags {
  readonly source: TagSource;
  /** Nearest first. */
  readonly tags: readonly ExplainedTag[];
}

const SQL = join(__dirname, 'states', 'sql');
const DEFAULT_POLL_MS = 1_000;
const DEFAULT_RECOUNT_MS = 600_000;

export class Recommender implements CatalogListener {
  private readonly catalog: CatalogCache;
  private readonly histories: HistoryCache;
  private readonly shelf: ModelShelf;
  private readonly keeper: ModelKeeper;
  private readonly routed: RoutedModels | null;
  private readonly similar: SimilarUsers;
  private readonly watcher: ChangeWatcher;
  private readonly poller: Poller | null;
  private readonly kernel: WebAssembly.Module | null;
  private state: LiveState;
  /** Changes of the state follow one another. */
  private work: Promise<unknown> = Promise.resolve();
  private ratingsChanged = false;
  private countedAt = Date.now();

  constructor(private readonly options: RecommenderOptions) {
    const { database, models, readSpace, log } = options;
    this.catalog = new CatalogCache(database);
    this.histories = new HistoryCache(
      database,
      options.maxCachedUsers === undefined ? {} : { maxUsers: options.maxCachedUsers },
    );
    this.similar = new SimilarUsers(database);
    this.watcher = new ChangeWatcher(database);
    this.kernel = options.kernel === undefined ? loadKernel('scan') : options.kernel;
    this.shelf = new ModelShelf({ source: models, readSpace, kernel: this.kernel });
    const warn = (message: string) => log.warn(message);
    this.keeper = new ModelKeeper(models, (modelId) => this.shelf.load(modelId), warn);
    this.routed = options.router ? new RoutedModels(options.router, this.shelf, warn) : null;
    this.state = createState(this.catalog.snapshot, null);
    const pollMs = options.pollMs ?? DEFAULT_POLL_MS;
    this.poller = pollMs > 0 ? new Poller(pollMs, () => this.poll(), warn) : null;
  }

  /** Reads the catalog and the active model, then watches both. @param onProgress 0 to 1 and what
   *  is being read */
  async start(onProgress?: (fraction: number, what: string) => void): Promise<void> {
    await this.watcher.begin();
    await this.inTurn(async () => {
      await this.catalog.load(onProgress);
      await this.keeper.refresh(true);
      await this.options.tags?.refresh(true);
      await this.renew();
    });
    this.poller?.start();
  }

  /** Stops watching; a look that is under way is waited for. */
  async close(): Promise<void> {
    await this.poller?.stop();
    await this.work;
  }

  // What has changed: writers in this process say so, and the very next answer knows it.

  /** Looks at once whether another model is active, or routed to, and takes it into service.
   *  @throws whatever the database throws */
  refresh(): Promise<void> {
    return this.inTurn(async () => {
      await this.keeper.refresh(true);
      await this.options.tags?.refresh(true);
      await this.renew();
    });
  }

  /** A rating or a tagging of this user was committed. */
  historyChanged(userId: number): void {
    this.ratingsChanged = true;
    this.histories.invalidate(userId);
    this.similar.historyChanged(userId);
    this.options.tags?.historyChanged(userId);
  }

  /** A movie was added or changed, its tags perhaps. */
  movieChanged(movieId: number): Promise<void> {
    return this.inTurn(async () => {
      await this.catalog.refreshMovies([movieId]);
      await this.renew();
    });
  }

  /** A tag, new perhaps, was put on the movie or taken off it. */
  tagsChanged(movieId: number): Promise<void> {
    return this.inTurn(async () => {
      await this.catalog.refreshTags();
      await this.catalog.refreshMovies([movieId]);
      await this.renew();
    });
  }

  /** Everything may have changed: a release was seeded. */
  catalogChanged(): Promise<void> {
    return this.inTurn(async () => {
      await this.catalog.load();
      this.histories.clear();
      this.similar.hold([]);
      this.options.tags?.catalogChanged();
      await this.renew();
    });
  }

  /** What the active model answers from now on; whoever asks several things of it takes it once. */
  get live(): LiveState {
    return this.state;
  }

  /** The user as the model sees them from which they are answered.
   *  @throws NotFoundError */
  async viewerFor(userId: number): Promise<Viewer> {
    return this.viewer(this.routed?.stateFor(userId) ?? this.state, userId);
  }

  // What clients ask.

  /** The movies nearest to the user's point; by popularity while there is no model, or nothing that
   *  the user rated. Answers at once, without a promise, when the history and the model are in
   *  memory.
   *  @throws NotFoundError of the user, or of a model that is asked for; ModelNotServableError of
   *    the latter */
  recommend(request: ListRequest): RankedMovies | Promise<RankedMovies> {
    const { modelId } = request;
    if (typeof modelId === 'number') return this.recommendFrom(this.stateOf(modelId), request);
    const ranked = this.recommendFrom(this.routed?.stateFor(request.userId) ?? this.state, request);
    const { routed } = this;
    if (routed === null) return ranked;
    if (ranked instanceof Promise) {
      return ranked.then((it) => {
        routed.served(request.userId, it);
        return it;
      });
    }
    routed.served(request.userId, ranked);
    return ranked;
  }

  private recommendFrom(
    state: LiveState | Promise<LiveState>,
    request: ListRequest,
  ): RankedMovies | Promise<RankedMovies> {
    if (state instanceof Promise) return state.then((it) => this.recommendFrom(it, request));
    const viewer = this.viewer(state, request.userId);
    if (viewer instanceof Promise) return viewer.then((it) => rankFor(it, request, 'PERSONAL'));
    return rankFor(viewer, request, 'PERSONAL');
  }

  /** As `recommend`, for someone without an account. */
  recommendFor(taste: Taste, wish: ListWish, modelId?: number | null): RankedMovies | Promise<RankedMovies> {
    const state = typeof modelId === 'number' ? this.stateOf(modelId) : this.state;
    const rankFrom = (it: LiveState) => rankFor(viewerOfTaste(it, taste), wish, 'FOLD_IN');
    return state instanceof Promise ? state.then(rankFrom) : rankFrom(state);
  }

  /** The list before and after ratings that nobody made. Nothing is written, and nothing that is
   *  kept for the user changes.
   *  @throws as `recommend` */
  async whatIf(request: ListRequest, imagined: ImaginedRatings): Promise<ListChange> {
    const { userId, modelId } = request;
    const state =
      typeof modelId === 'number'
        ? await this.stateOf(modelId)
        : (this.routed?.stateFor(userId) ?? this.state);
    const record = await this.histories.get(userId);
    if (record === null) throw new NotFoundError('user', userId);
    const listOf = (rated: RatedMovies) =>
      rankFor(createViewer(state, rated, state.model?.userPoint(rated) ?? null), request, 'PERSONAL');
    return { before: listOf(record), after: listOf(imagine(record, imagined)) };
  }

  /** The tags nearest to where this user's tags (for this movie) would lie, without those that the
   *  user put on it already: from the tag model where there is one and the user or the movie has a
   *  tag, else from the movie space. Empty when that answers, no movie is given and the user rated
   *  nothing that it knows.
   *  @throws NotFoundError, ModelNotReadyError */
  async tagRecommendations(request: TagQuestion): Promise<RankedTags> {
    const { state } = this;
    const { userId, movieId, k } = request;
    const viewer = await this.viewer(state, userId);
    if (typeof movieId === 'number') rowOf(state, movieId);
    const served = await this.options.tags?.recommend(request, state.catalog, state.model === null);
    if (served) return { source: 'TAG_MODEL', tags: served };
    const itemPoint = typeof movieId === 'number' ? modelOf(state).pointOf(rowOf(state, movieId)) : null;
    const put =
      itemPoint === null
        ? []
        : await this.options.database.query<{ tagId: number }>(sqlFile(SQL, 'tags-put'), [userId, movieId]);
    const tags = nearTags(modelOf(state), itemPoint, viewer.point, k, new Set(put.map(({ tagId }) => tagId)));
    return { source: 'MOVIE_SPACE', tags };
  }

  /** @throws NotFoundError, ModelNotReadyError */
  similarMovies(request: {
    readonly movieId: number;
    readonly k: number;
    readonly filter?: CheckedFilter | null;
  }): NearMovies {
    const { state } = this;
    const model = modelOf(state);
    const row = rowOf(state, request.movieId);
    const skip = union(Bitset.of(state.catalog.size, [row]), state.catalog.excludedBy(request.filter));
    const point = model.pointOf(row);
    const steering = request.filter?.nearTagIds ?? [];
    if (steering.length === 0) return { state, ...model.scan.nearest(point, request.k, skip) };
    const { rows } = model.scan.nearest(steeredPoint(model, point, steering) ?? point, request.k, skip);
    return { state, rows, distances: rows.map((near) => euclideanDistance(model.pointOf(near), point)) };
  }

  /** The users whose points are nearest to this user's, in the model from which this user is
   *  answered; empty for someone who rated nothing that it knows. The first question after a new
   *  model reads all histories once.
   *  @throws NotFoundError, ModelNotReadyError */
  async similarUsers(request: { readonly userId: number; readonly k: number }): Promise<SimilarUser[]> {
    const viewer = await this.viewerFor(request.userId);
    modelOf(viewer.state);
    return this.similar.near(viewer, request.userId, request.k);
  }

  /** The most rated movies. */
  popular(
    k: number,
    filter?: CheckedFilter | null,
  ): { readonly state: LiveState; readonly rows: readonly number[] } {
    const { state } = this;
    return { state, rows: state.catalog.mostPopular(k, state.catalog.excludedBy(filter)) };
  }

  /** What exists, as of now. */
  known(): { readonly movie: (id: number) => boolean; readonly tag: (id: number) => boolean } {
    const { catalog } = this.state;
    return { movie: (id) => catalog.rowOf(id) !== undefined, tag: (id) => catalog.tags.has(id) };
  }

  status(): RecommenderStatus {
    const { catalog, model } = this.state;
    return {
      activeModelId: model?.modelId ?? null,
      activationId: model?.activationId ?? null,
      modelProblem: this.keeper.problem,
      movies: catalog.size,
      distanceScan: this.kernel === null ? 'PLAIN' : 'SIMD',
    };
  }

  /** The state of a model that a client asks for by its id. */
  private stateOf(modelId: number): LiveState | Promise<LiveState> {
    const { state } = this;
    if (state.model?.modelId === modelId) return state;
    const model = this.shelf.inMemory(modelId);
    if (model !== undefined) return model.over(state.catalog, 0);
    // Outside the queue of changes: a model of somebody's choice keeps nobody waiting.
    return this.shelf.load(modelId).then(
      (loaded) => (this.state.model?.modelId === modelId ? this.state : loaded.over(this.state.catalog, 0)),
      (error: unknown) => {
        throw asAskedFor(modelId, error);
      },
    );
  }

  private viewer(state: LiveState, userId: number): Viewer | Promise<Viewer> {
    const record = this.histories.get(userId);
    if (!(record instanceof Promise)) return this.viewerOf(state, record);
    return record.then((it) => {
      if (it === null) throw new NotFoundError('user', userId);
      return this.viewerOf(state, it);
    });
  }

  /** The user's point and seen movies, computed once for each history and state. */
  private viewerOf(state: LiveState, record: UserRecord): Viewer {
    const known = state.viewers.get(record);
    if (known !== undefined) return known;
    const viewer = createViewer(state, record, state.model?.userPoint(record) ?? null);
    state.viewers.set(record, viewer);
    return viewer;
  }

  private inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.work.then(change);
    this.work = turn.catch(() => undefined);
    return turn;
  }

  /** Makes states of the catalog and the models as they are now; what is costly is made only where
   *  movies, space or tags differ. */
  private async renew(): Promise<void> {
    const catalog = this.catalog.snapshot;
    const kept = this.keeper.current;
    const former = this.state.model?.activationId;
    const state =
      kept === null ? createState(catalog, null) : kept.placed.over(catalog, kept.active.activationId);
    this.state = state;
    if (kept !== null && kept.active.activationId !== former)
      this.options.log.info(`Model ${kept.active.modelId} is in service.`);
    const routed = (await this.routed?.renew(catalog, kept?.active.modelId ?? null)) ?? [];
    const inService = kept === null ? routed : [kept.placed, ...routed];
    this.shelf.hold(inService);
    this.similar.hold(inService.map(({ modelId }) => modelId));
  }

  private async poll(): Promise<void> {
    const { seeded, tagsAdded, movieIds, userIds } = await this.watcher.poll();
    for (const userId of userIds) this.historyChanged(userId);
    if (seeded) return void (await this.catalogChanged());
    await this.inTurn(async () => {
      await this.catalog.refreshMovies(movieIds);
      if (tagsAdded) await this.catalog.refreshTags();
      if (
        this.ratingsChanged &&
        Date.now() - this.countedAt > (this.options.recountMs ?? DEFAULT_RECOUNT_MS)
      ) {
        this.ratingsChanged = false;
        this.countedAt = Date.now();
        await this.catalog.refreshRatingCounts();
      }
      const { current } = this.keeper;
      await this.keeper.refresh(false);
      await this.options.tags?.refresh(false);
      // Compared with what is in service, too: a refresh that failed half-way has changed the
      // keeper, and nothing else.
      const activation = this.keeper.current?.active.activationId ?? null;
      const another =
        this.keeper.current !== current || activation !== (this.state.model?.activationId ?? null);
      const changed = this.catalog.snapshot !== this.state.catalog || another;
      if (changed || this.routed?.changed()) await this.renew();
    });
  }
}

/** @throws ModelNotReadyError */
export function modelOf(state: LiveState): LiveModel {
  if (state.model === null)
    throw new ModelNotReadyError('No model has been published yet; this answer needs one.');
  return state.model;
}

/** @throws NotFoundError */
export function rowOf(state: LiveState, movieId: number): number {
  const row = state.catalog.rowOf(movieId);
  if (row === undefined) throw new NotFoundError('movie', movieId);
  return row;
}
