/** Keys over GraphQL: make, list, revoke. For admins. */
import { GraphQLDateTime } from 'graphql-scalars';
import {
  Arg,
  Args,
  Authorized,
  Field,
  FieldResolver,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import type { Database } from '../database/database';
import { sqlFile } from '../database/sql';
import { BadUserInputError, ConflictError, NotFoundError } from '../errors';
import { type Connection, connectionType, PageArgs, pageOf, pageRequest } from '../request/connection';
import { parseId, requireText } from '../request/parameters';
import { ApiKey, ApiRole } from './api-key.entity';
import type { KeyStore } from './key-store';
import { ADMIN_KEYS_LOCK, keyHash, newKey, SQL } from './keys';

const LONGEST_NAME = 100;
const FOREIGN_KEY_VIOLATION = '23503';

@InputType({ description: 'An API key to create.' })
export class CreateApiKeyInput {
  @Field(() => String, { description: 'Name of the key, at most 100 characters.' })
  name: string;

  @Field(() => ApiRole, { description: 'Role that the key grants.' })
  role: ApiRole;

  @Field(() => ID, {
    nullable: true,
    description: 'User to bind the key to; required with the role `USER`, refused with any other.',
  })
  userId?: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Expiry time; the key does not expire if omitted.',
  })
  expiresAt?: Date | null;
}

@ObjectType({ description: 'Result of `createApiKey`.' })
export class CreateApiKeyPayload {
  @Field(() => ApiKey, { description: 'The stored key record.' })
  apiKey: ApiKey;

  @Field(() => String, {
    description: 'The key, for `Authorization: Bearer KEY`. It is not shown again.',
  })
  key: string;
}

@ObjectType({ description: 'Result of `revokeApiKey`.' })
export class RevokeApiKeyPayload {
  @Field(() => ApiKey, { description: 'The revoked key. A key revoked earlier keeps its original time.' })
  apiKey: ApiKey;
}

export const ApiKeyConnection = connectionType<ApiKey>(() => ApiKey, 'ApiKey', 'key');

@Resolver(() => ApiKey)
export class ApiKeyResolver {
  constructor(
    private readonly database: Database,
    private readonly store: KeyStore,
    private readonly adminConfigured: boolean,
  ) {}

  @Authorized('ADMIN')
  @Query(() => ApiKeyConnection, {
    description: 'All stored keys, including revoked ones, ordered by id.',
  })
  async apiKeys(@Args(() => PageArgs) args: PageArgs): Promise<Connection<ApiKey>> {
    const page = pageRequest(args, 1);
    const rows = await this.database.query<ApiKey>(sqlFile(SQL, 'keys-page'), [
      page.after?.[0] ?? null,
      page.first + 1,
    ]);
    const count = async () =>
      (await this.database.query<{ count: number }>('select count(*)::integer as count from api_key'))[0]
        .count;
    return new ApiKeyConnection(
      pageOf(rows, page, ({ id }) => [id]),
      count,
    );
  }

  @Authorized('ADMIN')
  @Mutation(() => CreateApiKeyPayload, {
    description: 'Creates an API key. It is valid at once on this server, within 2 seconds on others.',
  })
  async createApiKey(
    @Arg('input', () => CreateApiKeyInput, { description: 'The key to create.' }) input: CreateApiKeyInput,
  ): Promise<CreateApiKeyPayload> {
    const name = requireText('input.name', input.name, LONGEST_NAME);
    const userId = checkUser(input);
    const expiresAt = checkEnd(input.expiresAt);
    const key = newKey();
    const apiKey = await this.insert([name, input.role, userId, expiresAt, keyHash(key)]);
    this.store.apply(apiKey);
    return { apiKey, key };
  }

  @Authorized('ADMIN')
  @Mutation(() => RevokeApiKeyPayload, {
    description:
      'Revokes a key at once on this server, within 2 seconds on others, and closes its ' +
      'subscriptions. Fails with NOT_FOUND for an unknown key, with CONFLICT for the last ' +
      'admin key if none is configured.',
  })
  async revokeApiKey(
    @Arg('id', () => ID, { description: 'Id of the key.' }) id: string,
  ): Promise<RevokeApiKeyPayload> {
    const keyId = parseId('id', id);
    await this.database.transaction(async (client) => {
      await client.query('select pg_advisory_xact_lock($1)', [ADMIN_KEYS_LOCK]);
      await client.query(sqlFile(SQL, 'revoke-key'), [keyId, this.adminConfigured]);
    });
    const [apiKey] = await this.database.query<ApiKey>(sqlFile(SQL, 'key-by-id'), [keyId]);
    if (!apiKey) throw new NotFoundError('key', keyId);
    if (!apiKey.revokedAt) throw new ConflictError('This is the last admin key. Create another one first.');
    this.store.apply(apiKey);
    return { apiKey };
  }

  @FieldResolver(() => Boolean, {
    description: 'Whether the key is valid: neither revoked nor expired.',
  })
  active(@Root() { revokedAt, expiresAt, generated }: ApiKey): boolean {
    if (generated && this.adminConfigured) return false;
    return revokedAt === null && (expiresAt === null || expiresAt.getTime() > Date.now());
  }

  private async insert(parameters: readonly unknown[]): Promise<ApiKey> {
    try {
      return (await this.database.query<ApiKey>(sqlFile(SQL, 'create-key'), parameters))[0];
    } catch (error) {
      if ((error as { code?: unknown }).code === FOREIGN_KEY_VIOLATION)
        throw new NotFoundError('user', String(parameters[2]));
      throw error;
    }
  }
}

function checkUser({ role, userId }: CreateApiKeyInput): number | null {
  const given = userId !== null && userId !== undefined;
  if (role === ApiRole.USER && !given)
    throw new BadUserInputError('input.userId', 'A key with the role USER requires input.userId.');
  if (role !== ApiRole.USER && given)
    throw new BadUserInputError('input.userId', 'input.userId is allowed only with the role USER.');
  return given ? parseId('input.userId', userId) : null;
}

function checkEnd(expiresAt: Date | null | undefined): Date | null {
  if (expiresAt && expiresAt.getTime() <= Date.now())
    throw new BadUserInputError('input.expiresAt', 'input.expiresAt must be in the future.');
  return expiresAt ?? null;
}
