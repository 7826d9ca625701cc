/** Taggings: whose tag on what, and how they come and go. A write changes the very next answer for
 *  its user. */
import {
  Arg,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
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
import { parseId } from '../request/parameters';
import type { CatalogListener } from './catalog-listener';
import { type CatalogLoaders, type MovieRow, SQL, type TagRow, type UserRow } from './loaders';
import { Movie } from './movie.entity';
import { Tag } from './tag.entity';
import { requireTag } from './tag-name';
import { Tagging } from './tagging.entity';
import { User } from './user.entity';

@InputType({ description: 'A tagging to store.' })
export class TagMovieInput {
  @Field(() => ID, { description: 'User who tags.' })
  userId: string;

  @Field(() => ID, { description: 'Movie to tag.' })
  movieId: string;

  @Field(() => String, {
    description: 'Tag name, at most 255 characters; an unknown tag is created.',
  })
  tag: string;
}

@InputType({ description: 'A tagging to remove.' })
export class UntagMovieInput {
  @Field(() => ID, { description: 'The user who tagged.' })
  userId: string;

  @Field(() => ID, { description: 'The tagged movie.' })
  movieId: string;

  @Field(() => ID, { description: 'The tag.' })
  tagId: string;
}

@ObjectType({ description: 'Result of `tagMovie`.' })
export class TagMoviePayload {
  @Field(() => Tagging, { description: 'The tagging. An existing one keeps its time.' })
  tagging: Tagging;
}

@ObjectType({ description: 'Result of `untagMovie`.' })
export class UntagMoviePayload {
  @Field(() => Boolean, { description: 'Whether a tagging was removed.' })
  removed: boolean;

  @Field(() => User, { description: 'The user.' })
  user: UserRow;

  @Field(() => Movie, { description: 'The movie.' })
  movie: MovieRow;

  @Field(() => Tag, { description: 'The tag, which is kept even if unused.' })
  tag: TagRow;
}

@Resolver(() => Tagging)
export class TaggingResolver {
  constructor(
    private readonly database: Database,
    private readonly loaders: CatalogLoaders,
    private readonly listener: CatalogListener,
  ) {}

  @FieldResolver(() => User, { description: 'The user who tagged.' })
  user(@Root() tagging: Tagging, @Ctx() context: RequestContext): Promise<UserRow> {
    return this.loaders.knownUser(context, tagging.userId);
  }

  @FieldResolver(() => Movie, { description: 'The tagged movie.' })
  movie(@Root() tagging: Tagging, @Ctx() context: RequestContext): Promise<MovieRow> {
    return this.loaders.knownMovie(context, tagging.movieId);
  }

  @FieldResolver(() => Tag, { description: 'The tag.' })
  tag(@Root() tagging: Tagging, @Ctx() context: RequestContext): Promise<TagRow> {
    return this.loaders.knownTag(context, tagging.tagId);
  }

  @Authorized('MEMBER', own('input.userId'))
  @Mutation(() => TagMoviePayload, {
    description: "Adds a user's tag to a movie. The user's next answers reflect it without retraining.",
  })
  async tagMovie(
    @Arg('input', () => TagMovieInput, { description: 'The tagging to store.' })
    input: TagMovieInput,
    @Ctx() context: RequestContext,
  ): Promise<TagMoviePayload> {
    const userId = parseId('input.userId', input.userId);
    const movieId = parseId('input.movieId', input.movieId);
    const { name, key } = requireTag('input.tag', input.tag);
    const [row] = await this.database.query<Written>(sqlFile(SQL, 'tag-movie'), [
      userId,
      movieId,
      name,
      key,
    ]);
    if (!row.userKnown) throw new NotFoundError('user', userId);
    if (!row.movieKnown) throw new NotFoundError('movie', movieId);
    context.clearLoaders();
    await this.listener.tagsChanged(movieId);
    await this.listener.historyChanged(userId);
    return { tagging: { userId, movieId, tagId: row.tagId, taggedAt: row.taggedAt, ordinal: 0 } };
  }

  @Authorized('MEMBER', own('input.userId'))
  @Mutation(() => UntagMoviePayload, {
    description: "Removes a user's tag from a movie. The user's next answers reflect it.",
  })
  async untagMovie(
    @Arg('input', () => UntagMovieInput, { description: 'The tagging to remove.' }) input: UntagMovieInput,
    @Ctx() context: RequestContext,
  ): Promise<UntagMoviePayload> {
    const userId = parseId('input.userId', input.userId);
    const movieId = parseId('input.movieId', input.movieId);
    const tagId = parseId('input.tagId', input.tagId);
    const [user, movie, tag] = await Promise.all([
      this.loaders.knownUser(context, userId),
      this.loaders.knownMovie(context, movieId),
      this.loaders.knownTag(context, tagId),
    ]);
    const [{ removed }] = await this.database.query<{ removed: boolean }>(sqlFile(SQL, 'untag-movie'), [
      userId,
      movieId,
      tagId,
    ]);
    context.clearLoaders();
    if (removed) {
      await this.listener.tagsChanged(movieId);
      await this.listener.historyChanged(userId);
    }
    return { removed, user, movie, tag };
  }
}

interface Written {
  readonly userKnown: boolean;
  readonly movieKnown: boolean;
  readonly tagId: number;
  readonly taggedAt: Date;
}
