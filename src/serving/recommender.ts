/** The service that answers: the models, the catalog and today's histories in memory, kept up to
 *  date, and the queries over them. A query takes one LiveState when it begins and keeps it;
 *  whatever changes makes another one (docs/serving.md). */
import { join } from 'node:path';
import type { CatalogListener } from '../catalog/catalog-listener';
import type { Database } from '../database/database';
import { Poller } from '../database/poller';
import { sqlFile } from '../database/sql';
import { NotFoundError } from '../errors';
import type { Artifact } from '../models/artifact';
import type { MetricSpace } from '../models/metric-space';
import { loadKernel } from '../numeric/kernel';
import { type LiveState, modelOf, type NearTag, rowOf } from './models/live-model';
import type { ModelSource } from './models/model-source';
import { type ModelRouter, ServedModels } from './models/served-models';
import type { TagQuestion, TagServing } from './models/tag-serving';
import {
  createViewer,
  type ListRequest,
  type RankedMovies,
  rankFor,
  type Viewer,
  viewerOf,
} from './ranker/ranking';
import { type Taste, viewerOfTaste } from './ranker/taste';
import { type SimilarUser, SimilarUsers } from './similar-users';
import { CatalogCache } from './states/catalog-cache';
import { ChangeWatcher } from './states/change-watcher';
import { HistoryCache, imagine, type MovieHistory, type StarRating } from './states/history-cache';

export interface RecommenderOptions {
  readonly database: Database;
  readonly models: ModelSource;
  /** @throws CorruptArtifactError */
  readonly readSpace: (artifact: Artifact) => MetricSpace;
  /** If omitted, all users get the active model. */
  readonly router?: ModelRouter;
  /** If omitted, tags come from the movie space. */
  readonly tags?: TagServing;
  readonly log: { info(message: string): void; warn(message: string): void };
  /** How often other processes' writes are looked for. 0: never. */
  readonly pollMs?: number;
  /** How often ratings are counted again for the order of popularity, if there were any. */
  readonly recountMs?: number;
  readonly maxCachedUsers?: number;
  /** Null: the plain distance scan. If omitted, the compiled one if it exists. */
  readonly kernel?: WebAssembly.Module | null;
}

/** A list for a known user. */
export interface UserListRequest extends ListRequest {
  readonly userId: number;
  /** Another model than the one that the user is routed to. */
  readonly modelId?: number | null;
}

export interface RecommenderStatus {
  readonly activeModelId: number | null;
  readonly activationId: number | null;
  /** Why the active model is not the one in service; null when it is. */
  readonly modelProblem: string | null;
  readonly movies: number;
  readonly distanceScan: 'SIMD' | 'PLAIN';
}

export interface RankedTags {
  readonly source: 'TAG_MODEL' | 'MOVIE_SPACE';
  /** Nearest first. */
  readonly tags: readonly NearTag[];
}

const SQL = join(__dirname, 'states', 'sql');
const DEFAULT_POLL_MS = 1_000;
const DEFAULT_RECOUNT_MS = 600_000;

export class Recommender implements CatalogListener {
  private readonly catalog: CatalogCache;
  private readonly histories: HistoryCache;
  private readonly models: ServedModels;
  private readonly similar: SimilarUsers;
  private readonly watcher: ChangeWatcher;
  private readonly poller: Poller | null;
  private readonly kernel: WebAssembly.Module | null;
  /** Changes of the state follow one another. */
  private work: Promise<unknown> = Promise.resolve();
  private ratingsChanged = false;
  private countedAt = Date.now();

  constructor(private readonly options: RecommenderOptions) {
    const { database, models: source, readSpace, router, maxCachedUsers: maxUsers, log } = options;
    const { kernel = loadKernel('scan'), pollMs = DEFAULT_POLL_MS } = options;
    this.kernel = kernel;
    this.catalog = new CatalogCache(database);
    this.histories = new HistoryCache(database, maxUsers === undefined ? {} : { maxUsers });
    this.models = new ServedModels({ source, readSpace, kernel, router, log }, this.catalog.snapshot);
    this.similar = new SimilarUsers(database);
    this.watcher = new ChangeWatcher(database);
    const warn = (message: string) => log.warn(message);
    this.poller = pollMs > 0 ? new Poller(pollMs, () => this.poll(), warn) : null;
  }

  /** Reads the catalog and the active model, then watches both. @param onProgress 0 to 1 and what
   *  is being read */
  async start(onProgress?: (fraction: number, what: string) => void): Promise<void> {
    await this.watcher.begin();
    await this.inTurn(async () => {
      await this.catalog.load(onProgress);
      await this.refreshModels(true);
      await this.renew();
    });
    this.poller?.start();
  }

  /** Stops watching, and waits for a poll that is under way. */
  async close(): Promise<void> {
    await this.poller?.stop();
    await this.work;
  }

  // Changes: writers in this process report them, and the very next answer reflects them.

