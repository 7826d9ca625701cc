/** Settings of the tag tower; the defaults were chosen on the validation posts of ml-10m-tags
 *  (docs/tags.md). */
import { z } from 'zod';

export const tagTowerHyperparameters = z.strictObject({
  embeddingSize: z
    .int()
    .min(1)
    .max(512)
    .default(16)
    .describe('Dimensions of the learned points (d), beside the tag axes.'),
  epochs: z.int().min(1).max(1_000).default(3).describe('Passes of as many draws as there are posts.'),
  batchSize: z.int().min(1).max(65_536).default(64).describe('Posts a step.'),
  learningRate: z
    .number()
    .positive()
    .max(1)
    .default(0.01)
    .describe('Step size of Adam at the start; it falls linearly to a twentieth.'),
  negatives: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(256)
    .describe('Tags sampled for each batch; with as many as there are, the softmax is exact.'),
  regularization: z.number().min(0).max(10).default(0.001).describe('λ of the points.'),
  gateRegularization: z
    .number()
    .min(0)
    .max(10)
    .default(0.0003)
    .describe('λ of the gates, which keep a tag near the average tag.'),
  trustRegularization: z
    .number()
    .min(0)
    .max(10)
    .default(0.002)
    .describe('λ of the trusts, which keep a user and an item near the average.'),
  dropout: z
    .number()
    .min(0)
    .max(0.95)
    .default(0.5)
    .describe('How often what was learned of a user or an item is left out: the evidence has to do alone.'),
  evidenceDropout: z
    .number()
    .min(0)
    .max(0.95)
    .default(0.1)
    .describe('How often all posts of the user, or of the item, are left out.'),
  balance: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe(
      'A post is drawn in proportion to 1 / (posts of its user)^balance: 0 draws posts evenly, 1 users.',
    ),
});
export type TagTowerHyperparameters = z.output<typeof tagTowerHyperparameters>;
