/** The tables that the tag tower learns. */
import type { Random } from '../../numeric/random';
import { SOURCES } from './tag-evidence';
import { expectedShape, MIXTURE_SIZE, TAG_SPACE_ARRAYS, type TagSpaceArrays } from './tag-space';

export type Tables = { readonly [name in keyof TagSpaceArrays]: RowTable };

export interface Sizes {
  readonly users: number;
  readonly items: number;
  readonly tags: number;
}

export interface Decays {
  /** λ of all points. */
  readonly regularization: number;
  /** λ of the gates. */
  readonly gateRegularization: number;
  /** λ of the trusts. */
  readonly trustRegularization: number;
}

/** Initial standard deviation of the tags' points. */
const SPREAD = 0.1;
/** Of users' and items' points, about which a post says more: they start nearer to zero. */
const NARROW = 0.03;
/** An item's evidence is worth about the same as a user's at the start; both outweigh the prior's
 *  1. */
const START = [3, 3, 3, 3, 1, 0, 0, 0, 0, 0, 0];

export function initialTables(sizes: Sizes, d: number, decays: Decays, random: Random): Tables {
  const normal = (length: number, spread: number): Float64Array =>
    Float64Array.from({ length }, () => random.normal() * spread);
  const data: TagSpaceArrays<Float64Array> = {
    origin: new Float64Array(d),
    users: normal(sizes.users * d, NARROW),
    items: normal(sizes.items * d, NARROW),
    tags: normal(sizes.tags * d, SPREAD),
    userTags: normal(sizes.tags * d, SPREAD),
    itemTags: normal(sizes.tags * d, SPREAD),
    prior: new Float64Array(sizes.tags),
    userGate: new Float64Array(sizes.tags),
    itemGate: new Float64Array(sizes.tags),
    mixture: Float64Array.from(START),
    userTrust: new Float64Array(2 * sizes.users),
    itemTrust: new Float64Array(2 * sizes.items),
  };
  return tablesOf(data, d, decays);
}

export function tablesOf(data: TagSpaceArrays<Float64Array>, d: number, decays: Decays): Tables {
  const { regularization, gateRegularization, trustRegularization } = decays;
  const point = (table: Float64Array): RowTable => new RowTable(table, d, regularization);
  return {
    origin: new RowTable(data.origin, d, 0),
    users: point(data.users),
    items: point(data.items),
    tags: point(data.tags),
    userTags: point(data.userTags),
    itemTags: point(data.itemTags),
    prior: new RowTable(data.prior, 1, 0),
    userGate: new RowTable(data.userGate, 1, gateRegularization),
    itemGate: new RowTable(data.itemGate, 1, gateRegularization),
    mixture: new RowTable(data.mixture, MIXTURE_SIZE, 0),
    userTrust: new RowTable(data.userTrust, 2, trustRegularization),
    itemTrust: new RowTable(data.itemTrust, 2, trustRegularization),
  };
}

/** A copy in single precision.
 *  @param known rows with a post; the others were not trained and are zero */
export function snapshot(
  tables: Tables,
  d: number,
  known: { readonly users: Int32Array; readonly items: Int32Array },
): TagSpaceArrays {
  const arrays = Object.fromEntries(
    TAG_SPACE_ARRAYS.map((name) => [name, Float32Array.from(tables[name].data)]),
  ) as unknown as TagSpaceArrays;
  for (const side of ['users', 'items'] as const) {
    const seen = new Set(known[side]);
    for (let row = 0; row * d < arrays[side].length; row++)
      if (!seen.has(row)) arrays[side].fill(0, row * d, (row + 1) * d);
  }
  return arrays;
}

export function shapeOf(name: keyof TagSpaceArrays, d: number, sizes: Sizes): number[] {
  return expectedShape(
    name,
    d,
    sizes.tags,
    name === 'users' || name === 'userTrust' ? sizes.users : sizes.items,
  );
}

/** Where ln κ begins in the mixture. */
export const KAPPA = SOURCES;
/** Index of ln ω in the mixture. */
export const OMEGA = 2 * SOURCES;

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Adam (Kingma and Ba 2015, algorithm 1) on a table of which a step touches few rows: only those
 *  are moved, so that a step costs as much as the batch and not as much as the catalogue. A row's
 *  moments do not change in steps that do not touch it ("lazy" Adam). */
export class RowTable {
  readonly gradient: Float64Array;
  private readonly first: Float64Array;
  private readonly second: Float64Array;
  private readonly isTouched: Uint8Array;
  private readonly touched: Int32Array;
  private touchedCount = 0;

  /** @param data  [rows, width] row-major, changed in place
   *  @param decay λ of an L2 penalty ½ λ ‖row‖² on each touched row, once a step */
  constructor(
    readonly data: Float64Array,
    readonly width: number,
    private readonly decay: number,
  ) {
    this.gradient = new Float64Array(data.length);
    this.first = new Float64Array(data.length);
    this.second = new Float64Array(data.length);
    const rows = width === 0 ? 0 : data.length / width;
    this.isTouched = new Uint8Array(rows);
    this.touched = new Int32Array(rows);
  }

  /** Says that the gradient of a row is not zero.
   *  @returns where the row begins */
  touch(row: number): number {
    if (this.isTouched[row] === 0) {
      this.isTouched[row] = 1;
      this.touched[this.touchedCount++] = row;
    }
    return row * this.width;
  }

  /** Moves the touched rows against their gradient, and clears it.
   *  @param step from 1 */
  step(step: number, learningRate: number): void {
    const { data, gradient, first, second, width, decay } = this;
    const scale1 = 1 / (1 - BETA1 ** step);
    const scale2 = 1 / (1 - BETA2 ** step);
    for (let n = 0; n < this.touchedCount; n++) {
      const row = this.touched[n];
      this.isTouched[row] = 0;
      for (let k = row * width; k < (row + 1) * width; k++) {
        const g = gradient[k] + decay * data[k];
        first[k] += (1 - BETA1) * (g - first[k]);
        second[k] += (1 - BETA2) * (g * g - second[k]);
        data[k] -= (learningRate * first[k] * scale1) / (Math.sqrt(second[k] * scale2) + EPSILON);
        gradient[k] = 0;
      }
    }
    this.touchedCount = 0;
  }
}
