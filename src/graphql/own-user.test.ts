import 'reflect-metadata';
import { graphql } from 'graphql';
import { Authorized, Field, ID, ObjectType, Query, Resolver } from 'type-graphql';
import { User } from '../catalog/user.entity';
import type { Role } from '../request/access-rules';
import { RequestContext } from '../request/context';
import { buildNearfieldSchema } from './schema';

@ObjectType({ description: 'Something that somebody made.' })
class Made {
  @Field(() => ID, { description: 'Id.' })
  id: number;

  @Field(() => User, { nullable: true, description: 'By whom.' })
  by: object | null;

  @Field(() => [User], { description: 'Who is near, found later.' })
  async near(): Promise<object[]> {
    return [{ id: 42 }, { id: this.id }];
  }
}

@Resolver()
class MadeResolver {
  @Authorized('READER', 'USER')
  @Query(() => [Made], { description: 'By 42, by 43, by nobody.' })
  made(): Made[] {
    return [42, 43, 0].map((id) => Object.assign(new Made(), { id, by: id === 0 ? null : { id } }));
  }
}

const schema = buildNearfieldSchema([new MadeResolver()]);
const ask = (role: Role, selection: string) =>
  graphql({
    schema,
    source: `{ made { ${selection} } }`,
    contextValue: new RequestContext(role, 'test', role === 'USER' ? 42 : null),
  });

it('a user sees themselves, and nobody else by any way', async () => {
  const { data, errors } = await ask('USER', 'id by { id }');
  expect(data).toEqual({
    made: [
      { id: '42', by: { id: '42' } },
      { id: '43', by: null },
      { id: '0', by: null },
    ],
  });
  expect(errors?.map(({ path, originalError }) => [path, originalError?.name])).toEqual([
    [['made', 1, 'by'], 'ForbiddenError'],
  ]);
  const near = await ask('USER', 'near { id }');
  expect(near.errors?.[0].message).toBe(
    'The caller is user 42, who may not see the identity of other users.',
  );
});

it.each(['READER', 'ANALYST', 'MEMBER', 'ADMIN'] as const)('%s sees everybody', async (role) => {
  const { data, errors } = await ask(role, 'by { id } near { id }');
  expect(errors).toBeUndefined();
  expect(JSON.stringify(data)).toContain('"43"');
});
