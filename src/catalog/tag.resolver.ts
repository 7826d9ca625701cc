/** Tags: one, a list to page and search, and how often each is used. */
import {
  Arg,
  Authorized,
  Ctx,
  Extensions,
  FieldResolver,
  ID,
  Int,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { BadUserInputError } from '../errors';
import { type Connection, pageOf, pageRequest } from '../request/connection';
import type { RequestContext } from '../request/context';
import { DEFAULT_PAGE, parseId } from '../request/parameters';
import { TagConnection } from './connections';
import { type CatalogLoaders, SQL, type TagRow } from './loaders';
import { Tag, tagKey } from './tag.entity';

const LONGEST_SEARCH = 200;

@Resolver(() => Tag)
export class TagResolver {
  constructor(
    private readonly database: Database,
    private readonly loaders: CatalogLoaders,
  ) {}

  @Authorized('READER', 'USER')
  @Extensions({ cacheControl: { maxAgeSeconds: 60 } })
  @Query(() => Tag, { nullable: true, description: 'One tag; null when there is none with this id.' })
  tag(
    @Arg('id', () => ID, { description: 'The id that this server gave the tag.' }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<TagRow | null> {
    return this.loaders.tag(context, parseId('id', id));
  }

  @Authorized('READER', 'USER')
  @Extensions({ cacheControl: { maxAgeSeconds: 60 } })
  @Query(() => TagConnection, { description: 'Tags in the order of their ids.' })
  async tags(
    @Arg('first', () => Int, { defaultValue: DEFAULT_PAGE, description: 'How many, from 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'The cursor behind which to go on.' }) after:
      | string
      | null,
    @Arg('search', () => String, {
      nullable: true,
      description: 'Only tags that contain this text, whatever the case.',
    })
    search: string | null,
  ): Promise<Connection<TagRow>> {
    const page = pageRequest(first, after, 1);
    const needle = searchKey(search);
    const rows = await this.database.query<TagRow>(sqlFile(SQL, 'tags-page'), [
      needle,
      page.after?.[0] ?? null,
      page.first + 1,
    ]);
    return new TagConnection(
      pageOf(rows, page, ({ id }) => [id]),
      async () =>
        (await this.database.query<{ count: number }>(sqlFile(SQL, 'tags-count'), [needle]))[0].count,
    );
  }

  @FieldResolver(() => Int, { description: 'How many times it was put on a movie.', complexity: 2 })
  taggingCount(@Root() tag: TagRow, @Ctx() context: RequestContext): Promise<number> {
    return this.loaders.count(context, 'tagging-counts-of-tags', tag.id);
  }
}

function searchKey(search: string | null | undefined): string | null {
  if (search === null || search === undefined) return null;
  if (search.length > LONGEST_SEARCH) {
    throw new BadUserInputError(
      'search',
      `search may have ${LONGEST_SEARCH} characters at most; got ${search.length}.`,
    );
  }
  const key = tagKey(search.toWellFormed().replace(/\p{Cc}/gu, ' '));
  return key === '' ? null : key;
}
