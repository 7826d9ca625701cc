/** LRML's loss for a user p, an item q that the user has, and an item j that the user has not:
 *
 *    L = [m + ‖p + r − q‖² − ‖p + r − j‖²]₊      (Tay et al., WWW 2018, eq. 6 and 7)
 *
 *  r is the relation of p and q in both distances, as in the authors' code; the ranking gives each
 *  item its own. */
import type { Numbers } from '../impostors';
import type { Relation } from './relation';

export interface LrmlGradient {
  /** [d] each, overwritten */
  readonly user: Float64Array;
  readonly positive: Float64Array;
  readonly negative: Float64Array;
  /** [d] ∂L/∂r */
  readonly relation: Float64Array;
}

export const lrmlGradient = (d: number): LrmlGradient => ({
  user: new Float64Array(d),
  positive: new Float64Array(d),
  negative: new Float64Array(d),
  relation: new Float64Array(d),
});

export interface LrmlPair {
  /** [array, position of the first of d values] */
  readonly user: readonly [Numbers, number];
  readonly positive: readonly [Numbers, number];
  readonly negative: readonly [Numbers, number];
}

/** The gradient where the hinge is open; `relation` has attended to this user and positive item. */
export function differentiatePair(
  { user, positive, negative }: LrmlPair,
  relation: Relation,
  out: LrmlGradient,
): void {
  const [[us, u], [ps, p], [ns, n]] = [user, positive, negative];
  const r = relation.vector;
  for (let k = 0; k < r.length; k++) {
    const query = us[u + k] + r[k];
    const i = ps[p + k];
    const j = ns[n + k];
    const both = 2 * (j - i);
    out.user[k] = both;
    out.relation[k] = both;
    out.positive[k] = 2 * (i - query);
    out.negative[k] = 2 * (query - j);
  }
  relation.differentiate(out.relation, us, u, ps, p, { user: out.user, item: out.positive });
}
