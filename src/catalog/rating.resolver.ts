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

@InputType({ description: 'A star rating to write.' })
export class RateMovieInput {
  @Field(() => ID, { description: 'Who rates.' })
  userId: string;

  @Field(() => ID, { description: 'What is rated.' })
  movieId: string;

  @Field(() => Float, { description: 'Stars, from 0.5 to 5 in halves.' })
  value: number;
}

@InputType({ description: 'A star rating to take back.' })
export class UnrateMovieInput {
  @Field(() => ID, { description: 'Who rated.' })
  userId: string;

  @Field(() => ID, { description: 'What was rated.' })
  movieId: string;
}

@ObjectType({ description: 'The rating as it now stands.' })
export class RateMoviePayload {
  @Field(() => Rating, { description: 'The rating, new or in place of an older one.' })
  rating: Rating;
}

@ObjectType({ description: 'What became of the rating.' })
export class UnrateMoviePayload {
  @Field(() => Boolean, { description: 'Whether there was a rating to take back.' })
  removed: boolean;

  @Field(() => User, { description: 'Who had rated.' })
  user: UserRow;

  @Field(() => Movie, { description: 'What had been rated.' })
  movie: MovieRow;
}

@Resolver(() => Rating)
export class RatingResolver {
  constructor(
    private readonly database: Database,
    private readonly loaders: CatalogLoaders,
    private readonly listener: CatalogListener,
  ) {}

  @FieldResolver(() => User, { description: 'Who rated.' })
  user(@Root() rating: Rating, @Ctx() context: RequestContext): Promise<UserRow> {
    return this.loaders.knownUser(context, rating.userId);
  }

  @FieldResolver(() => Movie, { description: 'What was rated.' })
  movie(@Root() rating: Rating, @Ctx() context: RequestContext): Promise<MovieRow> {
    return this.loaders.knownMovie(context, rating.movieId);
  }

  @Authorized('MEMBER', own('input.userId'))
  @Mutation(() => RateMoviePayload, {
    description:
      "Rates a movie, or rates it anew. The user's next recommendations reflect it, without retraining.",
  })
  async rateMovie(
    @Arg('input', () => RateMovieInput, { description: 'Who rates what with how many stars.' })
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
    description: "Takes a rating back. The user's next recommendations reflect it.",
  })
  async unrateMovie(
    @Arg('input', () => UnrateMovieInput, { description: 'Whose rating of what.' }) input: UnrateMovieInput,
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
