/** Who gets which model: weighted rendezvous hashing (Thaler and Ravishankar 1998; with weights,
 *  Mosko 2003). Pure. Each model draws an exponential variate for the user, with its weight as the
 *  rate, and the smallest wins: a model wins with the probability weight / sum of weights. A draw
 *  depends on seed, user and model alone, so a changed weight only moves users to a model whose
 *  relative weight has grown, or away from one whose relative weight has shrunk. */

export interface WeightedModel {
  readonly modelId: number;
  /** Above 0, finite. */
  readonly weight: number;
}

const { imul } = Math;

/** @param models at least one, in any order
 *  @returns the id of the user's model */
export function assign(seed: number, userId: number, models: readonly WeightedModel[]): number {
  const key = mix(mix(seed) ^ userId);
  let best = models[0].modelId;
  let least = Number.POSITIVE_INFINITY;
  for (const { modelId, weight } of models) {
    const uniform = (mix(key ^ imul(modelId, 0x9e37_79b1)) + 0.5) / 2 ** 32;
    const variate = -Math.log(uniform) / weight;
    if (variate < least) {
      least = variate;
      best = modelId;
    }
  }
  return best;
}

/** MurmurHash3's finaliser (Appleby 2011): every bit of the input turns half of the output's.
 *  @returns 32 bits, unsigned */
function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = imul(h, 0x85eb_ca6b);
  h ^= h >>> 13;
  h = imul(h, 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
