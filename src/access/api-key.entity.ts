/** A key that lets a program in: what it may, for whom, until when. The key itself is not kept. */
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
  description: 'What a caller may do. Which root field is open to which role stands in schema/access.md.',
  valuesConfig: {
    READER: { description: 'Reads the catalog, and recommendations for anyone.' },
    USER: {
      description: 'Is one user: reads the catalog and what is theirs, rates and tags for themselves.',
    },
    ANALYST: {
      description: 'A READER who also reads experiments, models, searches, comparisons and reports.',
    },
    MEMBER: {
      description:
        'The trusted service of an application: reads everything, writes users, movies, ratings and tags for anyone.',
    },
    ADMIN: { description: 'May do everything.' },
  },
});

@Entity('api_key')
@ObjectType({
  description:
    'A key that lets a program in. The key itself is shown once, when it is made, and is not kept.',
})
export class ApiKey {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  @Field(() => ID, { description: 'Id of the key, for `revokeApiKey`.' })
  id: number;

  @Column('text')
  @Field(() => String, { description: 'What it is called, for people.' })
  name: string;

  @Column('text')
  @Field(() => ApiRole, { description: 'What its bearer may do.' })
  role: Role;

  @Column('integer', { name: 'user_id', nullable: true })
  @Field(() => ID, {
    nullable: true,
    description: 'The user whom its bearer is; null unless the role is `USER`.',
  })
  userId: number | null;

  @Column('bytea', { unique: true, select: false })
  hash: Buffer;

  @Column('boolean', { default: false })
  generated: boolean;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  @Field(() => GraphQLDateTime, { description: 'When it was made.' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it ends by itself; null: never.' })
  expiresAt: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it was revoked; null when it was not.' })
  revokedAt: Date | null;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When it was last used, to the minute or two; null: never.',
  })
  lastUsedAt: Date | null;

  @Column('timestamptz', { name: 'changed_at', default: () => 'now()' })
  changedAt: Date;
}
