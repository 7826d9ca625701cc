/** Tags: one, a list to page and search, and how often each is used. */
import {
  Arg,
  Args,
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
import { type Connection, PageArgs, pageOf, pageRequest } from '../request/connection';
import type { RequestContext } from '../request/context';
import { parseId, requireLength } from '../request/parameters';
import { TagConnection } from './connections';
import { type CatalogLoaders, SQL, type TagRow } from './loaders';
import { Tag } from './tag.entity';
import { tagKey } from './tag-name';

const LONGEST_SEARCH = 200;

@Resolver(() => Tag)
export class TagResolver {
  constructor(
    private readonly database: Database,
    private readonly loaders: CatalogLoaders,
  ) {}

  @Authorized('READER', 'USER')
  @Extensions({ cacheControl: { maxAgeSeconds: 60 } })
  @Query(() => Tag, { nullable: true, description: 'A tag by id; null if it does not exist.' })
  tag(
    @Arg('id', () => ID, { description: 'Id of the tag, assigned by this server.' }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<TagRow | null> {
    return this.loaders.tag(context, parseId('id', id));
  }

  @Authorized('READER', 'USER')
  @Extensions({ cacheControl: { maxAgeSeconds: 60 } })
  @Query(() => TagConnection, { description: 'Tags, ordered by id.' })
  async tags(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('search', () => String, {
      nullable: true,
      description: 'Only tags that contain this text, ignoring case.',
    })
    search: string | null,
  ): Promise<Connection<TagRow>> {
    const page = pageRequest(args, 1);
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

  @FieldResolver(() => Int, { description: 'Number of taggings with this tag.', complexity: 2 })
  taggingCount(@Root() tag: TagRow, @Ctx() context: RequestContext): Promise<number> {
    return this.loaders.count(context, 'tagging-counts-of-tags', tag.id);
  }
}

function searchKey(search: string | null | undefined): string | null {
  if (search === null || search === undefined) return null;
  const key = tagKey(
    requireLength('search', search, LONGEST_SEARCH)
      .toWellFormed()
      .replace(/\p{Cc}/gu, ' '),
  );
  return key === '' ? null : key;
}
