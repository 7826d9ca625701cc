/** Users, and what they rated and tagged. */
import {
  Arg,
  Args,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { BadUserInputError } from '../errors';
import { own } from '../request/access-rules';
import { type Connection, PageArgs, pageOf, pageRequest } from '../request/connection';
import type { RequestContext } from '../request/context';
import { invalid, parseId, requireText, requireWithin, unknownId } from '../request/parameters';
import type { CatalogListener } from './catalog-listener';
import { RatingConnection, TaggingConnection, UserConnection } from './connections';
import { type CatalogLoaders, SQL, type UserRow } from './loaders';
import { readStarRatings, type StarRating, TasteRatingInput } from './taste-rating.input';
import { User } from './user.entity';

@InputType({ description: 'A user to create. Every field is optional.' })
export class CreateUserInput {
  @Field(() => String, {
    nullable: true,
    description: 'Gender, `F` or `M`, the two values that MovieLens uses.',
  })
  gender?: string | null;

  @Field(() => Int, { nullable: true, description: 'Age in years, 0 to 130.' })
  age?: number | null;

  @Field(() => String, { nullable: true, description: 'Occupation, at most 100 characters.' })
  occupation?: string | null;

  @Field(() => String, { nullable: true, description: 'Postal code, at most 20 characters.' })
  zipCode?: string | null;

  @Field(() => [TasteRatingInput], {
    nullable: true,
    description:
      'Initial ratings, oldest first, one per movie, at most 500. The next answer reflects them.',
  })
  ratings?: TasteRatingInput[] | null;
}

@ObjectType({ description: 'Result of `createUser`.' })
export class CreateUserPayload {
  @Field(() => User, { description: 'The new user with its assigned id.' })
  user: UserRow;
}

@Resolver(() => User)
export class UserResolver {
  constructor(
    private readonly database: Database,
    private readonly loaders: CatalogLoaders,
    private readonly listener: CatalogListener,
  ) {}

  @Authorized('READER', own('id'))
  @Query(() => User, { nullable: true, description: 'A user by id; null if it does not exist.' })
  user(
    @Arg('id', () => ID, { description: 'MovieLens user id.' }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<UserRow | null> {
    return this.loaders.user(context, parseId('id', id));
  }

  @Authorized('READER')
  @Query(() => UserConnection, { description: 'Users, ordered by id.' })
  async users(@Args(() => PageArgs) args: PageArgs): Promise<Connection<UserRow>> {
    const page = pageRequest(args, 1);
    const rows = await this.database.query<UserRow>(sqlFile(SQL, 'users-page'), [
      page.after?.[0] ?? null,
      page.first + 1,
    ]);
    return new UserConnection(
      pageOf(rows, page, ({ id }) => [id]),
      async () => (await this.database.query<{ count: number }>(sqlFile(SQL, 'users-count')))[0].count,
    );
  }

  @FieldResolver(() => RatingConnection, { description: 'Ratings of the user, newest first.' })
  async ratings(
    @Root() user: UserRow,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const page = pageRequest(args, 3);
    const rows = await this.loaders.ratingsOfUser(context, user.id, page);
    return new RatingConnection(
      pageOf(rows, page, (row) => [row.position, row.ordinal, row.movieId]),
      () => this.loaders.count(context, 'rating-counts-of-users', user.id),
    );
  }

  @FieldResolver(() => TaggingConnection, {
    description: 'Taggings of the user, newest first.',
  })
  async taggings(
    @Root() user: UserRow,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const page = pageRequest(args, 4);
    const rows = await this.loaders.taggingsOfUser(context, user.id, page);
    return new TaggingConnection(
      pageOf(rows, page, (row) => [row.position, row.ordinal, row.movieId, row.tagId]),
      () => this.loaders.count(context, 'tagging-counts-of-users', user.id),
    );
  }

  @FieldResolver(() => Int, { description: 'Number of movies the user has rated.', complexity: 2 })
  ratingCount(@Root() user: UserRow, @Ctx() context: RequestContext): Promise<number> {
    return this.loaders.count(context, 'rating-counts-of-users', user.id);
  }

  @Authorized('MEMBER')
  @Mutation(() => CreateUserPayload, {
    description:
      'Creates a user, who can rate and tag at once. User and `ratings` are stored together ' +
      'or not at all.',
  })
  async createUser(
    @Arg('input', () => CreateUserInput, { nullable: true, description: 'The user to create.' })
    input: CreateUserInput | null,
    @Ctx() context: RequestContext,
  ): Promise<CreateUserPayload> {
    const ratings = readStarRatings('input.ratings', input?.ratings);
    refuseRepeats(ratings);
    const parameters = [
      checkGender(input?.gender),
      checkAge(input?.age),
      optionalText('input.occupation', input?.occupation, 100),
      optionalText('input.zipCode', input?.zipCode, 20),
      ratings.map(({ movieId }) => movieId),
      ratings.map(({ value }) => value),
    ];
    const [{ unknownEntry, ...user }] = await this.database.query<
      UserRow & { unknownEntry: number | null }
    >(sqlFile(SQL, 'create-user'), parameters);
    if (unknownEntry !== null) {
      throw unknownId(`input.ratings.${unknownEntry}.movieId`, 'movie', ratings[unknownEntry].movieId);
    }
    context.clearLoaders();
    if (ratings.length > 0) await this.listener.historyChanged(user.id);
    return { user };
  }
}

function refuseRepeats(ratings: readonly StarRating[]): void {
  const seen = new Set<number>();
  ratings.forEach(({ movieId }, i) => {
    const field = `input.ratings.${i}.movieId`;
    if (seen.has(movieId)) throw new BadUserInputError(field, `${field}: duplicate movie ${movieId}.`);
    seen.add(movieId);
  });
}

function checkGender(gender: string | null | undefined): string | null {
  if (gender === null || gender === undefined || gender === 'F' || gender === 'M') return gender ?? null;
  throw invalid('input.gender', 'must be F or M, or omitted.');
}

function checkAge(age: number | null | undefined): number | null {
  return age === null || age === undefined ? null : requireWithin('input.age', age, 0, 130);
}

function optionalText(field: string, text: string | null | undefined, longest: number): string | null {
  return text === null || text === undefined ? null : requireText(field, text, longest);
}
