/** An API key of a program: its role, its user and its expiry. The key itself is not stored. */
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Role } from '../request/access-rules';

export enum ApiRole {
  READER = 'READER',
  USER = 'USER',
  ANALYST = 'ANALYST',
  MEMBER = 'MEMBER',
  ADMIN = 'ADMIN',
}

registerEnumType(ApiRole, {
  name: 'ApiRole',
  description: 'What a caller may do. schema/access.md lists the roles that each root field requires.',
  valuesConfig: {
    READER: { description: "Reads the catalog and anyone's recommendations." },
    USER: {
      description: 'A single user: reads the catalog and their own data; rates and tags as themselves.',
    },
    ANALYST: {
      description:
        'Everything a `READER` may do, plus reading experiments, models, searches, ' +
        'comparisons and reports.',
    },
    MEMBER: {
      description:
        'A trusted application server: reads everything; writes users, movies, ratings and ' +
        'tags for anyone.',
    },
    ADMIN: { description: 'Full access.' },
  },
});

@Entity('api_key')
@ObjectType({
  description:
    'An API key. The key itself is returned once, when it is created, and is stored only as a hash.',
})
export class ApiKey {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  @Field(() => ID, { description: 'Id of the key, for `revokeApiKey`.' })
  id: number;

  @Column('text')
  @Field(() => String, { description: 'Name of the key, for display.' })
  name: string;

  @Column('text')
  @Field(() => ApiRole, { description: 'Role that the key grants.' })
  role: Role;

  @Column('integer', { name: 'user_id', nullable: true })
  @Field(() => ID, {
    nullable: true,
    description: 'User that the key is bound to; null unless the role is `USER`.',
  })
  userId: number | null;

  @Column('bytea', { unique: true, select: false })
  hash: Buffer;

  @Column('boolean', { default: false })
  generated: boolean;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  @Field(() => GraphQLDateTime, { description: 'Time of creation.' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Expiry time; null if the key does not expire.',
  })
  expiresAt: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Time of revocation; null if the key is not revoked.',
  })
  revokedAt: Date | null;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Time of last use, accurate to about two minutes; null if never used.',
  })
  lastUsedAt: Date | null;

  @Column('timestamptz', { name: 'changed_at', default: () => 'now()' })
  changedAt: Date;
}
