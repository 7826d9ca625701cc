/** Movies: one, a list to page and search, and what people said of them. */
import {
  Arg,
  Args,
  Authorized,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  Float,
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
import { type Connection, PageArgs, pageOf, pageRequest } from '../request/connection';
import type { RequestContext } from '../request/context';
import {
  invalid,
  parseId,
  requireAtMost,
  requireK,
  requireLength,
  requireText,
  requireYear,
  unknownId,
} from '../request/parameters';
import type { CatalogListener } from './catalog-listener';
import { MovieConnection, RatingConnection } from './connections';
import { type CatalogLoaders, type MovieRow, SQL } from './loaders';
import { Movie } from './movie.entity';
import { checkFilter, MovieFilter } from './movie-filter.input';
import { Tag } from './tag.entity';
import { requireTag } from './tag-name';

const MOST_GENRES = 20;
const MOST_TAGS = 50;
const LONGEST_TITLE = 500;
const LONGEST_SEARCH = 200;
const MOST_WORDS = 20;

@ObjectType({ description: 'A tag given to a movie.' })
export class MovieTag {
  @Field(() => Tag, { description: 'The tag.' })
  tag: Tag;

  @Field(() => Int, { description: 'Number of users who gave the movie this tag.' })
  count: number;
}

@InputType({ description: 'A movie to add to the catalog.' })
export class CreateMovieInput {
  @Field(() => String, {
    description: 'Title, with the year in parentheses as in `Toy Story (1995)`; at most 500 characters.',
  })
  title: string;

  @Field(() => Int, {
    nullable: true,
    description: 'Year of release; read from the end of the title if omitted.',
  })
  year?: number | null;

  @Field(() => [String], {
    defaultValue: [],
    description: 'Genres, spelled as in `Movie.genres`; at most 20.',
  })
  genres: string[];

  @Field(() => [String], {
    nullable: true,
    description:
      'Tags by name, such as `time travel`, at most 50. Spelling variants are one tag; ' +
      'unknown tags are created.',
  })
  tags?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'Tags by id, at most 50.' })
  tagIds?: string[] | null;

  @Field(() => String, { nullable: true, description: 'IMDb id, digits only.' })
  imdbId?: string | null;

  @Field(() => Int, { nullable: true, description: 'TMDB id (themoviedb.org).' })
  tmdbId?: number | null;
}

@ObjectType({ description: 'Result of `createMovie`.' })
export class CreateMoviePayload {
  @Field(() => Movie, { description: 'The new movie with its assigned id.' })
  movie: MovieRow;
}

@Resolver(() => Movie)
export class MovieResolver {
  constructor(
    private readonly database: Database,
    private readonly loaders: CatalogLoaders,
    private readonly listener: CatalogListener,
  ) {}

