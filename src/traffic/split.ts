/** A traffic split: which share of the users is answered from which model. */

export interface Share {
  readonly modelId: number;
  /** Beside those of the others. 0: taken out while the split ran; its outcomes stay. */
  readonly weight: number;
}

export interface Split {
  readonly id: number;
  /** Decides, with a user's id, which model they get. */
  readonly seed: number;
  /** Grows with every change of the shares. */
  readonly version: number;
  readonly startedAt: Date;
  /** Null while it runs. */
  readonly endedAt: Date | null;
  /** The first is what the others are compared with; those with weight 0 come last. */
  readonly shares: readonly Share[];
}
