/** What can be set on the metric tower, in the field's words. Defaults are what won on
 *  ml-latest-small's validation data (docs/model.md). */
import { z } from 'zod';
import { RATING_LEVELS, ratingLevel } from './forward';

type Bounds = readonly [min: number, max: number];
const whole = ([min, max]: Bounds, value: number, description: string) =>
  z.int().min(min).max(max).default(value).describe(description);
const real = ([min, max]: Bounds, value: number, description: string) =>
  z.number().min(min).max(max).default(value).describe(description);

const settings = z.strictObject({
  embeddingSize: whole([2, 512], 64, 'Dimensions of the space.'),
  members: whole(
    [1, 16],
    1,
    'So many towers share the space, each with an equal part of its dimensions and hidden ' +
      'units and with a loss of its own: their distances add up, and their errors differ.',
  ),
  hiddenSize: whole(
    [1, 512],
    64,
    "Hidden units of the item tower's multi-layer perceptron over genres, year and tags.",
  ),
  userHiddenSize: whole(
    [0, 512],
    0,
    "Hidden units of the user tower's multi-layer perceptron over the pools and the newest " +
      'ratings (as many as `transitions`); 0: none.',
  ),
  epochs: whole([1, 500], 12, 'Passes over the interactions, unless validation stops training earlier.'),
  patience: whole(
    [1, 500],
    3,
    'Epochs without a better validation metric after which training stops; the best weights are kept.',
  ),
  learningRate: z
    .number()
    .positive()
    .max(1)
    .default(0.01)
    .describe("Adam's step size at the start; it decays to 0 along half a cosine."),
  regularization: real(
    [0, 10],
    0.01,
    'Weight of the mean squared length of the identity part of the points in a batch.',
  ),
  batchSize: whole([8, 65_536], 1024, 'Predicted interactions a step.'),
  window: whole(
    [1, 2_000],
    200,
    'Number of latest ratings of a history from which the point of its user is computed.',
  ),
  placeGates: whole(
    [0, 200],
    0,
    'So many of the last ratings have a gate of their own for their place in the history; 0 ' +
      'leaves the pools alone.',
  ),
  transitions: whole(
    [0, 32],
    0,
    'So many of the last ratings have a learned matrix for their place: what follows a movie ' +
      'need not lie where the movie does.',
  ),
  historyPoints: z
    .enum(['own', 'shared'])
    .default('shared')
    .describe(
      'Whether a movie has a point of its own as part of a history, beside the one it is ' +
        'recommended from.',
    ),
  dislikeStars: real(
    [0, 5],
    2,
    'Ratings of this many stars or fewer push away: their weight in the user tower is ' +
      '−dislikeWeight, not learned; 0: none.',
  ),
  dislikeWeight: real(
    [0, 5],
    0.3,
    'How strongly a dislike pushes, where a middling rating pulls with about 1.',
  ),
  likedTargets: z
    .enum(['all', 'liked'])
    .default('liked')
    .describe(
      'Whether a rating of `dislikeStars` or fewer is something to predict, as any other ' +
        '(all), or is left out of the loss (liked).',
    ),
  growth: real(
    [0, 1],
    0,
    'How much the pools grow with the history: 0 makes them means, 1 sums; between them S / ' +
      'Z^(1 − growth), Z being the weight of all ratings.',
  ),
  objective: z
    .enum(['next', 'heldOut'])
    .default('next')
    .describe(
      'next: every position of a history predicts the next rating, so order counts. heldOut: a ' +
        'random part of a history predicts the rest by a softmax over the whole catalogue.',
    ),
  knownShare: real(
    [0.05, 0.95],
    0.7,
    'Share of a history that is known while the rest is held out (heldOut only).',
  ),
  distillation: real(
    [0, 100],
    0,
    "Weight of EASE's scores as a teacher beside the held-out ratings (heldOut only); 0: no " + 'teacher.',
  ),
  teacherRegularization: real([1, 1_000_000], 500, "EASE's λ as a teacher."),
  teacherSharpness: z
    .number()
    .positive()
    .max(1_000)
    .default(8)
    .describe("The teacher's distribution is softmax(sharpness · score)."),
  loss: z
    .enum(['softmax', 'triplet'])
    .default('softmax')
    .describe('softmax over distances, or the triplet hinge max(0, d(a, p) − d(a, n) + margin).'),
  margin: z
    .number()
    .positive()
    .max(100)
    .default(1)
    .describe(
      'How much nearer than a negative the positive should be (triplet only), in units of the ' +
        'distance.',
    ),
  distance: z
    .enum(['squared', 'euclidean'])
    .default('squared')
    .describe('The distance inside the triplet loss; the ranking is the same.'),
  negatives: whole([1, 65_536], 1024, 'Sampled negative items a step, shared by its batch.'),
  hardNegatives: whole(
    [0, 65_536],
    50,
    'Number of negatives that count, the nearest to the user (triplet only); 0 counts all.',
  ),
  negativeExponent: real(
    [0, 1],
    0.5,
    'Negatives are drawn with a probability proportional to (ratings of the item)^exponent: 0 ' +
      'is uniform, 1 is popularity.',
  ),
  dropout: real([0, 0.95], 0.2, "Fraction of the history points' coordinates hidden in training."),
  userDropout: real(
    [0, 0.95],
    0,
    "Fraction of the inputs of the user tower's multi-layer perceptron hidden in training " +
      '(with `userHiddenSize` only).',
  ),
  identityDropout: real(
    [0, 0.95],
    0.05,
    'Fraction of items that are seen by their features alone in a step, so that a new item has ' +
      'a meaningful place.',
  ),
  userBalance: real(
    [0, 1],
    0.5,
    'A user with n interactions weighs n^(1 − balance): 0 counts interactions, 1 counts users.',
  ),
  tagWeight: real(
    [0, 100],
    0.1,
    "Weight of the tags' loss beside the items'; 0 leaves tags where they began.",
  ),
});

