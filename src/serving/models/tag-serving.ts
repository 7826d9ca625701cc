/** Tags from the tag model in service: who put which tag on what is evidence as of now, what was
 *  learned from it is the model's. */
import type { TagRow } from '../../catalog/loaders';
import type { Database } from '../../database/database';
import type { Artifact } from '../../models/artifact';
import type { Evidence } from '../../models/tag-tower/tag-evidence';
import { checkTagIds, readTagIds } from '../../models/tag-tower/tag-ids';
import { readTagSpace, type TagSpace, withNewTags } from '../../models/tag-tower/tag-space';
import { Bitset } from '../../numeric/bitset';
import { topK } from '../../numeric/top-k';
import type { CatalogSnapshot } from '../states/catalog-snapshot';
import { LiveTaggings } from '../states/live-taggings';
import type { NearTag } from './live-model';
import { ActiveModelKeeper, type ModelSource } from './model-source';

export interface TagServingOptions {
  readonly database: Database;
  /** Of the models that rank tags. */
  readonly models: ModelSource;
  readonly log: { info(message: string): void; warn(message: string): void };
}

export interface TagQuestion {
  readonly userId: number;
  /** Null or omitted: tags that the user puts on movies in general. */
  readonly movieId?: number | null | undefined;
  readonly k: number;
}

export class TagServing {
  private readonly taggings: LiveTaggings;
  private readonly keeper: ActiveModelKeeper<ServedTagModel>;

  constructor(private readonly options: TagServingOptions) {
    const { database, models, log } = options;
    this.taggings = new LiveTaggings(database);
    this.keeper = new ActiveModelKeeper({
      source: models,
      load: async (modelId) => new ServedTagModel(await models.loadArtifact(modelId)),
      warn: (message) => log.warn(message),
      substitute: 'the movie space',
    });
  }

  /** Takes into service what is active, or nothing. @param retry whether to try a refused model
   *  again at once */
  async refresh(retry: boolean): Promise<void> {
    const former = this.keeper.current;
    await this.keeper.refresh(retry);
    const { current } = this.keeper;
    if (current === former) return;
    if (current === null) this.taggings.clear();
    this.options.log.info(
      current === null
        ? 'No tag model is in service.'
        : `Tag model ${current.active.modelId} is in service.`,
    );
  }

  /** A tagging of this user may have been added or removed. */
  historyChanged(userId: number): void {
    if (this.keeper.current !== null) this.taggings.historyChanged(userId);
  }

  /** Everything may have changed. */
  catalogChanged(): void {
    this.taggings.clear();
  }

  /** The tags nearest to the pair of user and movie, without what the user put on the movie
   *  already. The first call reads all taggings once.
   *  @param always false: null if neither user nor movie has a tag, since the model then ranks by
   *    popularity only
   *  @returns nearest first; null without a model */
  async recommend(
    { userId, movieId = null, k }: TagQuestion,
    catalog: CatalogSnapshot,
    always: boolean,
  ): Promise<NearTag[] | null> {
    const kept = this.keeper.current;
    if (kept === null) return null;
    const taggings = await this.taggings.upToDate();
    const evidence = taggings.of(userId, movieId);
    if (evidence.size === 0 && !always) return null;
    const without = movieId === null ? [] : taggings.tagsPut(userId, movieId);
    return kept.model.nearest({ userId, movieId, evidence, without, k }, catalog);
  }
}

interface TagPairQuestion {
  readonly userId: number;
  /** Null: no movie in particular. */
  readonly movieId: number | null;
  /** Of user and movie, by tag id. */
  readonly evidence: Evidence;
  /** Tag ids that must not be in the answer. */
  readonly without: readonly number[];
  readonly k: number;
}

interface PlacedTags {
  readonly of: CatalogSnapshot['tags'];
  readonly space: TagSpace;
  /** Catalog tag by row; undefined for a deleted one. */
  readonly tags: readonly (TagRow | undefined)[];
  readonly rows: ReadonlyMap<number, number>;
}

/** A stored tag model, queried by ids, over one state of the catalog: tags that came after training
 *  have rows after the trained ones. */
class ServedTagModel {
  private readonly trained: TagSpace;
  private readonly tagIds: Int32Array;
  private readonly userRows: ReadonlyMap<number, number>;
  private readonly itemRows: ReadonlyMap<number, number>;
  private placed: PlacedTags | undefined;

  /** @throws CorruptArtifactError */
  constructor(artifact: Artifact) {
    this.trained = readTagSpace(artifact);
    const ids = readTagIds(artifact);
    const { arrays, embeddingSize: d, tagCount } = this.trained;
    checkTagIds(ids, { users: arrays.users.length / d, items: arrays.items.length / d, tags: tagCount });
    this.tagIds = ids.tags;
    this.userRows = rowsOf(ids.users);
    this.itemRows = rowsOf(ids.items);
  }

  /** @returns nearest first, with the Euclidean distance in d + T dimensions */
  nearest(
    { userId, movieId, evidence, without, k }: TagPairQuestion,
    catalog: CatalogSnapshot,
  ): { tag: TagRow; distance: number }[] {
    const { space, tags, rows } = this.over(catalog);
    const user = this.userRows.get(userId) ?? -1;
    const item = this.itemRows.get(movieId ?? Number.NaN) ?? -1;
    const point = space.pairPoint(user, item, inRows(evidence, rows));
    const skip = new Bitset(space.tagCount);
    tags.forEach((tag, row) => {
      if (tag === undefined) skip.add(row);
    });
    for (const row of without.map((id) => rows.get(id))) if (row !== undefined) skip.add(row);
    const scores = new Float32Array(space.tagCount);
    space.scores(point, scores);
    const best = topK(scores, k, skip);
    return space
      .distances(point, best)
      .map((distance, at) => ({ tag: tags[best[at]] as TagRow, distance }))
      .sort((a, b) => a.distance - b.distance); // the scores have single precision
  }

  private over({ tags }: CatalogSnapshot): PlacedTags {
    const former = this.placed;
    if (former?.of === tags) return former;
    const trained = new Set(this.tagIds);
    const ids = [...this.tagIds, ...[...tags.keys()].filter((id) => !trained.has(id))];
    const space =
      former?.tags.length === ids.length
        ? former.space
        : withNewTags(this.trained, ids.length - this.tagIds.length);
    this.placed = { of: tags, space, tags: ids.map((id) => tags.get(id)), rows: rowsOf(ids) };
    return this.placed;
  }
}

function rowsOf(ids: Iterable<number>): Map<number, number> {
  return new Map(Array.from(ids, (id, row) => [id, row]));
}

/** Dense rows in place of ids. A tag just created by another server may be unknown here for a
 *  moment: it is skipped. */
function inRows({ size, tags, counts, totals }: Evidence, rows: ReadonlyMap<number, number>): Evidence {
  const kept = Array.from({ length: size }, (_, at) => at).filter((at) => rows.has(tags[at]));
  return {
    size: kept.length,
    tags: Int32Array.from(kept, (at) => rows.get(tags[at]) as number),
    counts: counts.map((column) => Float64Array.from(kept, (at) => column[at])),
    totals,
  };
}
