/** Every resolver class of the product, in the order of the rooms. `main.ts` makes their instances;
 *  the schema is printed from the classes. */
import { ApiKeyResolver } from '../access/api-key.resolver';
import { CATALOG_RESOLVERS } from '../catalog/resolvers';
import { EXPERIMENT_RESOLVERS } from '../experiments/resolvers';
import { RetrainingResolver } from '../experiments/retraining/retraining.resolver';
import { RECOMMENDATION_RESOLVERS } from '../recommendations/resolvers';
import { TRAFFIC_RESOLVERS } from '../traffic/traffic';
import type { ResolverClass } from './schema';

export const RESOLVERS: readonly ResolverClass[] = [
  ...CATALOG_RESOLVERS,
  ...EXPERIMENT_RESOLVERS,
  RetrainingResolver,
  ...TRAFFIC_RESOLVERS,
  ...RECOMMENDATION_RESOLVERS,
  ApiKeyResolver,
];
