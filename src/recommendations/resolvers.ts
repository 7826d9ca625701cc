/** The resolvers of this folder. */
import type { Recommender } from '../serving/recommender';
import { NearMovieResolver, NearTagResolver, NeighbourResolver } from './neighbour.resolver';
import { ProfileResolver, UserWithProfileResolver } from './profile.resolver';
import { RecommendationResolver } from './recommendation.resolver';
import { type ServerFacts, ServerInfoResolver } from './server-info.resolver';

const RESOLVERS = [
  RecommendationResolver,
  NeighbourResolver,
  NearMovieResolver,
  NearTagResolver,
  ProfileResolver,
  UserWithProfileResolver,
  ServerInfoResolver,
] as const;

/** @returns an instance of each */
export function createRecommendationResolvers(recommender: Recommender, facts: ServerFacts): object[] {
  return RESOLVERS.map((Resolver) => new Resolver(recommender, facts));
}
