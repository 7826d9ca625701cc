/** Which tags people put on which movies, both ways round; immutable. Counts by ids, so that it
 *  outlives any order of rows. */

/** Movies that changed since the index was made are looked through one by one, until there are as
 *  many as this. */
const MOST_CHANGED = 500;

export class TagIndex {
  /** @param byMovie distinct tag ids by movie id, as of some time
   *  @param changed the same for movies that changed since; these replace the former */
  constructor(
    private readonly byMovie: ReadonlyMap<number, readonly number[]>,
    private readonly changed: ReadonlyMap<number, readonly number[]> = new Map(),
    /** Of `byMovie`; made when it is first asked for. */
    private readonly byTag = lazily(() => invert(byMovie)),
  ) {}

  /** @returns distinct tag ids, in no order that matters */
  tagsOf(movieId: number): readonly number[] {
    return this.changed.get(movieId) ?? this.byMovie.get(movieId) ?? [];
  }

  /** @returns ids of the movies that carry the tag */
  moviesWith(tagId: number): number[] {
    const movieIds = (this.byTag().get(tagId) ?? []).filter((id) => !this.changed.has(id));
    for (const [movieId, tagIds] of this.changed) if (tagIds.includes(tagId)) movieIds.push(movieId);
    return movieIds;
  }

  /** @param changed tag ids by movie id; empty for a movie that has lost its last tag */
  with(changed: ReadonlyMap<number, readonly number[]>): TagIndex {
    const all = new Map([...this.changed, ...changed]);
    if (all.size <= MOST_CHANGED) return new TagIndex(this.byMovie, all, this.byTag);
    return new TagIndex(new Map([...this.byMovie, ...all]));
  }
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function invert(byMovie: ReadonlyMap<number, readonly number[]>): Map<number, number[]> {
  const byTag = new Map<number, number[]>();
  for (const [movieId, tagIds] of byMovie) {
    for (const tagId of tagIds) {
      const movieIds = byTag.get(tagId);
      if (movieIds) movieIds.push(movieId);
      else byTag.set(tagId, [movieId]);
    }
  }
  return byTag;
}
