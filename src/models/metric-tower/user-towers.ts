/** The user towers of all members, in tensors. */
import type { Tensor2D } from '@tensorflow/tfjs';
import { columnsOf, memberParameters, partOf } from './members';
import { type ParameterTensors, type UserInput, userTower } from './towers';

/** @param points [H, d] history points @param input its masks stand member after member
 *  @returns M times [Q, w]; beside each other they are the users' points in the whole space */
export function userTowers(
  parameters: ParameterTensors,
  points: Tensor2D,
  input: UserInput,
  members: number,
): Tensor2D[] {
  const { histories, featureMask } = input;
  const known = columnsOf(points, members);
  return memberParameters(parameters, members).map((own, member) =>
    userTower(own, known[member], {
      ...input,
      histories: { ...histories, mask: partOf(histories.mask, member, members) },
      featureMask: partOf(featureMask, member, members),
    }),
  );
}
