/** `User.profile`: the taste of a user, derived from their point. */
import { Authorized, Field, FieldResolver, Float, Int, ObjectType, Resolver, Root } from 'type-graphql';
import { User } from '../catalog/user.entity';
import { requireK } from '../request/parameters';
import { Profile } from '../serving/ranker/profile';
import type { RankingSource } from '../serving/ranker/ranking';
import type { Recommender } from '../serving/recommender';
import { NearTag, ranked, SimilarUser } from './neighbour.type';
import { KArg } from './recommendation.input';
import { RecommendationSource } from './recommendation.type';

@ObjectType({ description: 'A genre and its share among the movies near a user.' })
export class GenreAffinity {
  @Field(() => String, { description: 'The genre.' })
  genre: string;

  @Field(() => Float, {
    description: 'Share of this genre among the 100 movies nearest to the user, 0 to 1.',
  })
  share: number;

  @Field(() => Float, { description: 'Share of this genre in the catalog, 0 to 1.' })
  catalogShare: number;
}

@ObjectType('UserProfile', {
  description: 'Taste profile of a user, on which the next recommendations are based.',
})
export class UserProfile extends Profile {}

@Resolver(() => User)
export class UserWithProfileResolver {
  constructor(private readonly recommender: Recommender) {}

  @FieldResolver(() => UserProfile, {
    description: 'Current taste profile, which every rating changes.',
    complexity: 5,
  })
  async profile(@Root() user: Pick<User, 'id'>): Promise<Profile> {
    return new Profile(user.id, await this.recommender.viewerFor(user.id));
  }
}

@Resolver(() => UserProfile)
export class ProfileResolver {
  constructor(private readonly recommender: Recommender) {}

  @FieldResolver(() => RecommendationSource, { description: 'What recommendations are based on.' })
  source(@Root() profile: Profile): RankingSource {
    return profile.source;
  }

  @FieldResolver(() => Int, {
    description:
      "Number of ratings the user's point is computed from: the latest ones of movies known " +
      'to the model. 0 without a point.',
  })
  ratingCount(@Root() profile: Profile): number {
    return profile.ratingCount;
  }

  @FieldResolver(() => [NearTag], {
    description: "Tags nearest to the user's point, nearest first; empty without a point.",
    complexity: 5,
  })
  nearTags(@Root() profile: Profile, @KArg() k: number): NearTag[] {
    return ranked(profile.nearTags(requireK(k)));
  }

  @FieldResolver(() => [GenreAffinity], {
    description:
      'Genres over-represented among the 100 movies nearest to the user, rated ones ' +
      'included, largest difference first. Without a point: among the first 100 recommended ' +
      'movies.',
    complexity: 5,
  })
  genres(@Root() profile: Profile, @KArg(5) k: number): GenreAffinity[] {
    return profile.genres(requireK(k));
  }

  @Authorized('READER')
  @FieldResolver(() => [SimilarUser], {
    description:
      'Users with the nearest points; empty without a point. Requires the same role as ' +
      '`similarUsers`.',
    complexity: 20,
  })
  async neighbours(@Root() profile: Profile, @KArg() k: number): Promise<SimilarUser[]> {
    const checked = requireK(k);
    if (profile.source !== 'PERSONAL') return [];
    return ranked(await this.recommender.similarUsers(profile.userId, checked));
  }
}
