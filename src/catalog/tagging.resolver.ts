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

@InputType({ description: 'A tag to put on a movie.' })
export class TagMovieInput {
  @Field(() => ID, { description: 'Who tags.' })
  userId: string;

  @Field(() => ID, { description: 'What is tagged.' })
  movieId: string;

  @Field(() => String, {
    description: 'The word or phrase, 255 characters at most; a tag that does not exist yet is made.',
  })
  tag: string;
}

@InputType({ description: 'A tag to take off a movie.' })
export class UntagMovieInput {
  @Field(() => ID, { description: 'Who tagged.' })
  userId: string;

  @Field(() => ID, { description: 'What was tagged.' })
  movieId: string;

  @Field(() => ID, { description: 'The tag.' })
  tagId: string;
}

@ObjectType({ description: 'The tagging as it now stands.' })
export class TagMoviePayload {
  @Field(() => Tagging, { description: 'The tagging; one that was there already keeps its time.' })
  tagging: Tagging;
}

@ObjectType({ description: 'What became of the tagging.' })
export class UntagMoviePayload {
  @Field(() => Boolean, { description: 'Whether there was a tagging to take back.' })
  removed: boolean;

  @Field(() => User, { description: 'Who had tagged.' })
  user: UserRow;

  @Field(() => Movie, { description: 'What had been tagged.' })
  movie: MovieRow;

  @Field(() => Tag, { description: 'The tag, which stays even when nobody uses it any more.' })
  tag: TagRow;
}

@Resolver(() => Tagging)
export class TaggingResolver {
  constructor(
    private readonly database: Database,
    private readonly loaders: CatalogLoaders,
    private readonly listener: CatalogListener,
  ) {}

  @FieldResolver(() => User, { description: 'Who tagged.' })
  user(@Root() tagging: Tagging, @Ctx() context: RequestContext): Promise<UserRow> {
    return this.loaders.knownUser(context, tagging.userId);
  }

  @FieldResolver(() => Movie, { description: 'What was tagged.' })
  movie(@Root() tagging: Tagging, @Ctx() context: RequestContext): Promise<MovieRow> {
    return this.loaders.knownMovie(context, tagging.movieId);
  }

  @FieldResolver(() => Tag, { description: 'The tag.' })
  tag(@Root() tagging: Tagging, @Ctx() context: RequestContext): Promise<TagRow> {
    return this.loaders.knownTag(context, tagging.tagId);
  }

  @Authorized('MEMBER', own('input.userId'))
  @Mutation(() => TagMoviePayload, {
    description: "Puts a tag on a movie. The user's next answers reflect it, without retraining.",
  })
  async tagMovie(
    @Arg('input', () => TagMovieInput, { description: 'Who tags what with which word.' })
    input: TagMovieInput,
    @Ctx() context: RequestContext,
  ): Promise<TagMoviePayload> {
    const userId = parseId('input.userId', input.userId);
    const movieId = parseId('input.movieId', input.movieId);
    const { name, key } = requireTag('input.tag', input.tag);
    const [row] = await this.database.query<Written>(sqlFile(SQL, 'tag-movie'), [userId, movieId, name, key]);
    if (!row.userKnown) throw new NotFoundError('user', userId);
    if (!row.movieKnown) throw new NotFoundError('movie', movieId);
    context.clearLoaders();
    await this.listener.tagsChanged(movieId);
    await this.listener.historyChanged(userId);
    return { tagging: { userId, movieId, tagId: row.tagId, taggedAt: row.taggedAt, ordinal: 0 } };
  }

  @Authorized('MEMBER', own('input.userId'))
  @Mutation(() => UntagMoviePayload, {
    description: "Takes a tag off a movie. The user's next answers reflect it.",
  })
  async untagMovie(
    @Arg('input', () => UntagMovieInput, { description: 'Whose tag on what.' }) input: UntagMovieInput,
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
