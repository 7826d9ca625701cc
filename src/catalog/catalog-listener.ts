/** Who wants to know of a write, so that the very next answer reflects it. Awaited before the mutation answers. */
export interface CatalogListener {
  /** The user's ratings or tags have changed. */
  historyChanged(userId: number): void | Promise<void>;
  /** The movie is new or has changed. */
  movieChanged(movieId: number): void | Promise<void>;
  /** A tag was put on a movie or taken off it; a tag may be new. */
  tagsChanged(): void | Promise<void>;
}

/** For a process without a model in memory. */
export const NO_LISTENER: CatalogListener = {
  historyChanged: () => undefined,
  movieChanged: () => undefined,
  tagsChanged: () => undefined,
};
