/** The taste of someone without an account. */
import { Field, Float, ID, InputType } from 'type-graphql';
import { parseId, requireStars } from '../catalog/parameters';
import type { Taste } from '../embedding/taste';
import { BadUserInputError } from '../errors';

const MOST = 500;

@InputType({ description: 'A movie and the stars that one gives it.' })
export class TasteRatingInput {
  @Field(() => ID, { description: 'The movie.' })
  movieId: string;

  @Field(() => Float, { description: 'Stars, from 0.5 to 5 in halves.' })
  value: number;
}

@InputType({
  description:
    'What one likes, without an account. Nothing of it is stored. At least one part should say something: without any, the answer is what is popular.',
})
export class TasteInput {
  @Field(() => [ID], { nullable: true, description: 'Movies that one likes; each counts as rated with five stars. At most 500.' })
  likedMovieIds?: string[] | null;

  @Field(() => [TasteRatingInput], { nullable: true, description: 'Movies with stars, oldest first. At most 500.' })
  ratings?: TasteRatingInput[] | null;

  @Field(() => [ID], {
    nullable: true,
    description:
      'Tags that one likes; each counts as the 5 movies nearest to it, rated with five stars, which may still be recommended. At most 500.',
  })
  likedTagIds?: string[] | null;
}

/** @param known what exists
 *  @throws BadUserInputError naming the entry that is at fault */
export function readTaste(
  input: TasteInput,
  known: { readonly movie: (id: number) => boolean; readonly tag: (id: number) => boolean },
): Taste {
  const existing = (field: string, id: string, exists: (id: number) => boolean, entity: string): number => {
    const number = parseId(field, id);
    if (!exists(number)) throw new BadUserInputError(field, `${field}: there is no ${entity} with id ${number}.`);
    return number;
  };
  return {
    likedMovieIds: limited('taste.likedMovieIds', input.likedMovieIds).map((id, i) =>
      existing(`taste.likedMovieIds.${i}`, id, known.movie, 'movie'),
    ),
    ratings: limited('taste.ratings', input.ratings).map(({ movieId, value }, i) => ({
      movieId: existing(`taste.ratings.${i}.movieId`, movieId, known.movie, 'movie'),
      value: requireStars(`taste.ratings.${i}.value`, value),
    })),
    likedTagIds: limited('taste.likedTagIds', input.likedTagIds).map((id, i) => existing(`taste.likedTagIds.${i}`, id, known.tag, 'tag')),
  };
}

function limited<T>(field: string, list: readonly T[] | null | undefined): readonly T[] {
  if ((list?.length ?? 0) > MOST) throw new BadUserInputError(field, `${field} may have ${MOST} entries at most; got ${list?.length}.`);
  return list ?? [];
}
