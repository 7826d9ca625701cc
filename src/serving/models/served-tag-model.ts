/** A stored tag model, asked by ids, over one state of the catalog: tags that came after training
 *  have a row behind the trained ones. */
import type { Tag } from '../../catalog/tag.entity';
import type { Artifact } from '../../models/artifact';
import type { Evidence } from '../../models/tag-tower/tag-evidence';
import { checkTagIds, readTagIds } from '../../models/tag-tower/tag-ids';
import { readTagSpace, type TagSpace, withNewTags } from '../../models/tag-tower/tag-space';
import { Bitset } from '../../numeric/bitset';
import { topK } from '../../numeric/top-k';
import type { CatalogSnapshot } from '../states/catalog-snapshot';

export interface TagPairQuestion {
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
  readonly space: TagSpace;
  /** Catalog tag by row; undefined for one that is gone. */
  readonly tags: readonly (Tag | undefined)[];
  readonly rows: ReadonlyMap<number, number>;
}

export class ServedTagModel {
  private readonly trained: TagSpace;
  private readonly tagIds: Int32Array;
  private readonly userRows: ReadonlyMap<number, number>;
  private readonly itemRows: ReadonlyMap<number, number>;
  private placed: { readonly of: CatalogSnapshot['tags']; readonly tags: PlacedTags } | undefined;

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
  ): { tag: Tag; distance: number }[] {
    const { space, tags, rows } = this.over(catalog);
    const [user, item] = [this.userRows.get(userId) ?? -1, this.itemRows.get(movieId ?? Number.NaN) ?? -1];
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
      .map((distance, at) => ({ tag: tags[best[at]] as Tag, distance }))
      .sort((a, b) => a.distance - b.distance); // the scores have single precision
  }

  private over({ tags: known }: CatalogSnapshot): PlacedTags {
    if (this.placed?.of === known) return this.placed.tags;
    const trained = new Set(this.tagIds);
    const ids = [...this.tagIds, ...[...known.keys()].filter((id) => !trained.has(id))];
    const former = this.placed?.tags;
    const space =
      former?.tags.length === ids.length
        ? former.space
        : withNewTags(this.trained, ids.length - this.tagIds.length);
    const tags: PlacedTags = { space, tags: ids.map((id) => known.get(id)), rows: rowsOf(ids) };
    this.placed = { of: known, tags };
    return tags;
  }
}

function rowsOf(ids: Iterable<number>): Map<number, number> {
  return new Map(Array.from(ids, (id, row) => [id, row]));
}

/** Dense rows in place of ids. A tag that another server has just made may be unknown here for a
 *  moment: it is left out. */
function inRows({ size, tags, counts, totals }: Evidence, rows: ReadonlyMap<number, number>): Evidence {
  const kept = Array.from({ length: size }, (_, at) => at).filter((at) => rows.has(tags[at]));
  return {
    size: kept.length,
    tags: Int32Array.from(kept, (at) => rows.get(tags[at]) as number),
    counts: counts.map((column) => Float64Array.from(kept, (at) => column[at])),
    totals,
  };
}
