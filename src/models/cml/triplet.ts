/** CML's loss for one triplet of a user u, an item i that the user has and an impostor j:
 *
 *    L = w [m + ‖u − i‖² − ‖u − j‖²]₊      (Hsieh et al., WWW 2017, eq. 1 and 2; w = ln(rank +
 *  1)) */
import type { Numbers } from '../impostors';

export interface Triplet {
  /** Each d values: [array, position of the first] */
  readonly user: readonly [Numbers, number];
  readonly positive: readonly [Numbers, number];
  readonly negative: readonly [Numbers, number];
}

export interface TripletGradient {
  /** [d] each, overwritten */
  readonly user: Float64Array;
  readonly positive: Float64Array;
  readonly negative: Float64Array;
}

export const tripletGradient = (d: number): TripletGradient => ({
  user: new Float64Array(d),
  positive: new Float64Array(d),
  negative: new Float64Array(d),
});

/** The gradient of L where the hinge is open. */
export function differentiate(
  { user, positive, negative }: Triplet,
  weight: number,
  out: TripletGradient,
): void {
  const [[us, u], [ps, p], [ns, n]] = [user, positive, negative];
  const { user: ofUser, positive: ofPositive, negative: ofNegative } = out;
  const twice = 2 * weight;
  for (let k = 0; k < ofUser.length; k++) {
    const x = us[u + k];
    const i = ps[p + k];
    const j = ns[n + k];
    ofUser[k] = twice * (j - i);
    ofPositive[k] = twice * (i - x);
    ofNegative[k] = twice * (x - j);
  }
}