export const hyperparametersSchema = settings.superRefine(
  ({ members, embeddingSize, userHiddenSize }, check) => {
    for (const [name, size] of Object.entries({ embeddingSize, userHiddenSize })) {
      if (size % members === 0) continue;
      check.addIssue({
        code: 'custom',
        path: [name],
        message: `must be a multiple of members (${members}): each has an equal part.`,
      });
    }
  },
);

export type TwoTowerHyperparameters = z.infer<typeof hyperparametersSchema>;

/** Low ratings push away: their weight in the user tower is negative, by decision. Learned, every
 *  weight comes out positive: what a user chose to watch predicts the next choice better than its
 *  rating does (docs/model.md). */
export interface Dislikes {
  /** Upper bound of the stars of a dislike */
  readonly stars: number;
  /** How strongly they push, > 0 */
  readonly weight: number;
}

/** @returns null where every weight is learned */
export function dislikesOf({ dislikeStars, dislikeWeight }: TwoTowerHyperparameters): Dislikes | null {
  return dislikeStars === 0 ? null : { stars: dislikeStars, weight: dislikeWeight };
}

function isDislike(stars: number, dislikes: Dislikes | null): boolean {
  const level = ratingLevel(stars);
  return dislikes !== null && level > 0 && level <= ratingLevel(dislikes.stars);
}

/** @returns whether training does not predict a rating of this many stars */
export function leavesOut(settings: TwoTowerHyperparameters, stars: number): boolean {
  return settings.likedTargets === 'liked' && isDislike(stars, dislikesOf(settings));
}

/** @returns [L] 1 for the levels that push; a rating of unknown value never does */
export function dislikedLevels(dislikes: Dislikes): Float32Array {
  return Float32Array.from({ length: RATING_LEVELS }, (_, level) =>
    isDislike(level / 2, dislikes) ? 1 : 0,
  );
}

/** @param learned [L] @returns [L] what each level weighs in the published user tower */
export function publishedLevelWeights(learned: Float32Array, dislikes: Dislikes | null): Float32Array {
  return learned.map((weight, level) => (isDislike(level / 2, dislikes) ? -dislikes!.weight : weight));
}
