/** Tag towers that were stored before there was the fifth source, and before there were trusts:
 *  they are read as what they are among the others, towers for which the fifth source is silent and
 *  every trust is 0. They score as they did, to the bit. */
import type { Artifact, NamedArray } from '../artifact';

const FORMER_SOURCES = 4;
/** θ of a source that says nothing: exp(-1000) is 0 in double precision. */
const SILENT = -1_000;

/** @returns the artifact itself if it is not of those */
export function withEverySource(artifact: Artifact): Artifact {
  const { mixture, users, items, userTrust, itemTrust } = artifact.arrays;
  if (userTrust !== undefined || itemTrust !== undefined || mixture?.data.length !== 2 * FORMER_SOURCES + 1)
    return artifact;
  if (users === undefined || items === undefined) return artifact;
  const [theta, kappa] = [
    mixture.data.subarray(0, FORMER_SOURCES),
    mixture.data.subarray(FORMER_SOURCES, 2 * FORMER_SOURCES),
  ];
  const grown = Float32Array.of(...theta, SILENT, ...kappa, 0, mixture.data[2 * FORMER_SOURCES]);
  const noTrust = ({ shape }: NamedArray): NamedArray => ({
    data: new Float32Array(2 * shape[0]),
    shape: [shape[0], 2],
  });
  return {
    ...artifact,
    arrays: {
      ...artifact.arrays,
      mixture: { data: grown, shape: [grown.length] },
      userTrust: noTrust(users),
      itemTrust: noTrust(items),
    },
  };
}
