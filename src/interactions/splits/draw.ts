/** A random share of users or items for validation and another for test. */
import { splitmix64 } from '../../numeric/random';
import type { SplitName } from './split';

/** The members in an order drawn from seed and external id; the first share is the test's, the next
 *  the validation's. Who joins or leaves the data moves only the ends of the shares. Nobody is
 *  drawn of fewer than 3: one has to stay.
 *  @param members dense indices
 *  @param ids     external ids by dense index
 *  @returns dense indices, ascending */
export function drawnMembers(
  members: Int32Array,
  ids: Int32Array,
  share: number,
  seed: number,
): Readonly<Record<SplitName, Int32Array>> {
  const size = members.length < 3 ? 0 : Math.max(1, Math.round(share * members.length));
  const stream = splitmix64(BigInt(seed))();
  const place = new BigUint64Array(ids.length);
  for (const member of members)
    place[member] = splitmix64(stream ^ BigInt.asUintN(32, BigInt(ids[member])))();
  const order = members.slice().sort((a, b) => (place[a] < place[b] ? -1 : 1));
  return { TEST: order.slice(0, size).sort(), VALIDATION: order.slice(size, 2 * size).sort() };
}
