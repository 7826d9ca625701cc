/** A trained model as plain data: named arrays and a JSON description. What it is stored and
 *  published as. */
import { AppError } from '../errors';

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

/** A stored model that cannot be read back: truncated, of wrong shape, or with numbers that are not
 *  finite. */
export class CorruptArtifactError extends AppError {
  readonly code = 'ARTIFACT_CORRUPT';
}

/** @throws CorruptArtifactError unless the array has as many values as its shape says and each is
 *    finite */
export function checkNamedArray(name: string, { data, shape }: NamedArray): void {
  if (!shape.every((side) => Number.isInteger(side) && side >= 0)) {
    throw new CorruptArtifactError(`Array ${name} has the impossible shape [${shape.join(', ')}].`);
  }
  const size = shape.reduce((product, side) => product * side, 1);
  if (size !== data.length) {
    throw new CorruptArtifactError(
      `Array ${name} has ${data.length} values, its shape [${shape.join(', ')}] wants ${size}.`,
    );
  }
  if (data instanceof Int32Array) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new CorruptArtifactError(`Array ${name} holds ${data[at]} at position ${at}.`);
}
