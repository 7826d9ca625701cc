/** Ratings: whose, of what, and how they come and go. A write changes the very next answer for its
 *  user. */
import {
  Arg,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  Float,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Resolver,
  Root,
} from 'type-graphql';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { NotFoundError } from '../errors';
import { own } from '../request/access-rules';
import type { RequestContext } from '../request/context';
import { parseId, requireStars } from '../request/parameters';
import type { CatalogListener } from './catalog-listener';
import { type CatalogLoaders, type MovieRow, SQL, type UserRow } from './loaders';
import { Movie } from './movie.entity';
import { Rating } from './rating.entity';
import { User } from './user.entity';

@InputType({ description: 'A star rating to store.' })
export class RateMovieInput {
  @Field(() => ID, { description: 'User who rates.' })
  userId: string;

  @Field(() => ID, { description: 'Movie to rate.' })
  movieId: string;

  @Field(() => Float, { description: 'Stars, from 0.5 to 5 in halves.' })
  value: number;
}

@InputType({ description: 'A star rating to remove.' })
export class UnrateMovieInput {
  @Field(() => ID, { description: 'The user who rated.' })
  userId: string;

  @Field(() => ID, { description: 'The rated movie.' })
  movieId: string;
}

@ObjectType({ description: 'Result of `rateMovie`.' })
export class RateMoviePayload {
  @Field(() => Rating, { description: 'The stored rating.' })
  rating: Rating;
}

@ObjectType({ description: 'Result of `unrateMovie`.' })
export class UnrateMoviePayload {
  @Field(() => Boolean, { description: 'Whether a rating was removed.' })
  removed: boolean;

  @Field(() => User, { description: 'The user.' })
  user: UserRow;

  @Field(() => Movie, { description: 'The movie.' })
  movie: MovieRow;
}

@Resolver(() => Rating)
export class RatingResolver {
  constructor(
    private readonly database: Database,
    private readonly loaders: CatalogLoaders,
    private readonly listener: CatalogListener,
  ) {}

  @FieldResolver(() => User, { description: 'The user who rated.' })
  user(@Root() rating: Rating, @Ctx() context: RequestContext): Promise<UserRow> {
    return this.loaders.knownUser(context, rating.userId);
  }

  @FieldResolver(() => Movie, { description: 'The rated movie.' })
  movie(@Root() rating: Rating, @Ctx() context: RequestContext): Promise<MovieRow> {
    return this.loaders.knownMovie(context, rating.movieId);
  }

  @Authorized('MEMBER', own('input.userId'))
  @Mutation(() => RateMoviePayload, {
    description:
      "Sets a user's rating of a movie. The user's next recommendations reflect it without " +
      'retraining.',
  })
  async rateMovie(
    @Arg('input', () => RateMovieInput, { description: 'The rating to store.' })
    input: RateMovieInput,
    @Ctx() context: RequestContext,
  ): Promise<RateMoviePayload> {
    const userId = parseId('input.userId', input.userId);
    const movieId = parseId('input.movieId', input.movieId);
    const value = requireStars('input.value', input.value);
    const [row] = await this.database.query<Written>(sqlFile(SQL, 'rate-movie'), [userId, movieId, value]);
    if (!row.userKnown) throw new NotFoundError('user', userId);
    if (!row.movieKnown) throw new NotFoundError('movie', movieId);
    context.clearLoaders();
    await this.listener.historyChanged(userId);
    return { rating: { userId, movieId, value, ratedAt: row.ratedAt, ordinal: 0 } };
  }

  @Authorized('MEMBER', own('input.userId'))
  @Mutation(() => UnrateMoviePayload, {
    description: "Removes a rating. The user's next recommendations reflect it.",
  })
  async unrateMovie(
    @Arg('input', () => UnrateMovieInput, { description: 'The rating to remove.' }) input: UnrateMovieInput,
    @Ctx() context: RequestContext,
  ): Promise<UnrateMoviePayload> {
    const userId = parseId('input.userId', input.userId);
    const movieId = parseId('input.movieId', input.movieId);
    const [user, movie] = await Promise.all([
      this.loaders.knownUser(context, userId),
      this.loaders.knownMovie(context, movieId),
    ]);
    const [{ removed }] = await this.database.query<{ removed: boolean }>(sqlFile(SQL, 'unrate-movie'), [
      userId,
      movieId,
    ]);
    context.clearLoaders();
    if (removed) await this.listener.historyChanged(userId);
    return { removed, user, movie };
  }
}

interface Written {
  readonly userKnown: boolean;
  readonly movieKnown: boolean;
  readonly ratedAt: Date;
}