  @Authorized('READER', 'USER')
  @Extensions({ cacheControl: { maxAgeSeconds: 60 } })
  @Query(() => Movie, { nullable: true, description: 'A movie by id; null if it does not exist.' })
  movie(
    @Arg('id', () => ID, { description: 'MovieLens movie id.' }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<MovieRow | null> {
    return this.loaders.movie(context, parseId('id', id));
  }

  @Authorized('READER', 'USER')
  @Extensions({ cacheControl: { maxAgeSeconds: 60 } })
  @Query(() => MovieConnection, { description: 'Movies, ordered by id.' })
  async movies(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('where', () => MovieFilter, {
      nullable: true,
      description: 'Conditions on the movies.',
    })
    where: MovieFilter | null,
    @Arg('search', () => String, {
      nullable: true,
      description:
        'Only movies whose title contains all these words in any order; the last may be a prefix.',
    })
    search: string | null,
  ): Promise<Connection<MovieRow>> {
    const page = pageRequest(args, 1);
    const filter = checkFilter('where', where);
    const conditions = [
      searchQuery('search', search),
      filter.genresAnyOf,
      filter.genresNoneOf,
      filter.yearFrom,
      filter.yearTo,
      filter.excludeIds,
      filter.tagsAnyOf,
      filter.tagsNoneOf,
      filter.minRatings,
    ];
    const parameters = [...conditions, page.after?.[0] ?? null, page.first + 1];
    const rows = await this.database.query<MovieRow>(sqlFile(SQL, 'movies-page'), parameters);
    return new MovieConnection(
      pageOf(rows, page, ({ id }) => [id]),
      async () =>
        (await this.database.query<{ count: number }>(sqlFile(SQL, 'movies-count'), conditions))[0].count,
    );
  }

  @FieldResolver(() => Int, { description: 'Number of ratings.', complexity: 2 })
  async ratingCount(@Root() movie: MovieRow, @Ctx() context: RequestContext): Promise<number> {
    return (await this.loaders.movieStatistics(context, movie.id)).count;
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description: 'Mean rating in stars, 0.5 to 5; null if the movie has no ratings.',
    complexity: 2,
  })
  async averageRating(@Root() movie: MovieRow, @Ctx() context: RequestContext): Promise<number | null> {
    return (await this.loaders.movieStatistics(context, movie.id)).average;
  }

  // A cursor names the user of its rating, so this is not for every USER.
  @Authorized('READER')
  @FieldResolver(() => RatingConnection, { description: 'Ratings of the movie, newest first.' })
  async ratings(
    @Root() movie: MovieRow,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    const page = pageRequest(args, 3);
    const rows = await this.loaders.ratingsOfMovie(context, movie.id, page);
    return new RatingConnection(
      pageOf(rows, page, (row) => [row.position, row.ordinal, row.userId]),
      async () => (await this.loaders.movieStatistics(context, movie.id)).count,
    );
  }

  @FieldResolver(() => [MovieTag], {
    description: 'Tags given to the movie, most frequent first.',
  })
  async tags(
    @Root() movie: MovieRow,
    @Arg('k', () => Int, { defaultValue: 10, description: 'Maximum number of items, 1 to 100.' }) k: number,
    @Ctx() context: RequestContext,
  ): Promise<{ tag: { id: number; name: string }; count: number }[]> {
    const rows = await this.loaders.topTagsOfMovie(context, movie.id, requireK(k));
    return rows.map(({ id, name, count }) => ({ tag: { id, name }, count }));
  }

  @Authorized('MEMBER')
  @Mutation(() => CreateMoviePayload, {
    description:
      'Adds a movie to the catalog. Its point is computed from its features until a model ' +
      'is trained on its ratings.',
  })
  async createMovie(
    @Arg('input', () => CreateMovieInput, { description: 'The movie to create.' })
    input: CreateMovieInput,
    @Ctx() context: RequestContext,
  ): Promise<CreateMoviePayload> {
    const title = requireText('input.title', input.title, LONGEST_TITLE);
    const year = requireYear('input.year', input.year) ?? yearOf(title);
    const facts = [
      title,
      year,
      checkGenres(input.genres),
      checkImdbId(input.imdbId),
      checkTmdbId(input.tmdbId),
    ];
    const named = checkTagNames('input.tags', input.tags);
    const tagIds = await this.knownTags(context, 'input.tagIds', input.tagIds);
    const parameters = [...facts, tagIds, [...named.values()], [...named.keys()]];
    const [movie] = await this.database.query<MovieRow>(sqlFile(SQL, 'create-movie'), parameters);
    context.clearLoaders();
    if (named.size > 0) await this.listener.tagsChanged(movie.id);
    else await this.listener.movieChanged(movie.id);
    return { movie };
  }

  /** @throws BadUserInputError naming the entry that is at fault */
  private async knownTags(
    context: RequestContext,
    field: string,
    ids: readonly string[] | null | undefined,
  ): Promise<number[]> {
    const tagIds = requireAtMost(MOST_TAGS, field, ids).map((id, i) => parseId(`${field}.${i}`, id));
    const tags = await Promise.all(tagIds.map((id) => this.loaders.tag(context, id)));
    const unknown = tags.indexOf(null);
    if (unknown >= 0) throw unknownId(`${field}.${unknown}`, 'tag', tagIds[unknown]);
    return [...new Set(tagIds)];
  }
}

function yearOf(title: string): number | null {
  const year = Number(/\((\d{4})\)$/.exec(title)?.[1]);
  return year >= 1870 && year <= 2100 ? year : null;
}

function checkGenres(genres: readonly string[]): string[] {
  const texts = requireAtMost(MOST_GENRES, 'input.genres', genres).map((genre, index) =>
    requireText(`input.genres.${index}`, genre, 50),
  );
  return [...new Set(texts)];
}

/** @returns the first spelling by key */
function checkTagNames(field: string, names: readonly string[] | null | undefined): Map<string, string> {
  const byKey = new Map<string, string>();
  requireAtMost(MOST_TAGS, field, names).forEach((given, i) => {
    const { name, key } = requireTag(`${field}.${i}`, given);
    if (!byKey.has(key)) byKey.set(key, name);
  });
  return byKey;
}

function checkImdbId(id: string | null | undefined): string | null {
  if (id === null || id === undefined) return null;
  if (!/^\d{1,10}$/.test(id)) throw invalid('input.imdbId', 'must be digits only, such as 0114709.');
  return id;
}

function checkTmdbId(id: number | null | undefined): number | null {
  if (id === null || id === undefined) return null;
  if (id < 1) throw invalid('input.tmdbId', `must be above 0; got ${id}.`);
  return id;
}

/** What a person types into a search box → a tsquery that PostgreSQL accepts, whatever was typed.
 *  Every word must occur, the last one as a beginning. Words are quoted and left to PostgreSQL's
 *  own parser, so that `E.T.` and `Extra-Terr` are cut up as the titles were.
 *  @returns the text for `to_tsquery('simple', …)`, or null when nothing was typed
 *  @throws BadUserInputError when the text is too long */
function searchQuery(field: string, text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  const words = requireLength(field, text, LONGEST_SEARCH)
    .toWellFormed()
    .replace(/[\p{Cc}'\\]/gu, ' ')
    .split(/\s+/u)
    .filter((word) => word !== '');
  if (words.length === 0) return null;
  return words
    .slice(0, MOST_WORDS)
    .map((word, index, all) => (index === all.length - 1 ? `'${word}':*` : `'${word}'`))
    .join(' & ');
}
