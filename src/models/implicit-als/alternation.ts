/** One epoch of alternating least squares: all users with the items fixed, then all items with the
 *  users fixed. */
import type { Csr } from '../../interactions/csr';
import type { Turns } from '../turns';
import { FactorSolver } from './factor-solver';

export interface AlsSettings {
  readonly embeddingSize: number;
  readonly regularization: number;
  readonly regularizationExponent: number;
  readonly unobservedWeight: number;
}

/** λ_u = λ (|S_u| + α₀ n)^ν with n the number of rows on the other side (Rendle et al., RecSys
 *  2022, eq. 2). */
export function scaledRegularization(settings: AlsSettings, interactions: number, others: number): number {
  return (
    settings.regularization *
    (interactions + settings.unobservedWeight * others) ** settings.regularizationExponent
  );
}

/** Solves every row of one side.
 *  @param rows   what each row interacted with
 *  @param fixed  [n, d] the other side
 *  @param target [R, d], overwritten
 *  @param report of the rows done, 0 to 1 */
export async function solveSide(
  {
    rows,
    fixed,
    target,
  }: { readonly rows: Csr; readonly fixed: Float32Array; readonly target: Float32Array },
  settings: AlsSettings,
  turns: Turns,
  report: (part: number) => number,
): Promise<void> {
  const d = settings.embeddingSize;
  const solver = new FactorSolver(fixed, d, settings.unobservedWeight);
  const solution = new Float64Array(d);
  const count = rows.offsets.length - 1;
  for (let row = 0; row < count; row++) {
    const own = rows.indices.subarray(rows.offsets[row], rows.offsets[row + 1]);
    solver.solve(own, scaledRegularization(settings, own.length, fixed.length / d), solution);
    target.set(solution, row * d);
    if (turns.due()) await turns.take(report(row / count));
  }
}

/** The objective that every half epoch lowers: Σ over observed of (w·h − 1)² + α₀ Σ over all of
 *  (w·h)² + Σ over users of λ_u ‖w‖² + Σ over items of λ_i ‖h‖². */
export function objective(
  users: { readonly rows: Csr; readonly factors: Float32Array },
  items: { readonly rows: Csr; readonly factors: Float32Array },
  settings: AlsSettings,
): number {
  const d = settings.embeddingSize;
  const { offsets, indices } = users.rows;
  let loss = new FactorSolver(items.factors, d, settings.unobservedWeight).unobservedLoss(users.factors);
  for (let user = 0; user + 1 < offsets.length; user++) {
    for (let at = offsets[user]; at < offsets[user + 1]; at++) {
      let score = 0;
      for (let k = 0; k < d; k++) score += users.factors[user * d + k] * items.factors[indices[at] * d + k];
      loss += (score - 1) ** 2;
    }
  }
  const pairs = [
    { side: users, others: items.factors.length / d },
    { side: items, others: users.factors.length / d },
  ];
  for (const { side, others } of pairs) {
    for (let row = 0; row + 1 < side.rows.offsets.length; row++) {
      let square = 0;
      for (let k = 0; k < d; k++) square += side.factors[row * d + k] ** 2;
      loss +=
        scaledRegularization(settings, side.rows.offsets[row + 1] - side.rows.offsets[row], others) * square;
    }
  }
  return loss;
}
