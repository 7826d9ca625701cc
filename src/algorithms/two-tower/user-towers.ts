/** The user towers of all members, in tensors. */
import type { Tensor2D } from '@tensorflow/tfjs';
import { columnsOf, memberParameters, membersOf, partOf } from './members';
import { type ParameterTensors, type UserInput, userTower } from './towers';

/** @param points [H, d] history points @param input its masks stand member after member
 *  @returns M times [Q, w]; beside each other they are the users' points in the whole space */
export function userTowers(parameters: ParameterTensors, points: Tensor2D, input: UserInput, members: number): Tensor2D[] {
  const { histories, featureMask } = input;
  return membersOf({ members }).map((member) =>
    userTower(memberParameters(parameters, member), columnsOf(points, member), {
      ...input,
      histories: { ...histories, mask: partOf(histories.mask, member) },
      featureMask: partOf(featureMask, member),
    }),
  );
}
