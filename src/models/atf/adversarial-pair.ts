/** Adversarial personalised ranking on one pair (He, He, Du and Chua, SIGIR 2018, eq. 6 to 11): a
 *  query z prefers the item i to the item j, and shall still do so when every factor is moved by ε
 *  in the worst direction.
 *
 *    δ = h_i − h_j,   x = z · δ + b_i − b_j,   L = −ln σ(x) − λ ln σ(x̂),   x̂ = (z + Δz) · (δ + Δδ) + b_i − b_j
 *
 *  The worst directions are those of the gradient of −ln σ(x): −δ for z, −z for h_i and z for h_j;
 *  so Δz = −ε s δ/‖δ‖, where z is the sum of s perturbed factors, and Δδ = −2 ε z/‖z‖. They are
 *  constants to the gradient of L, which therefore needs three numbers only:
 *
 *    −∂L/∂z = pull δ − towardsQuery z,   −∂L/∂h_i = pull z − towardsItems δ = ∂L/∂h_j,   −∂L/∂b_i = pull = ∂L/∂b_j
 */

export interface Adversary {
  /** ε, length of a perturbation */
  readonly epsilon: number;
  /** λ, weight of the perturbed pair */
  readonly adversarialWeight: number;
}

export class AdversarialPair {
  pull = 0;
  towardsQuery = 0;
  towardsItems = 0;
  loss = 0;

  constructor(private readonly adversary: Adversary) {}

  /** @param product z · δ
   *  @param bias    b_i − b_j
   *  @param zz      ‖z‖²
   *  @param dd      ‖δ‖²
   *  @param parts   s, how many perturbed factors z is the sum of */
  differentiate(product: number, bias: number, zz: number, dd: number, parts: number): void {
    const { epsilon, adversarialWeight } = this.adversary;
    const x = product + bias;
    this.pull = 1 / (1 + Math.exp(x));
    this.loss = logOnePlusExp(-x);
    this.towardsQuery = 0;
    this.towardsItems = 0;
    if (adversarialWeight === 0) return;
    // A vector of length 0 has no direction to be pushed in.
    const a = dd > 0 ? (epsilon * parts) / Math.sqrt(dd) : 0;
    const b = zz > 0 ? (2 * epsilon) / Math.sqrt(zz) : 0;
    const perturbed = product * (1 + a * b) - a * dd - b * zz + bias;
    const mistake = adversarialWeight / (1 + Math.exp(perturbed));
    this.pull += mistake;
    this.towardsQuery = mistake * b;
    this.towardsItems = mistake * a;
    this.loss += adversarialWeight * logOnePlusExp(-perturbed);
  }
}

/** ln(1 + eˣ) without overflow. */
function logOnePlusExp(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
