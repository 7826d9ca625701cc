/** The queries that clients came for: movies near a person. */
import { Arg, Authorized, Extensions, ID, Int, Query, Resolver } from 'type-graphql';
import { own } from '../access/rules';
import { Movie } from '../catalog/movie.entity';
import { checkFilter, MovieFilter } from '../catalog/movie-filter.input';
import { parseId, requireK } from '../catalog/parameters';
import type { EmbeddingService } from '../embedding/embedding-service';
import { Recommendation, toRecommendations } from './recommendation.type';
import { readTaste, TasteInput } from './taste.input';

export const K_DESCRIPTION = 'How many, from 1 to 100; fewer come back only when there are no more.';
export const FILTER_DESCRIPTION =
  'Which movies may be in the answer. It applies before the ranking, so the answer is full whenever there are enough.';

@Resolver(() => Recommendation)
export class RecommendationResolver {
  constructor(private readonly embedding: EmbeddingService) {}

  @Authorized('READER', own('userId'))
  @Query(() => [Recommendation], {
    description:
      "The movies nearest to the user's point that the user has not rated, nearest first. A rating or its withdrawal changes the very next answer. " +
      'NOT_FOUND for an unknown user.',
  })
  recommendations(
    @Arg('userId', () => ID, { description: 'Whom the movies are for.' }) userId: string,
    @Arg('k', () => Int, { defaultValue: 10, description: K_DESCRIPTION }) k: number,
    @Arg('filter', () => MovieFilter, { nullable: true, description: FILTER_DESCRIPTION }) filter?: MovieFilter | null,
  ): Recommendation[] | Promise<Recommendation[]> {
    const ranked = this.embedding.recommend({ userId: parseId('userId', userId), k: requireK(k), filter: checkFilter('filter', filter) });
    return ranked instanceof Promise ? ranked.then(toRecommendations) : toRecommendations(ranked);
  }

  @Authorized('READER', 'USER')
  @Query(() => [Recommendation], {
    description: 'The same for someone without an account: the user tower turns the taste into a point, and nothing is stored.',
  })
  recommendationsFor(
    @Arg('taste', () => TasteInput, { description: 'What is liked; what it names is not recommended again.' }) taste: TasteInput,
    @Arg('k', () => Int, { defaultValue: 10, description: K_DESCRIPTION }) k: number,
    @Arg('filter', () => MovieFilter, { nullable: true, description: FILTER_DESCRIPTION }) filter?: MovieFilter | null,
  ): Recommendation[] {
    const known = this.embedding.known();
    return toRecommendations(this.embedding.recommendFor(readTaste(taste, known), requireK(k), checkFilter('filter', filter)));
  }

  @Authorized('READER', 'USER')
  @Extensions({ cacheControl: { maxAgeSeconds: 60 } })
  @Query(() => [Movie], { description: 'The movies with the most ratings, most first. Counted anew every few minutes.' })
  popularMovies(
    @Arg('k', () => Int, { defaultValue: 10, description: K_DESCRIPTION }) k: number,
    @Arg('filter', () => MovieFilter, { nullable: true, description: FILTER_DESCRIPTION }) filter?: MovieFilter | null,
  ): Movie[] {
    const { state, rows } = this.embedding.popular(requireK(k), checkFilter('filter', filter));
    return rows.map((row) => state.catalog.movies[row]);
  }
}
