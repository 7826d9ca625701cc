/** A trained model as plain data: named arrays and a JSON description. What it is stored and published as. */

export interface NamedArray {
  /** Row-major. */
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

export interface Artifact {
  /** Names the algorithm and whatever it needs to read itself again. */
  readonly kind: string;
  readonly format: 1;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly arrays: Readonly<Record<string, NamedArray>>;
}
