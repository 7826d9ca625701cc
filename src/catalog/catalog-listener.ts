/** Who wants to know of a write, so that the very next answer reflects it. Awaited before the
 *  mutation answers. */
export interface CatalogListener {
  /** The user's ratings or tags have changed. */
  historyChanged(userId: number): void | Promise<void>;
  /** The movie is new or has changed, its tags included. */
  movieChanged(movieId: number): void | Promise<void>;
  /** A tag was put on the movie or taken off it; the tag may be new. */
  tagsChanged(movieId: number): void | Promise<void>;
}

/** For a process without a model in memory. */
export const NO_LISTENER: CatalogListener = {
  historyChanged: () => undefined,
  movieChanged: () => undefined,
  tagsChanged: () => undefined,
};