  /** Checks immediately whether another model is active or routed to, and takes it into service.
   *  @throws database errors */
  refresh(): Promise<void> {
    return this.inTurn(async () => {
      await this.refreshModels(true);
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

  // Queries.

  /** The catalog and the active model from now on; a request that needs both takes it once. */
  get live(): LiveState {
    return this.models.live;
  }

  status(): RecommenderStatus {
    return {
      ...this.models.status(),
      movies: this.live.catalog.size,
      distanceScan: this.kernel === null ? 'PLAIN' : 'SIMD',
    };
  }

  /** The user in the model from which they are answered. @throws NotFoundError */
  viewerFor(userId: number): Promise<Viewer> {
    return this.viewer(this.models.stateFor(userId), userId);
  }

  /** The movies nearest to the user's point; by popularity while there is no model, or nothing that
   *  the user rated. Reads nothing when the history and the model are in memory.
   *  @throws NotFoundError of the user, or of a model that is named; ModelNotServableError of the
   *    latter */
  async recommend(request: UserListRequest): Promise<RankedMovies> {
    const { userId, modelId } = request;
    const viewer = await this.viewer(await this.stateOf(modelId, userId), userId);
    const ranked = rankFor(viewer, request, 'PERSONAL');
    if (typeof modelId !== 'number') this.reportServed(userId, ranked);
    return ranked;
  }

  /** As `recommend`, for someone without an account. */
  async recommendFor(taste: Taste, request: ListRequest, modelId?: number | null): Promise<RankedMovies> {
    return rankFor(viewerOfTaste(await this.stateOf(modelId), taste), request, 'FOLD_IN');
  }

  /** The list before and after hypothetical ratings. Nothing is written, and no cached state of the
   *  user changes.
   *  @throws as `recommend` */
  async whatIf(
    request: UserListRequest,
    ratings: { readonly add: readonly StarRating[]; readonly remove: readonly number[] },
  ): Promise<{ readonly before: RankedMovies; readonly after: RankedMovies }> {
    const { userId, modelId } = request;
    const state = await this.stateOf(modelId, userId);
    const history = await this.historyOf(userId);
    const listOf = (rated: MovieHistory) => rankFor(createViewer(state, rated), request, 'PERSONAL');
    return { before: listOf(history), after: listOf(imagine(history, ratings)) };
  }

  /** The tags nearest to where this user's tags (for this movie) would lie, without those that the
   *  user put on it already: from the tag model where there is one and the user or the movie has a
   *  tag, else from the movie space. Empty when that answers, no movie is given and the user rated
   *  nothing that it has.
   *  @throws NotFoundError, ModelNotReadyError */
  async tagRecommendations(question: TagQuestion): Promise<RankedTags> {
    const { userId, movieId, k } = question;
    const state = this.live;
    const viewer = await this.viewer(state, userId);
    const row = typeof movieId === 'number' ? rowOf(state, movieId) : null;
    const ranked = await this.options.tags?.recommend(question, state.catalog, state.model === null);
    if (ranked) return { source: 'TAG_MODEL', tags: ranked };
    const model = modelOf(state);
    if (row === null) return { source: 'MOVIE_SPACE', tags: model.tagsFor({ userPoint: viewer.point }, k) };
    const put = await this.options.database.query<{ tagId: number }>(sqlFile(SQL, 'tags-put'), [
      userId,
      movieId,
    ]);
    const points = { userPoint: viewer.point, itemPoint: model.pointOf(row) };
    const tags = model.tagsFor(points, k, new Set(put.map(({ tagId }) => tagId)));
    return { source: 'MOVIE_SPACE', tags };
  }

  /** The users whose points are nearest to this user's, in the model from which this user is
   *  answered; empty for someone who rated nothing that it has. The first question to a new model
   *  reads all histories once.
   *  @throws NotFoundError, ModelNotReadyError */
  async similarUsers(userId: number, k: number): Promise<SimilarUser[]> {
    const viewer = await this.viewerFor(userId);
    modelOf(viewer.state);
    return this.similar.near(viewer, userId, k);
  }

  /** @returns the state of the model that is named, or else from which the user is answered */
  private async stateOf(modelId: number | null | undefined, userId?: number): Promise<LiveState> {
    if (typeof modelId === 'number') return this.models.stateOf(modelId);
    return userId === undefined ? this.live : this.models.stateFor(userId);
  }

  private async viewer(state: LiveState, userId: number): Promise<Viewer> {
    return viewerOf(state, await this.historyOf(userId));
  }

  /** @throws NotFoundError */
  private async historyOf(userId: number): Promise<MovieHistory> {
    const history = await this.histories.get(userId);
    if (history === null) throw new NotFoundError('user', userId);
    return history;
  }

  private reportServed(userId: number, { source, viewer, rows }: RankedMovies): void {
    const { model, catalog } = viewer.state;
    this.options.router?.served({
      userId,
      modelId: model?.modelId ?? null,
      movieIds: rows.map((row) => catalog.movies[row].id),
      source,
    });
  }

  private inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.work.then(change);
    this.work = turn.catch(() => undefined);
    return turn;
  }

  private async refreshModels(retry: boolean): Promise<void> {
    await this.models.refresh(retry);
    await this.options.tags?.refresh(retry);
  }

  /** Puts the catalog and the models as they are now into service. */
  private async renew(): Promise<void> {
    this.similar.hold(await this.models.renew(this.catalog.snapshot));
  }

  private async poll(): Promise<void> {
    const { seeded, tagsAdded, movieIds, userIds } = await this.watcher.poll();
    for (const userId of userIds) this.historyChanged(userId);
    if (seeded) return this.catalogChanged();
    await this.inTurn(async () => {
      await this.catalog.refreshMovies(movieIds);
      if (tagsAdded) await this.catalog.refreshTags();
      const recountMs = this.options.recountMs ?? DEFAULT_RECOUNT_MS;
      if (this.ratingsChanged && Date.now() - this.countedAt > recountMs) {
        this.ratingsChanged = false;
        this.countedAt = Date.now();
        await this.catalog.refreshRatingCounts();
      }
      await this.refreshModels(false);
      if (this.catalog.snapshot !== this.live.catalog || this.models.isOutdated) await this.renew();
    });
  }
}
