/** Told of every write before the mutation answers, so that the very next answer reflects it. */
export interface CatalogListener {
  /** The user's ratings or tags have changed. */
  historyChanged(userId: number): void | Promise<void>;
  /** The movie is new or has changed, its tags included. */
  movieChanged(movieId: number): void | Promise<void>;
  /** A tag was put on the movie or taken off it; the tag may be new. */
  tagsChanged(movieId: number): void | Promise<void>;
}
