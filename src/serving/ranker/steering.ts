/** "Near *time travel*, for me": the query point of a list that is steered by tags.
 *
 *    q = u + s · mean over the tags of (t − t̄),   t̄ the middle of all tag points, s the strength
 *
 *  The nearest to q are those with the least ‖x − u‖² − 2 s x·(t − t̄): near to the user, and far
 *  in the direction that sets the tag apart. (The point between user and tag, a weighted sum of
 *  both squared distances, was tried: it is too close to the center of all points, and matches both
 *  the tag and the user less well; docs/recommendations.md has the figures.) */
import type { LiveModel } from '../models/live-model';

/** On held-out films that carry the tag, 1 finds as many as 2; the lists stay nearer to the
 *  person. */
const STRENGTH = 1;

const middles = new WeakMap<Float32Array, Float32Array>();

/** @param point [d] the point the list is near to; null: the tags alone
 *  @returns [d]; `point` itself when no tag has a place */
export function steeredPoint(
  model: LiveModel,
  point: Float32Array | null,
  tagIds: readonly number[],
): Float32Array | null {
  const { embeddingSize: d, tagPoints } = model.space;
  const placed = tagIds.map((tagId) => placeOf(model, tagId)).filter((place) => place !== null);
  if (placed.length === 0) return point;
  const target = new Float32Array(point ?? middleOf(tagPoints, d));
  for (const { tag, middle } of placed)
    for (let k = 0; k < d; k++) target[k] += (STRENGTH * (tag[k] - middle[k])) / placed.length;
  return target;
}

/** Where training put the tag, among the tags; for one that came after it, the middle of the movies
 *  that carry it, among the movies. */
function placeOf(
  model: LiveModel,
  tagId: number,
): { readonly tag: Float32Array; readonly middle: Float32Array } | null {
  const { embeddingSize: d, tagPoints } = model.space;
  const learned = model.tagPoint(tagId);
  if (learned !== null) return { tag: learned, middle: middleOf(tagPoints, d) };
  const tag = model.middleOfTagged(tagId);
  return tag && { tag, middle: middleOf(model.placement.points, d) };
}

/** @param points [n, d] @returns [d] their mean, computed once; zeros for none */
function middleOf(points: Float32Array, d: number): Float32Array {
  const known = middles.get(points);
  if (known !== undefined) return known;
  const middle = new Float32Array(d);
  const sums = new Float64Array(d);
  for (let at = 0; at < points.length; at++) sums[at % d] += points[at];
  for (let k = 0; k < d && points.length > 0; k++) middle[k] = sums[k] / (points.length / d);
  middles.set(points, middle);
  return middle;
}
