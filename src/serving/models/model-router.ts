/** Which users are answered from which model: what a traffic split decides, seen from here. */

export interface ModelRouter {
  /** Models that are to be kept in memory beside the active one. Read at every change and every
   *  look for changes. */
  modelIds(): readonly number[];
  /** Asked at every list for a known user, so it must not wait. @returns null for the active
   *  model */
  modelFor(userId: number): number | null;
  /** Told after every list for a known user that did not name its own model. It must not throw, and
   *  must not take long. */
  served(event: ServedList): void;
}

export interface ServedList {
  readonly userId: number;
  /** The model that the list came from: the active one where the routed one is not in memory. Null:
   *  there is no model. */
  readonly modelId: number | null;
  /** Best first. */
  readonly movieIds: readonly number[];
  readonly source: string;
}
