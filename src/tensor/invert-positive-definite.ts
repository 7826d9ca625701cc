/** The inverse of a large symmetric positive definite matrix, its products on the engine.
 *
 *  Block sweep (Gauss and Jordan's elimination in the symmetric form of Beaton 1964; Golub and Van
 *  Loan, 4.2): sweeping block k replaces A(k,k) by −A(k,k)⁻¹, A(i,k) by A(i,k) A(k,k)⁻¹ and A(i,j)
 *  by A(i,j) − A(i,k) A(k,k)⁻¹ A(k,j); when all are swept, −A⁻¹ is left. Without pivoting it is
 *  stable where A is positive definite. Only the tiles on and below the diagonal exist: n³ / 2
 *  products, as many as Cholesky's way, and nearly all of them in full matrix products. */
import type { Tensor2D } from '@tensorflow/tfjs';
import { choleskyInverse } from '../numeric/cholesky';
import { type BackendName, loadEngine } from './engine';
import { tf } from './tf';

/** 37e9 products a second native and 13e9 on wasm; with 256 it is 23e9 and 12e9. */
const TILE = 512;

interface InversionOptions {
  /** Native, else wasm, without it. */
  readonly backend?: BackendName | undefined;
  /** Called often: may yield to the event loop, and throw to abort. @param fraction of the work
   *  done, 0 to 1 */
  pause?(fraction: number): Promise<void>;
}

/** Products are in single precision: the relative error is about 1e-7 times the condition number.
 *  Up to 512 rows need no engine and are in double precision.
 *  @param matrix [n, n] row-major, its lower triangle is read; replaced by the inverse, both
 *    triangles
 *  @throws NotPositiveDefiniteError (`matrix` is then unchanged), BackendUnavailableError, and what
 *    `pause` throws */
export async function invertPositiveDefinite(
  matrix: Float32Array,
  n: number,
  { backend, pause }: InversionOptions = {},
): Promise<void> {
  if (n <= TILE) {
    matrix.set(choleskyInverse(Float64Array.from(matrix), n));
    return;
  }
  await loadEngine({ backend });
  const tiles = new Tiles(n);
  const turn = async (done: number) => pause?.(Math.min(1, done / tiles.count));
  try {
    for (let i = 0; i < tiles.count; i++) {
      tiles.readRow(matrix, i);
      await turn(0);
    }
    for (let k = 0; k < tiles.count; k++) await sweep(tiles, k, (part) => turn(k + part));
    for (let i = 0; i < tiles.count; i++) {
      tiles.writeNegativeRow(matrix, i);
      await turn(tiles.count);
    }
  } finally {
    tiles.dispose();
  }
}

async function sweep(tiles: Tiles, k: number, pause: (part: number) => Promise<void>): Promise<void> {
  const pivot = tiles.pivotInverse(k);
  const others = Array.from({ length: tiles.count }, (_, i) => i).filter((i) => i !== k);
  // columns[i] = A(i,k), scaled[i] = A(i,k) A(k,k)⁻¹, both [rows of i, rows of k]; rows[i] =
  // columns[i]ᵀ
  const columns: Tensor2D[] = [];
  const rows: Tensor2D[] = [];
  const scaled: Tensor2D[] = [];
  try {
    for (const i of others) {
      const column = tiles.below(i, k);
      columns.push(column);
      rows.push(tf.transpose<Tensor2D>(column));
      scaled.push(tf.matMul<Tensor2D>(column, pivot));
      await pause(0);
    }
    for (const [at, i] of others.entries()) {
      for (let before = 0; before <= at; before++) {
        const j = others[before];
        tiles.replace(
          i,
          j,
          tf.tidy(() => tf.sub<Tensor2D>(tiles.at(i, j), tf.matMul(scaled[at], rows[before]))),
        );
      }
      await pause((at + 1) / others.length);
    }
    for (const [at, i] of others.entries()) {
      if (i > k) tiles.replace(i, k, scaled[at].clone());
      else tiles.replace(k, i, tf.transpose<Tensor2D>(scaled[at]));
    }
    tiles.replace(k, k, tf.neg(pivot));
  } finally {
    tf.dispose([pivot, ...columns, ...rows, ...scaled]);
  }
}

/** The tiles on and below the diagonal of a symmetric matrix. */
class Tiles {
  readonly count: number;
  private readonly tiles: Tensor2D[][] = [];

  constructor(private readonly n: number) {
    this.count = Math.ceil(n / TILE);
  }

  /** The tiles of row i, from the lower triangle. */
  readRow(matrix: Float32Array, i: number): void {
    this.tiles[i] = [];
    for (let j = 0; j <= i; j++) {
      const [height, width] = [this.side(i), this.side(j)];
      const values = new Float32Array(height * width);
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          const [r, c] = [i * TILE + row, j * TILE + column];
          values[row * width + column] = r >= c ? matrix[r * this.n + c] : matrix[c * this.n + r];
        }
      }
      this.tiles[i].push(tf.tensor2d(values, [height, width]));
    }
  }

  at(i: number, j: number): Tensor2D {
    return this.tiles[i][j];
  }

  /** @returns a new tensor: A(i, k), whichever side of the diagonal it is on */
  below(i: number, k: number): Tensor2D {
    return i > k ? this.tiles[i][k].clone() : tf.transpose(this.tiles[k][i]);
  }

  /** @returns a new tensor, inverted in double precision */
  pivotInverse(k: number): Tensor2D {
    const side = this.side(k);
    const inverse = choleskyInverse(Float64Array.from(this.tiles[k][k].dataSync()), side);
    return tf.tensor2d(Float32Array.from(inverse), [side, side]);
  }

  replace(i: number, j: number, tile: Tensor2D): void {
    this.tiles[i][j].dispose();
    this.tiles[i][j] = tile;
  }

  /** Row i's tiles and, beyond the diagonal, their mirror images. */
  writeNegativeRow(matrix: Float32Array, i: number): void {
    for (let j = 0; j <= i; j++) {
      const values = this.tiles[i][j].dataSync();
      const [height, width] = [this.side(i), this.side(j)];
      for (let row = 0; row < height; row++) {
        const r = i * TILE + row;
        // Of a tile on the diagonal, the lower half counts for both.
        const until = i === j ? row + 1 : width;
        for (let column = 0; column < until; column++) {
          const c = j * TILE + column;
          const value = -values[row * width + column];
          matrix[r * this.n + c] = value;
          matrix[c * this.n + r] = value;
        }
      }
    }
  }

  dispose(): void {
    tf.dispose(this.tiles.flat());
  }

  private side(i: number): number {
    return Math.min(TILE, this.n - i * TILE);
  }
}
