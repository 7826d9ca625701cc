/** How the learning rate goes over the steps of a training. */

/** @param step 0 for the first step @returns the learning rate of that step, ≥ 0 */
export type Schedule = (step: number) => number;

export interface CosineDecayOptions {
  /** At the top */
  learningRate: number;
  /** The step at which the decay has ended, later ones keep the floor */
  totalSteps: number;
  /** Linear rise from learningRate / warmupSteps over the first steps */
  warmupSteps?: number;
  /** Fraction of learningRate at the end, [0, 1] */
  floor?: number;
}

/** Half a cosine from learningRate to floor · learningRate (Loshchilov & Hutter, ICLR 2017, eq. 5,
 *  one cycle).
 *  @throws RangeError when the steps do not fit each other */
export function cosineDecay({
  learningRate,
  totalSteps,
  warmupSteps = 0,
  floor = 0,
}: CosineDecayOptions): Schedule {
  if (!(totalSteps > warmupSteps && warmupSteps >= 0))
    throw new RangeError(`${warmupSteps} warm-up steps do not fit in ${totalSteps}`);
  return (step) => {
    if (step < warmupSteps) return (learningRate * (step + 1)) / warmupSteps;
    const progress = Math.min(1, (step - warmupSteps) / (totalSteps - warmupSteps));
    return learningRate * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * progress))) / 2);
  };
}
